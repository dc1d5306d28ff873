package main

import (
	"fmt"
	"image/color"
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

// page returns a figure of plots in a row. Its size is in inches.
func page(width, height vg.Length, plots ...*plot.Plot) *figure.Figure {
	return &figure.Figure{Width: width * vg.Inch, Height: height * vg.Inch, Plots: [][]*plot.Plot{plots}}
}

// The styles of most lines.
var (
	mainLine  = draw.LineStyle{Color: figure.Blue, Width: figure.Thick}
	otherLine = draw.LineStyle{Color: figure.Vermillion, Width: figure.Thick}
	helpLine  = draw.LineStyle{Color: figure.Grey, Width: figure.Thin, Dashes: figure.Dashed}
)

func medium(c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: figure.Medium, Dashes: dashes}
}

// setRange sets the ranges of both axes.
func setRange(p *plot.Plot, xMin, xMax, yMin, yMax float64) {
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = xMin, xMax, yMin, yMax
}

// addText writes s at (x, y), aligned in x as given and centred in y.
func addText(p *plot.Plot, x, y float64, s string, size float64, c color.Color, align draw.XAlignment) {
	style := figure.Text(size, c)
	style.XAlign, style.YAlign = align, draw.YCenter
	figure.AddText(p, x, y, s, style)
}

func minusSign(s string) string { return strings.ReplaceAll(s, "-", "−") }

// Section 4.2.

func drawLog() *figure.Figure {
	p := figure.New("x", "y = log x")
	figure.AddFunction(p, "", math.Log, 1e-3, 1, mainLine)
	setRange(p, 0, 1, -5, 0)
	return page(4.4, 3.1, p)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// drawActivations shows the slopes of the step function, which are mostly 0,
// and of the sigmoid.
func drawActivations() *figure.Figure {
	stepFunction := func(x float64) float64 {
		if x > 0 {
			return 1
		}
		return 0
	}
	return page(7, 2.9, withSlopes("step function", stepFunction), withSlopes("sigmoid", sigmoid))
}

func withSlopes(title string, f func(float64) float64) *plot.Plot {
	p := figure.New("x", "y")
	figure.AddTitle(p, title)
	figure.AddFunction(p, "", f, -6, 6, mainLine)
	for _, x := range []float64{-2.5, 2.5} {
		figure.AddFunction(p, "", chapter4.TangentLine(f, x), x-1.8, x+1.8, otherLine)
		aside := math.Copysign(1, x) // towards the empty corners
		addText(p, x+1.4*aside, f(x)-0.22*aside, fmt.Sprintf("slope %.1g", chapter4.NumericalDiff(f, x)), 9, figure.Vermillion, draw.XCenter)
	}
	setRange(p, -6, 6, -0.1, 1.1)
	return p
}

// Section 4.3.1.

// drawSecant has no numbers on its axes: any smooth f and any h would do.
func drawSecant() *figure.Figure {
	const x, h = 1.0, 0.9
	f := func(x float64) float64 { return 0.15 + 0.1*x*x*x }
	line := func(slope float64) func(float64) float64 {
		return func(t float64) float64 { return f(x) + slope*(t-x) }
	}
	p := figure.New("", "")
	figure.AddFunction(p, "y = f(x)", f, 0, 2.4, mainLine)
	figure.AddFunction(p, "true tangent at x", line(0.3*x*x), 0, 2.4, medium(figure.Green))
	figure.AddFunction(p, "line through f(x) and f(x+h)", line(chapter4.ForwardDiff(f, x, h)), 0, 2.4, medium(figure.Vermillion, figure.Dashed...))
	for _, at := range []float64{x, x + h} {
		figure.AddCurve(p, "", plotter.XYs{{X: at, Y: 0}, {X: at, Y: f(at)}}, helpLine, nil)
		figure.AddCurve(p, "", plotter.XYs{{X: 0, Y: f(at)}, {X: at, Y: f(at)}}, helpLine, nil)
		figure.AddCurve(p, "", plotter.XYs{{X: at, Y: f(at)}}, mainLine, draw.CircleGlyph{})
	}
	p.X.Tick.Marker = plot.ConstantTicks{{Value: x, Label: "x"}, {Value: x + h, Label: "x+h"}}
	p.Y.Tick.Marker = plot.ConstantTicks{{Value: f(x), Label: "f(x)"}, {Value: f(x + h), Label: "f(x+h)"}}
	setRange(p, 0, 2.4, 0, 1.4)
	figure.PlaceLegend(p, true, true)
	return page(4.8, 3.3, p)
}

// slopeError returns the relative error of the slope by a difference in T with
// step h: the root mean square over x from −2 to 2, for the sigmoid. (The
// central difference of the book's 0.01x² + 0.1x has no truncation error.)
func slopeError[T float32 | float64](difference func(f func(T) T, x, h T) T, h T) float64 {
	f := func(x T) T { return 1 / (1 + T(math.Exp(float64(-x)))) }
	sum, n := 0.0, 0.0
	for x := -2.0; x <= 2; x += 1. / 64 {
		y := sigmoid(x)
		e := float64(difference(f, T(x), h))/(y*(1-y)) - 1
		sum += float64(e * e)
		n++
	}
	return math.Sqrt(sum / n)
}

// stepErrors returns the steps from 1e-50 to 1, eight to the decade, each with
// its error, and the step with the smallest error. It leaves out steps that are
// 0 in T.
func stepErrors[T float32 | float64](difference func(f func(T) T, x, h T) T) (errors plotter.XYs, best plotter.XY) {
	const perDecade = 8
	best.Y = math.Inf(1)
	for i := -50 * perDecade; i <= 0; i++ {
		h := math.Pow(10, float64(i)/perDecade)
		if T(h) == 0 {
			continue
		}
		e := plotter.XY{X: h, Y: slopeError(difference, T(h))}
		errors = append(errors, e)
		if e.Y < best.Y {
			best = e
		}
	}
	return errors, best
}

// drawStepSize shows the two errors of a difference: truncation where h is too
// large, and round-off where it is too small.
func drawStepSize() *figure.Figure {
	return &figure.Figure{
		Width: 7 * vg.Inch, Height: 5.2 * vg.Inch,
		Plots: [][]*plot.Plot{{plotErrors[float32]("float32", 0x1p-23)}, {plotErrors[float64]("float64", 0x1p-52)}},
	}
}

// plotErrors plots the errors in T, where 1 and 1+ulp are neighbours.
func plotErrors[T float32 | float64](title string, ulp float64) *plot.Plot {
	p := figure.New("step h", "relative error of the slope")
	figure.AddTitle(p, title)
	p.X.Tick.Marker, p.Y.Tick.Marker = figure.PowerTicks{Every: 5}, figure.PowerTicks{Every: 2}
	book := math.Log10(grad.BookStep)
	figure.AddCurve(p, "the book's h = 1e−4", plotter.XYs{{X: book, Y: -12}, {X: book, Y: 0}}, medium(figure.Grey, figure.Dotted...), nil)
	addErrors(p, "forward", chapter4.ForwardDiff[T], medium(figure.Vermillion, figure.Dashed...))
	addErrors(p, "central", chapter4.CentralDiff[T], medium(figure.Blue))
	note := func(h, e float64, s string) {
		addText(p, math.Log10(h), math.Log10(e), s, 8.5, figure.Black, draw.XRight)
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
	errors, best := stepErrors(difference)
	digits := strings.Replace(fmt.Sprintf("%.0e", best.X), "e-0", "e-", 1)
	figure.AddCurve(p, name+", best h = "+minusSign(digits), logarithms(errors...), style, nil)
	figure.AddCurve(p, "", logarithms(best), style, draw.CircleGlyph{})
}

func logarithms(points ...plotter.XY) plotter.XYs {
	logs := make(plotter.XYs, len(points))
	for i, p := range points {
		logs[i] = plotter.XY{X: math.Log10(p.X), Y: math.Log10(p.Y)}
	}
	return logs
}

// Sections 4.3.2 and 4.3.3.

func drawFunction1() *figure.Figure { return page(4.4, 3.1, plotFunction1(0)) }

func drawTangents() *figure.Figure {
	plots := []*plot.Plot{plotFunction1(-1), plotFunction1(-1)}
	for i, x := range []float64{5, 10} {
		name := fmt.Sprintf("tangent at x = %v, slope %.1f", x, chapter4.NumericalDiff(chapter4.Function1, x))
		figure.AddFunction(plots[i], name, chapter4.TangentLine(chapter4.Function1, x), 0, 20, medium(figure.Vermillion))
		figure.AddCurve(plots[i], "", plotter.XYs{{X: x, Y: chapter4.Function1(x)}}, otherLine, draw.CircleGlyph{})
		setRange(plots[i], 0, 20, -1, 6)
		figure.PlaceLegend(plots[i], true, true)
	}
	return page(7, 2.9, plots...)
}

func plotFunction1(yMin float64) *plot.Plot {
	p := figure.New("x", "f(x)")
	figure.AddFunction(p, "", chapter4.Function1, 0, 20, mainLine)
	setRange(p, 0, 20, yMin, 6)
	return p
}

// drawSurface projects the surface by itself: gonum/plot draws in two
// dimensions.
func drawSurface() *figure.Figure {
	p := figure.New("", "")
	p.HideAxes()
	p.X.Width, p.Y.Width = 0, 0
	addBox(p)
	p.Add(surface{})
	setRange(p, -1.55, 1.7, -1.55, 1.45)
	return page(4.3, 4, p)
}

// The box of figure 4-8: x0 and x1 from −reach to reach, f from 0 to top.
const reach, top = 3.0, 18.0

// project maps a point of the box to the page, by parallel rays from 30° above.
func project(at [3]float64) plotter.XY {
	const azimuth, elevation = -math.Pi / 3, math.Pi / 6
	sinA, cosA := math.Sincos(azimuth)
	sinE, cosE := math.Sincos(elevation)
	x, y, z := at[0]/reach, at[1]/reach, 1.6*at[2]/top-0.8
	return plotter.XY{X: -sinA*x + cosA*y, Y: -sinE*(cosA*x+sinA*y) + cosE*z}
}

// addBox draws the floor, the two walls behind, and the three axes.
func addBox(p *plot.Plot) {
	type point = [3]float64
	line := func(c color.Color, corners ...point) {
		points := make(plotter.XYs, len(corners))
		for i, corner := range corners {
			points[i] = project(corner)
		}
		p.Add(&plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: c, Width: figure.Thin}})
	}
	text := func(x0, x1, f float64, s string) {
		at := project(point{x0, x1, f})
		addText(p, at.X, at.Y, s, 8.5, figure.Black, draw.XCenter)
	}
	for v := -reach; v <= reach; v++ {
		line(figure.LightGrey, point{v, -reach, 0}, point{v, reach, 0}, point{v, reach, top})
		line(figure.LightGrey, point{reach, v, 0}, point{-reach, v, 0}, point{-reach, v, top})
		text(v, -reach-0.5, 0, minusSign(fmt.Sprint(v)))
		text(reach+0.5, v, 0, minusSign(fmt.Sprint(v)))
	}
	for f := 3.0; f <= top; f += 3 {
		line(figure.LightGrey, point{-reach, -reach, f}, point{-reach, reach, f}, point{reach, reach, f})
		text(reach+0.4, reach+0.1, f, fmt.Sprint(f))
	}
	line(figure.Grey, point{-reach, -reach, 0}, point{reach, -reach, 0}, point{reach, reach, 0}, point{reach, reach, top})
	text(0, -reach-1.3, 0, "x0")
	text(reach+1.2, 0, 0, "x1")
	text(reach+0.2, reach+0.2, top+1.6, "f(x0, x1)")
}

// surface draws x0² + x1² as a mesh, from behind to the front.
type surface struct{}

// Plot implements [plot.Plotter].
func (surface) Plot(c draw.Canvas, p *plot.Plot) {
	const size = 0.25
	trX, trY := p.Transforms(&c)
	edge := draw.LineStyle{Color: color.White, Width: figure.Thin / 2}
	for x1 := reach - size; x1 >= -reach; x1 -= size {
		for x0 := -reach; x0 < reach; x0 += size {
			var outline []vg.Point
			for _, d := range [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}} {
				x := []float64{x0 + size*d[0], x1 + size*d[1]}
				at := project([3]float64{x[0], x[1], chapter4.Function2(x)})
				outline = append(outline, vg.Point{X: trX(at.X), Y: trY(at.Y)})
			}
			height := chapter4.Function2([]float64{x0 + size/2, x1 + size/2}) / top
			c.FillPolygon(mix(color.NRGBA{0, 84, 150, 255}, color.NRGBA{200, 230, 245, 255}, height), outline)
			c.StrokeLines(edge, outline)
		}
	}
}

// mix returns a for 0, b for 1, and colours between them.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	at := func(a, b uint8) uint8 { return uint8(float64(a) + share*(float64(b)-float64(a))) }
	return color.NRGBA{at(a.R, b.R), at(a.G, b.G), at(a.B, b.B), 255}
}
