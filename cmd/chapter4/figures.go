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

type row = []*plot.Plot

// page returns a figure with rows of plots. Its size is in inches.
func page(width, height vg.Length, rows ...row) *figure.Figure {
	return &figure.Figure{Width: width * vg.Inch, Height: height * vg.Inch, Plots: rows}
}

// curve is the graph of a function.
type curve struct {
	name     string
	f        func(float64) float64
	from, to float64
	style    draw.LineStyle
}

// graph plots curves in the ranges xMin, xMax, yMin, yMax.
func graph(title, x, y string, ranges [4]float64, curves ...curve) *plot.Plot {
	p := figure.New(x, y)
	if title != "" {
		figure.AddTitle(p, title)
	}
	for _, c := range curves {
		figure.AddFunction(p, c.name, c.f, c.from, c.to, c.style)
	}
	setRanges(p, ranges)
	return p
}

func setRanges(p *plot.Plot, r [4]float64) {
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = r[0], r[1], r[2], r[3]
}

var (
	mainLine  = draw.LineStyle{Color: figure.Blue, Width: figure.Thick}
	otherLine = draw.LineStyle{Color: figure.Vermillion, Width: figure.Thick}
	helpLine  = draw.LineStyle{Color: figure.Grey, Width: figure.Thin, Dashes: figure.Dashed}
)

func medium(c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: figure.Medium, Dashes: dashes}
}

// addLine draws a line through points. A single point becomes a dot.
func addLine(p *plot.Plot, style draw.LineStyle, points ...plotter.XY) {
	var dot draw.GlyphDrawer
	if len(points) == 1 {
		dot = draw.CircleGlyph{}
	}
	figure.AddCurve(p, "", points, style, dot)
}

func addPolygon(p *plot.Plot, fill color.Color, edge draw.LineStyle, corners ...plotter.XY) {
	polygon, err := plotter.NewPolygon(plotter.XYs(corners))
	if err != nil {
		panic("chapter4: " + err.Error())
	}
	polygon.Color, polygon.LineStyle = fill, edge
	p.Add(polygon)
}

// addText writes s, aligned in x as given and centred in y.
func addText(p *plot.Plot, at plotter.XY, s string, size float64, c color.Color, align draw.XAlignment) {
	style := figure.Text(size, c)
	style.XAlign, style.YAlign = align, draw.YCenter
	figure.AddText(p, at.X, at.Y, s, style)
}

// mix returns a for 0, b for 1, and colours between them.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	at := func(a, b uint8) uint8 { return uint8(float64(a) + share*(float64(b)-float64(a))) }
	return color.NRGBA{at(a.R, b.R), at(a.G, b.G), at(a.B, b.B), 255}
}

// minusSign returns the text of a number, such as 1e-06, as figures have it.
func minusSign(s string) string {
	return strings.NewReplacer("e-0", "e−", "-", "−").Replace(s)
}

// Section 4.2.

func drawLog() *figure.Figure {
	return page(4.4, 3.1, row{graph("", "x", "y = log x", [4]float64{0, 1, -5, 0}, curve{"", math.Log, 1e-3, 1, mainLine})})
}

// drawLossAndAccuracy shows that the loss moves with each change of a weight,
// and that the accuracy jumps.
func drawLossAndAccuracy() *figure.Figure {
	w11 := chapter4.NewSimpleNet().W.At(0, 0)
	plots := make(row, 2)
	for i, y := range []string{"loss", "accuracy"} {
		f := func(w float64) float64 { return lossAndAccuracy(w - w11)[i] }
		plots[i] = graph("", "w11", y, [4]float64{-1, 2, []float64{1.1, 0}[i], []float64{1.3, 0.5}[i]}, curve{"", f, -1, 2, mainLine})
		addLine(plots[i], otherLine, plotter.XY{X: w11, Y: f(w11)})
	}
	return page(7, 2.7, plots)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// drawActivations shows the slopes of the step function, which are mostly 0,
// and of the sigmoid.
func drawActivations() *figure.Figure {
	step := func(x float64) float64 { return math.Ceil(math.Min(1, math.Max(0, x))) }
	plots := make(row, 2)
	for i, f := range []func(float64) float64{step, sigmoid} {
		plots[i] = graph([]string{"step function", "sigmoid"}[i], "x", "y", [4]float64{-6, 6, -0.1, 1.1}, curve{"", f, -6, 6, mainLine})
		for _, x := range []float64{-2.5, 2.5} {
			figure.AddFunction(plots[i], "", chapter4.TangentLine(f, x), x-1.8, x+1.8, otherLine)
			aside := plotter.XY{X: 1.56 * x, Y: f(x) - 0.088*x} // towards the empty corners
			addText(plots[i], aside, fmt.Sprintf("slope %.1g", chapter4.NumericalDiff(f, x)), 9, figure.Vermillion, draw.XCenter)
		}
	}
	return page(7, 2.9, plots)
}

// Section 4.3.1.

// drawSecant has no numbers on its axes: any smooth f and any h would do.
func drawSecant() *figure.Figure {
	const x, h = 1.0, 0.9
	f := func(x float64) float64 { return 0.15 + 0.1*x*x*x }
	line := func(slope float64) func(float64) float64 {
		return func(t float64) float64 { return f(x) + slope*(t-x) }
	}
	p := graph("", "", "", [4]float64{0, 2.4, 0, 1.4}, curve{"y = f(x)", f, 0, 2.4, mainLine},
		curve{"true tangent at x", line(0.3 * x * x), 0, 2.4, medium(figure.Green)},
		curve{"line through f(x) and f(x+h)", line(chapter4.ForwardDiff(f, x, h)), 0, 2.4, medium(figure.Vermillion, figure.Dashed...)})
	for _, t := range []float64{x, x + h} {
		at := plotter.XY{X: t, Y: f(t)}
		addLine(p, helpLine, plotter.XY{X: t}, at, plotter.XY{Y: at.Y})
		addLine(p, mainLine, at)
	}
	p.X.Tick.Marker = plot.ConstantTicks{{Value: x, Label: "x"}, {Value: x + h, Label: "x+h"}}
	p.Y.Tick.Marker = plot.ConstantTicks{{Value: f(x), Label: "f(x)"}, {Value: f(x + h), Label: "f(x+h)"}}
	figure.PlaceLegend(p, true, true)
	return page(4.8, 3.3, row{p})
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

// stepErrors returns the errors of the steps from 1e-50 to 1 that are not 0 in
// T, eight to the decade, and the smallest of them. All are logarithms.
func stepErrors[T float32 | float64](difference func(f func(T) T, x, h T) T) (errors plotter.XYs, best plotter.XY) {
	best.Y = math.Inf(1)
	for log := -50.0; log <= 0; log += 1. / 8 {
		h := T(math.Pow(10, log))
		if h == 0 {
			continue
		}
		e := plotter.XY{X: log, Y: math.Log10(slopeError(difference, h))}
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
	return page(7, 5.2, row{plotErrors[float32]("float32", 0x1p-23)}, row{plotErrors[float64]("float64", 0x1p-52)})
}

// plotErrors plots the errors in T, where 1 and 1+ulp are neighbours.
func plotErrors[T float32 | float64](title string, ulp float64) *plot.Plot {
	p := graph(title, "step h", "relative error of the slope", [4]float64{-50, 0, -12, 2})
	p.X.Tick.Marker, p.Y.Tick.Marker = figure.PowerTicks{Every: 5}, figure.PowerTicks{Every: 2}
	book := math.Log10(grad.BookStep)
	figure.AddCurve(p, "the book's h = 1e−4", plotter.XYs{{X: book, Y: -12}, {X: book, Y: 0}}, medium(figure.Grey, figure.Dotted...), nil)
	add := func(name string, difference func(f func(T) T, x, h T) T, style draw.LineStyle) {
		errors, best := stepErrors(difference)
		figure.AddCurve(p, minusSign(fmt.Sprintf("%s, best h = %.0e", name, math.Pow(10, best.X))), errors, style, nil)
		addLine(p, style, best)
	}
	add("forward", chapter4.ForwardDiff[T], medium(figure.Vermillion, figure.Dashed...))
	add("central", chapter4.CentralDiff[T], medium(figure.Blue))
	note := func(x, y float64, s string) {
		addText(p, plotter.XY{X: x, Y: y}, s, 8.5, figure.Black, draw.XRight)
	}
	note(math.Log10(ulp), 1.3, "x + h = x")
	note(math.Log10(ulp)+2, -4, "round-off")
	note(-0.05, 1.3, "truncation")
	if h := 1e-50; T(h) == 0 {
		note(-46, 0, "h = 0")
	}
	figure.PlaceLegend(p, false, true)
	return p
}

// Sections 4.3.2 and 4.3.3.

func drawFunction1() *figure.Figure {
	return page(4.4, 3.1, row{graph("", "x", "f(x)", [4]float64{0, 20, 0, 6}, curve{"", chapter4.Function1, 0, 20, mainLine})})
}

func drawTangents() *figure.Figure {
	var plots row
	for _, x := range []float64{5, 10} {
		name := fmt.Sprintf("tangent at x = %v, slope %.1f", x, chapter4.NumericalDiff(chapter4.Function1, x))
		p := graph("", "x", "f(x)", [4]float64{0, 20, -1, 6}, curve{"", chapter4.Function1, 0, 20, mainLine},
			curve{name, chapter4.TangentLine(chapter4.Function1, x), 0, 20, medium(figure.Vermillion)})
		addLine(p, otherLine, plotter.XY{X: x, Y: chapter4.Function1(x)})
		figure.PlaceLegend(p, true, true)
		plots = append(plots, p)
	}
	return page(7, 2.9, plots)
}

// drawSurface projects x0² + x1² by parallel rays from 30° above: gonum/plot
// draws in two dimensions.
func drawSurface() *figure.Figure {
	const reach, top = 3.0, 18.0
	sinA, cosA := math.Sincos(-math.Pi / 3)
	sinE, cosE := math.Sincos(math.Pi / 6)
	project := func(x0, x1, f float64) plotter.XY {
		x, y, z := x0/reach, x1/reach, 1.6*f/top-0.8
		return plotter.XY{X: -sinA*x + cosA*y, Y: -sinE*(cosA*x+sinA*y) + cosE*z}
	}
	p := graph("", "", "", [4]float64{-1.55, 1.7, -1.55, 1.45})
	p.HideAxes()
	p.X.Width, p.Y.Width = 0, 0
	text := func(at plotter.XY, s string) {
		addText(p, at, minusSign(s), 8.5, figure.Black, draw.XCenter)
	}
	pale := draw.LineStyle{Color: figure.LightGrey, Width: figure.Thin}
	for v := -reach; v <= reach; v++ {
		f := 3 * (v + reach)
		addLine(p, pale, project(v, -reach, 0), project(v, reach, 0), project(v, reach, top))
		addLine(p, pale, project(reach, v, 0), project(-reach, v, 0), project(-reach, v, top))
		addLine(p, pale, project(-reach, -reach, f), project(-reach, reach, f), project(reach, reach, f))
		text(project(v, -reach-0.5, 0), fmt.Sprint(v))
		text(project(reach+0.5, v, 0), fmt.Sprint(v))
		if f > 0 {
			text(project(reach+0.4, reach+0.1, f), fmt.Sprint(f))
		}
	}
	text(project(0, -reach-1.3, 0), "x0")
	text(project(reach+1.2, 0, 0), "x1")
	text(project(reach+0.2, reach+0.2, top+1.6), "f(x0, x1)")

	const size = 0.25
	at := func(x0, x1 float64) plotter.XY { return project(x0, x1, chapter4.Function2([]float64{x0, x1})) }
	edge := draw.LineStyle{Color: color.White, Width: figure.Thin / 2}
	for x1 := reach - size; x1 >= -reach; x1 -= size { // from behind
		for x0 := -reach; x0 < reach; x0 += size {
			height := chapter4.Function2([]float64{x0 + size/2, x1 + size/2}) / top
			addPolygon(p, mix(color.NRGBA{0, 84, 150, 255}, color.NRGBA{200, 230, 245, 255}, height), edge,
				at(x0, x1), at(x0+size, x1), at(x0+size, x1+size), at(x0, x1+size))
		}
	}
	return page(4.3, 4, row{p})
}
