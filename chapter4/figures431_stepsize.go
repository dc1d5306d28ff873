package chapter4

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/figure"
	"numgrad/grad"
)

// drawStepSize shows the two enemies of a difference: too large a step, with
// which it is not the derivative, and too small a one, with which f(x+h) and
// f(x) agree in all their digits. f is the sigmoid: the book's 0.01x² + 0.1x
// would have no truncation error with the central difference, for any h.
func drawStepSize() *figure.Figure {
	return &figure.Figure{
		Width: 7 * vg.Inch, Height: 5.2 * vg.Inch,
		Plots: [][]*plot.Plot{{plotErrors[float32]("float32", 0x1p-23)}, {plotErrors[float64]("float64", 0x1p-52)}},
	}
}

// plotErrors returns the plot of the errors in T, in which 1 and 1+ulp are
// neighbours.
func plotErrors[T float32 | float64](title string, ulp float64) *plot.Plot {
	p := figure.New("step h", "relative error of the slope")
	figure.AddTitle(p, title)
	p.X.Tick.Marker, p.Y.Tick.Marker = figure.PowerTicks{Every: 5}, figure.PowerTicks{Every: 2}

	bookStep := draw.LineStyle{Color: figure.Grey, Width: figure.Medium, Dashes: figure.Dotted}
	figure.AddCurve(p, "the book's h = 1e−4", plotter.XYs{{X: math.Log10(grad.BookStep), Y: -12}, {X: math.Log10(grad.BookStep), Y: 0}}, bookStep, nil)
	addErrors(p, "forward", forward[T], draw.LineStyle{Color: figure.Vermillion, Width: figure.Medium, Dashes: figure.Dashed})
	addErrors(p, "central", central[T], draw.LineStyle{Color: figure.Blue, Width: figure.Medium})
	note := func(h, e float64, s string) {
		style := figure.Text(8.5, figure.Black)
		style.XAlign, style.YAlign = draw.XRight, draw.YCenter
		figure.AddText(p, math.Log10(h), math.Log10(e), s, style)
	}
	note(ulp, 20, "x + h = x")
	note(ulp*1e2, 1e-4, "round-off")
	note(0.9, 20, "truncation")
	if h := 1e-50; T(h) == 0 {
		note(1e-46, 1, "h = 0")
	}
	setRange(p, -50, 0, -12, 2)
	figure.PlaceLegend(p, false, true)
	return p
}

// addErrors draws the errors of a difference by h, and marks the best h.
func addErrors[T float32 | float64](p *plot.Plot, name string, difference func(f func(T) T, x, h T) T, style draw.LineStyle) {
	errors, best := errorsByStep(difference)
	digits := strings.NewReplacer("e-0", "e−", "e-", "e−").Replace(fmt.Sprintf("%.0e", math.Pow(10, best.X)))
	figure.AddCurve(p, name+", best h = "+digits, errors, style, nil)
	figure.AddCurve(p, "", plotter.XYs{best}, style, draw.CircleGlyph{})
}

// errorsByStep returns the errors of a difference from h = 1e-50 to 1, and the
// least of them, as decimal logarithms of h and error.
func errorsByStep[T float32 | float64](difference func(f func(T) T, x, h T) T) (errors plotter.XYs, best plotter.XY) {
	const perDecade = 8
	best.Y = math.Inf(1)
	for i := -50 * perDecade; i <= 0; i++ {
		at := plotter.XY{X: float64(i) / perDecade}
		at.Y = math.Log10(relativeError(difference, T(math.Pow(10, at.X))))
		if math.IsNaN(at.Y) { // h itself is 0 in T
			continue
		}
		errors = append(errors, at)
		if at.Y < best.Y {
			best = at
		}
	}
	return errors, best
}

// relativeError returns the root mean square of the relative errors of a
// difference of the sigmoid, computed in T, at x from −2 to 2.
func relativeError[T float32 | float64](difference func(f func(T) T, x, h T) T, h T) float64 {
	f := func(x T) T { return 1 / (1 + T(math.Exp(float64(-x)))) }
	sum, n := 0.0, 0.0
	for x := -2.0; x <= 2; x += 1. / 64 {
		y := sigmoid(x)
		e := float64(difference(f, T(x), h))/(y*(1-y)) - 1
		sum += e * e
		n++
	}
	return math.Sqrt(sum / n)
}

func forward[T float32 | float64](f func(T) T, x, h T) T { return (f(x+h) - f(x)) / h }
func central[T float32 | float64](f func(T) T, x, h T) T { return (f(x+h) - f(x-h)) / (2 * h) }
