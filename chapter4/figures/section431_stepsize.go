package figures

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/grad"
	"numgrad/internal/figure"
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
	addErrors(p, "forward", chapter4.ForwardDiff[T], draw.LineStyle{Color: figure.Vermillion, Width: figure.Medium, Dashes: figure.Dashed})
	addErrors(p, "central", chapter4.CentralDiff[T], draw.LineStyle{Color: figure.Blue, Width: figure.Medium})
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
	errors := chapter4.StepErrors(difference)
	points := make(plotter.XYs, len(errors))
	for i, e := range errors {
		points[i] = logarithms(e)
	}
	best := chapter4.BestStep(errors)
	digits := strings.NewReplacer("e-0", "e−", "e-", "e−").Replace(fmt.Sprintf("%.0e", best.H))
	figure.AddCurve(p, name+", best h = "+digits, points, style, nil)
	figure.AddCurve(p, "", plotter.XYs{logarithms(best)}, style, draw.CircleGlyph{})
}

func logarithms(e chapter4.StepError) plotter.XY {
	return plotter.XY{X: math.Log10(e.H), Y: math.Log10(e.Error)}
}
