package main

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
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

// drawGraph returns a figure of one curve.
func drawGraph(y string, ranges [4]float64, c curve) func() *figure.Figure {
	return func() *figure.Figure { return page(4.4, 3.1, row{graph("", "x", y, ranges, c)}) }
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

// drawLossAndAccuracy shows that the loss moves with each change of a weight,
// and that the accuracy jumps.
func drawLossAndAccuracy() *figure.Figure {
	w11 := chapter4.NewSimpleNet().W.At(0, 0)
	var plots row
	for i, y := range []struct {
		name     string
		min, max float64
	}{{"loss", 1.1, 1.3}, {"accuracy", 0, 0.5}} {
		f := func(w float64) float64 { return lossAndAccuracy(w - w11)[i] }
		plots = append(plots, graph("", "w11", y.name, [4]float64{-1, 2, y.min, y.max}, curve{"", f, -1, 2, mainLine}))
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

// Section 4.4.

func drawGradientField() *figure.Figure {
	p := figure.New("x0", "x1")
	for x0 := -2.0; x0 <= 2; x0 += 0.25 {
		for x1 := -2.0; x1 <= 2; x1 += 0.25 {
			const scale = 0.07 // length of an arrow by the gradient, as in the book
			g := chapter4.NumericalGradient(chapter4.Function2, []float64{x0, x1})
			addArrow(p, plotter.XY{X: x0, Y: x1}, -scale*g[0], -scale*g[1])
		}
	}
	setRanges(p, [4]float64{-2.1, 2.1, -2.1, 2.1})
	return page(4.4, 4.4, row{p})
}

// addArrow draws an arrow from a point. Its head is half as long, up to a limit.
func addArrow(p *plot.Plot, from plotter.XY, dx, dy float64) {
	length := math.Hypot(dx, dy)
	if length == 0 {
		return
	}
	head := min(0.07, length/2) / length
	hx, hy := head*dx, head*dy
	to := plotter.XY{X: from.X + dx, Y: from.Y + dy}
	neck := plotter.XY{X: to.X - hx, Y: to.Y - hy}
	addLine(p, draw.LineStyle{Color: figure.Blue, Width: 0.8}, from, neck)
	addPolygon(p, figure.Blue, draw.LineStyle{}, to,
		plotter.XY{X: neck.X - 0.4*hy, Y: neck.Y + 0.4*hx}, plotter.XY{X: neck.X + 0.4*hy, Y: neck.Y - 0.4*hx})
}

// Section 4.4.1.

// walk is an example of a gradient method.
type walk struct {
	name     string
	f        func(x []float64) float64
	gradient func(x0, x1 float64) (float64, float64) // of f, by calculus
	lr       float64                                 // negative for ascent
	steps    int
	starts   [][3]float64 // x0, x1, and the tolerance at the end
	reach    plotter.XY   // of the plot, from the origin
	levels   []float64    // of the contours
}

var walks = []walk{
	{"x0² − x1²", chapter4.Saddle, func(x0, x1 float64) (float64, float64) { return 2 * x0, -2 * x1 }, 0.1, 100,
		[][3]float64{{-3, 0, 1e-12}, {-3, 1e-6, 1e-5}}, plotter.XY{X: 3.5, Y: 3.5}, []float64{-8, -4, -1, 1, 4, 8}},
	{"(x0² − 1)² + x0/4 + x1²", chapter4.TwoValleys, func(x0, x1 float64) (float64, float64) { return 4*x0*(x0*x0-1) + 0.25, 2 * x1 }, 0.1, 100,
		[][3]float64{{-0.1, 1, 1e-8}, {0.1, 1, 1e-8}}, plotter.XY{X: 2, Y: 1.5}, []float64{-0.2, 0, 0.2, 0.5, 1, 2, 3}},
	{"1 − exp(−(x0² + x1²)/2)", chapter4.Plateau, func(x0, x1 float64) (float64, float64) {
		e := math.Exp(-(x0*x0 + x1*x1) / 2)
		return x0 * e, x1 * e
	}, 0.1, 100, [][3]float64{{-3, 4, 1e-11}, {-1, 1, 1e-11}}, plotter.XY{X: 4.5, Y: 4.5}, []float64{0.2, 0.4, 0.6, 0.8, 0.99}},
	{"x0²/20 + x1²", chapter4.LongBowl, func(x0, x1 float64) (float64, float64) { return x0 / 10, 2 * x1 }, 0.9, 20,
		[][3]float64{{-7, 2, 1e-11}}, plotter.XY{X: 8, Y: 3}, []float64{0.2, 1, 2, 4, 8}},
	{"−x0² − x1², ascent", func(x []float64) float64 { return -chapter4.Function2(x) }, func(x0, x1 float64) (float64, float64) { return -2 * x0, -2 * x1 }, -0.1, 100,
		[][3]float64{{-3, 4, 1e-12}}, plotter.XY{X: 4.5, Y: 4.5}, []float64{-25, -16, -9, -4, -1}},
}

// paths returns the path from each start, with its end.
func (w walk) paths() (paths [][][]float64) {
	for _, start := range w.starts {
		x, path := chapter4.GradientDescent(w.f, start[:2], w.lr, w.steps)
		paths = append(paths, append(path, x))
	}
	return paths
}

// walkNumbers compares the end of each walk with the end of the same walk by the
// exact gradient.
func walkNumbers() (numbers []number) {
	for _, w := range walks {
		for i, path := range w.paths() {
			x0, x1, tolerance := w.starts[i][0], w.starts[i][1], w.starts[i][2]
			what := fmt.Sprintf("%s from (%v, %v), lr = %v, %d steps", w.name, x0, x1, math.Abs(w.lr), w.steps)
			for range w.steps {
				g0, g1 := w.gradient(x0, x1)
				x0, x1 = x0-w.lr*g0, x1-w.lr*g1
			}
			numbers = append(numbers, added(minusSign(what), tolerance, []float64{x0, x1}, path[w.steps]...))
		}
	}
	return numbers
}

// drawWalks shows the walks, and the two valleys in profile.
func drawWalks() *figure.Figure {
	var plots row
	for _, w := range walks {
		p := plotPaths(w.f, w.reach, w.levels, w.paths()...)
		figure.AddTitle(p, w.name)
		plots = append(plots, p)
	}
	valleys := func(x0 float64) float64 { return chapter4.TwoValleys([]float64{x0, 0}) }
	profile := graph("(x0² − 1)² + x0/4", "x0", "f(x0, 0)", [4]float64{-2, 2, -0.5, 2.5}, curve{"", valleys, -2, 2, mainLine})
	for _, path := range walks[1].paths() {
		x0 := path[walks[1].steps][0]
		addLine(profile, otherLine, plotter.XY{X: x0, Y: valleys(x0)})
	}
	return page(7, 5, row{plots[0], plots[1], profile}, plots[2:])
}

// plotPaths plots contours of f, darker where f is lower, and paths on them.
func plotPaths(f func(x []float64) float64, reach plotter.XY, levels []float64, paths ...[][]float64) *plot.Plot {
	p := figure.New("x0", "x1")
	contour := plotter.NewContour(grid{f, reach}, levels, nil)
	contour.LineStyles = nil
	for i := range levels {
		contour.LineStyles = append(contour.LineStyles, medium(mix(figure.Grey, figure.LightGrey, float64(i)/float64(len(levels)))))
	}
	p.Add(contour)
	for i, path := range slices.Backward(paths) { // the first path is on top
		points := make(plotter.XYs, len(path))
		for k, x := range path {
			points[k] = plotter.XY{X: x[0], Y: x[1]}
		}
		style := medium([]color.Color{figure.Blue, figure.Vermillion}[i])
		figure.AddCurve(p, "", points, style, draw.CircleGlyph{})
		addLine(p, style, points[0])
		addLine(p, style, points[len(points)-1])
	}
	setRanges(p, [4]float64{-reach.X, reach.X, -reach.Y, reach.Y})
	return p
}

// grid implements [plotter.GridXYZ]: f at the points of a plot. Gonum's contours
// fail at a point with the very value of a level, so the points are no round
// numbers.
type grid struct {
	f     func(x []float64) float64
	reach plotter.XY
}

// Dims returns the numbers of columns and rows.
func (g grid) Dims() (c, r int) { return 120, 120 }

// X returns x0 in column c.
func (g grid) X(c int) float64 { return g.reach.X * (float64(c)/59.3 - 1) }

// Y returns x1 in row r.
func (g grid) Y(r int) float64 { return g.reach.Y * (float64(r)/59.1 - 1) }

// Z returns f in column c and row r.
func (g grid) Z(c, r int) float64 { return g.f([]float64{g.X(c), g.Y(r)}) }

// descend returns the path of a descent on Function2 from (−3, 4), with its end,
// and its plot in the ranges of figure 4-10.
func descend(lr float64, steps int) ([][]float64, *plot.Plot) {
	x, path := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, lr, steps)
	path = append(path, x)
	return path, plotPaths(chapter4.Function2, plotter.XY{X: 3.5, Y: 4.5}, []float64{1, 4, 9, 16, 25}, path)
}

func drawDescent() *figure.Figure {
	_, p := descend(0.1, 20)
	return page(3.9, 4.74, row{p})
}

// drawLearningRates shows 20 steps with each of five rates, and f after them.
// Where two curves of f coincide, the second is thin and dashed.
func drawLearningRates() *figure.Figure {
	heights := figure.New("step", "f(x0, x1)")
	heights.X.Tick.Marker, heights.Y.Tick.Marker = figure.Ticks{Smallest: 5}, figure.PowerTicks{Every: 10}
	styles := []draw.LineStyle{{Color: figure.Orange, Width: 2 * figure.Thick}, {Color: figure.Sky, Width: 2 * figure.Thick},
		medium(figure.Blue, figure.Dashed...), medium(figure.Black, figure.Dashed...), medium(figure.Vermillion)}
	var plots row
	for i, lr := range []float64{1e-10, 0.1, 0.9, 1, 10} {
		path, p := descend(lr, 20)
		name := minusSign(fmt.Sprintf("lr = %v", lr))
		figure.AddTitle(p, name)
		plots = append(plots, p)
		points := make(plotter.XYs, len(path))
		for k, x := range path {
			points[k] = plotter.XY{X: float64(k), Y: math.Log10(chapter4.Function2(x))}
		}
		figure.AddCurve(heights, name, points, styles[i], nil)
	}
	figure.PlaceLegend(heights, true, false)
	heights.Legend.YOffs -= 48 // below the line of lr = 10
	return page(7, 5.6, plots[:3], append(plots[3:], heights))
}

// Section 4.4.2.

func drawSimpleNet() *figure.Figure {
	net := chapter4.NewSimpleNet()
	dW := net.Gradient(func() float64 { return net.Loss([]float64{0.6, 0.9}, []float64{0, 0, 1}) })
	return page(7, 2.3, row{plotMatrix("W", "w", net.W), plotMatrix("∂L / ∂W", "∂L/∂w", dW)})
}

// plotMatrix writes the elements of m on tiles: blue for 1, vermillion for −1.
func plotMatrix(title, name string, m *mat.Dense) *plot.Plot {
	rows, cols := m.Dims()
	p := graph(title, "", "", [4]float64{0, float64(cols), 0, float64(rows)})
	p.HideAxes()
	for i := range rows {
		for j := range cols {
			x, y, v, full := float64(j), float64(rows-1-i), m.At(i, j), figure.Blue
			if v < 0 {
				full = figure.Vermillion
			}
			addPolygon(p, mix(color.NRGBA{255, 255, 255, 255}, full, 0.6*math.Abs(v)), draw.LineStyle{Color: color.White, Width: figure.Thick},
				plotter.XY{X: x, Y: y}, plotter.XY{X: x + 1, Y: y}, plotter.XY{X: x + 1, Y: y + 1}, plotter.XY{X: x, Y: y + 1})
			addText(p, plotter.XY{X: x + 0.5, Y: y + 0.72}, fmt.Sprintf("%s%d%d", name, i+1, j+1), 9, figure.Black, draw.XCenter)
			addText(p, plotter.XY{X: x + 0.5, Y: y + 0.38}, minusSign(fmt.Sprintf("%.4f", v)), 11, figure.Black, draw.XCenter)
		}
	}
	return p
}

// Section 4.5.

// drawLosses shows all losses, and the first 1,000.
func drawLosses(run chapter4.Run) *figure.Figure {
	return page(7, 2.9, row{figure.Loss(run.Losses), figure.Loss(run.Losses[:min(1000, len(run.Losses))])})
}

// drawAccuracy shows the accuracies by epoch, and the test accuracies of the
// book's notebook, which drew other random numbers and measured one step later.
func drawAccuracy(run chapter4.Run) *figure.Figure {
	trainAcc, testAcc := run.Curves()
	p := figure.Accuracy(0, trainAcc, testAcc)
	var notebookAcc []float64
	for pair := range slices.Chunk(published()[notebook], 2) {
		notebookAcc = append(notebookAcc, pair[1]) // after its train acc
	}
	figure.AddCurve(p, "test acc, book's notebook, 1 step later", byEpoch(0, notebookAcc), draw.LineStyle{Color: figure.Black}, draw.RingGlyph{})
	p.Y.Min = 0
	return page(4.8, 3.3, row{p})
}

// drawBackprop compares two trainings of as many epochs: their accuracies above,
// the differences of their losses below. It leaves out epoch 0, where all
// accuracies are low.
func drawBackprop(numerical, backprop chapter4.Run) *figure.Figure {
	nTrain, nTest := numerical.Curves()
	bTrain, bTest := backprop.Curves()
	above := figure.Accuracy(1, nTrain[1:], nTest[1:])
	figure.AddCurve(above, "train acc, backprop", byEpoch(1, bTrain[1:]), draw.LineStyle{Color: figure.Black}, draw.CrossGlyph{})
	figure.AddCurve(above, "test acc, backprop", byEpoch(1, bTest[1:]), draw.LineStyle{Color: figure.Black}, draw.PlusGlyph{})

	below := graph("", "epoch", "|difference of the loss|", [4]float64{above.X.Min, above.X.Max, -12, -9})
	below.Y.Tick.Marker = figure.PowerTicks{Every: 1}
	var points plotter.XYs
	for i, e := range numerical.Log {
		if d := math.Abs(e.Loss - backprop.Log[i].Loss); d > 0 {
			points = append(points, plotter.XY{X: float64(i + 1), Y: math.Log10(d)})
		}
	}
	figure.AddCurve(below, "", points, medium(figure.Green), draw.CircleGlyph{})
	return page(5.4, 5.4, row{above}, row{below})
}

// byEpoch returns the points of accuracies, from the given epoch on.
func byEpoch(epoch int, acc []float64) plotter.XYs {
	points := make(plotter.XYs, len(acc))
	for i, v := range acc {
		points[i] = plotter.XY{X: float64(epoch + i), Y: v}
	}
	return points
}
