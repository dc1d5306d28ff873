package main

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

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

// walkNumbers returns the ends of the walks, beside the ends of the same steps
// with the gradient by calculus.
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

func (g grid) Dims() (c, r int)   { return 120, 120 }
func (g grid) X(c int) float64    { return g.reach.X * (float64(c)/59.3 - 1) }
func (g grid) Y(r int) float64    { return g.reach.Y * (float64(r)/59.1 - 1) }
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
