package main

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

// Section 4.4.

func drawGradientField() *figure.Figure {
	p := figure.New("x0", "x1")
	for x0 := -2.0; x0 <= 2; x0 += 0.25 {
		for x1 := -2.0; x1 <= 2; x1 += 0.25 {
			g := chapter4.NumericalGradient(chapter4.Function2, []float64{x0, x1})
			const scale = 0.07 // length of an arrow by the gradient, as in the book
			p.Add(arrow{from: plotter.XY{X: x0, Y: x1}, to: plotter.XY{X: x0 - scale*g[0], Y: x1 - scale*g[1]}})
		}
	}
	setRange(p, -2.1, 2.1, -2.1, 2.1)
	return page(4.4, 4.4, p)
}

// arrow has a head of half its length, up to a limit.
type arrow struct{ from, to plotter.XY }

// Plot implements [plot.Plotter].
func (a arrow) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	from, to := vg.Point{X: trX(a.from.X), Y: trY(a.from.Y)}, vg.Point{X: trX(a.to.X), Y: trY(a.to.Y)}
	along := to.Sub(from)
	length := vg.Length(math.Hypot(float64(along.X), float64(along.Y)))
	if length == 0 {
		return
	}
	head := along.Scale(min(4.5, length/2) / length)
	neck := to.Sub(head)
	side := vg.Point{X: -head.Y, Y: head.X}.Scale(0.4)
	c.StrokeLine2(draw.LineStyle{Color: figure.Blue, Width: 0.8}, from.X, from.Y, neck.X, neck.Y)
	c.FillPolygon(figure.Blue, []vg.Point{to, neck.Add(side), neck.Sub(side)})
}

// Section 4.4.1.

func drawDescent() *figure.Figure {
	_, path := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, 0.1, 20)
	return page(3.9, 4.74, plotPath(path))
}

// drawLearningRates shows 20 steps with each of five rates, and f after them.
func drawLearningRates() *figure.Figure {
	heights := figure.New("step", "f(x0, x1)")
	figure.AddTitle(heights, "f after each step")
	heights.X.Tick.Marker, heights.Y.Tick.Marker = figure.Ticks{Smallest: 5}, figure.PowerTicks{Every: 10}

	// Where two curves coincide, the second is thin and dashed.
	wide := func(c color.Color) draw.LineStyle { return draw.LineStyle{Color: c, Width: 2 * figure.Thick} }
	rates := []struct {
		lr    float64
		title string
		style draw.LineStyle
	}{
		{1e-10, "lr = 1e−10: stays", wide(figure.Orange)},
		{0.1, "lr = 0.1: arrives", wide(figure.Sky)},
		{0.9, "lr = 0.9: arrives, zigzag", medium(figure.Blue, figure.Dashed...)},
		{1, "lr = 1.0: to and fro", medium(figure.Black, figure.Dashed...)},
		{10, "lr = 10: flies off", medium(figure.Vermillion)},
	}
	var plots []*plot.Plot
	for _, r := range rates {
		x, path := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, r.lr, 20)
		path = append(path, x)
		p := plotPath(path)
		figure.AddTitle(p, r.title)
		plots = append(plots, p)

		name, _, _ := strings.Cut(r.title, ":")
		var points plotter.XYs
		for i, x := range path {
			points = append(points, plotter.XY{X: float64(i), Y: math.Log10(chapter4.Function2(x))})
		}
		figure.AddCurve(heights, name, points, r.style, nil)
	}
	figure.PlaceLegend(heights, true, false)
	heights.Legend.YOffs -= 48 // below the line of lr = 10
	plots = append(plots, heights)
	return &figure.Figure{Width: 7 * vg.Inch, Height: 5.6 * vg.Inch, Plots: [][]*plot.Plot{plots[:3], plots[3:]}}
}

// plotPath plots a descent and contours of Function2, in the ranges of figure
// 4-10.
func plotPath(path [][]float64) *plot.Plot {
	p := figure.New("x0", "x1")
	for radius := 1.0; radius <= 5; radius++ {
		circle := make(plotter.XYs, 181)
		for i := range circle {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 180)
			circle[i] = plotter.XY{X: radius * cos, Y: radius * sin}
		}
		figure.AddCurve(p, "", circle, helpLine, nil)
	}
	points := make(plotter.XYs, len(path))
	for i, x := range path {
		points[i] = plotter.XY{X: x[0], Y: x[1]}
	}
	figure.AddCurve(p, "", points, medium(figure.Blue), draw.CircleGlyph{})
	setRange(p, -3.5, 3.5, -4.5, 4.5)
	return p
}

// Section 4.4.2.

func drawSimpleNet() *figure.Figure {
	net := chapter4.NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	dW := net.Gradient(func() float64 { return net.Loss(x, t) })
	return page(7, 2.3, plotMatrix("W", "w", net.W), plotMatrix("∂L / ∂W", "∂L/∂w", dW))
}

// plotMatrix writes the elements of m on tiles: blue for 1, vermillion for −1.
func plotMatrix(title, name string, m *mat.Dense) *plot.Plot {
	p := figure.New("", "")
	figure.AddTitle(p, title)
	p.HideAxes()
	rows, cols := m.Dims()
	for i := range rows {
		for j := range cols {
			x, y, v := float64(j), float64(rows-1-i), m.At(i, j)
			tile, err := plotter.NewPolygon(plotter.XYs{{X: x, Y: y}, {X: x + 1, Y: y}, {X: x + 1, Y: y + 1}, {X: x, Y: y + 1}})
			if err != nil {
				panic("chapter4: " + err.Error())
			}
			full := figure.Blue
			if v < 0 {
				full = figure.Vermillion
			}
			tile.Color = mix(color.NRGBA{255, 255, 255, 255}, full, 0.6*math.Abs(v))
			tile.LineStyle = draw.LineStyle{Color: color.White, Width: figure.Thick}
			p.Add(tile)
			italic := figure.Italic(9, figure.Black)
			italic.XAlign, italic.YAlign = draw.XCenter, draw.YCenter
			figure.AddText(p, x+0.5, y+0.72, fmt.Sprintf("%s%d%d", name, i+1, j+1), italic)
			addText(p, x+0.5, y+0.38, minusSign(fmt.Sprintf("%.4f", v)), 11, figure.Black, draw.XCenter)
		}
	}
	setRange(p, 0, float64(cols), 0, float64(rows))
	return p
}

// Section 4.5.

// drawLosses shows all losses, and the first 1,000.
func drawLosses(run chapter4.Run) *figure.Figure {
	return page(7, 2.9, figure.Loss(run.Losses), figure.Loss(run.Losses[:min(1000, len(run.Losses))]))
}

// drawAccuracy shows the accuracies by epoch, and the test accuracies of the
// book's notebook, which drew other random numbers and measured one step later.
func drawAccuracy(run chapter4.Run) *figure.Figure {
	trainAcc, testAcc := run.Curves()
	p := figure.Accuracy(0, trainAcc, testAcc)
	var notebookAcc []float64
	for i, acc := range published()[notebook] {
		if i%2 == 1 { // after its train acc
			notebookAcc = append(notebookAcc, acc)
		}
	}
	figure.AddCurve(p, "test acc, book's notebook, 1 step later", byEpoch(0, notebookAcc), draw.LineStyle{Color: figure.Black}, draw.RingGlyph{})
	p.Y.Min = 0
	return page(4.8, 3.3, p)
}

// comparison describes drawBackprop.
func comparison(numerical, backprop chapter4.Run) string {
	n, b := len(numerical.Log), len(backprop.Log)
	if n == b {
		return "numerical gradients against backprop"
	}
	return fmt.Sprintf("numerical gradients against backprop, the first %d epochs: the logs have %d and %d", min(n, b), n, b)
}

// drawBackprop compares two trainings from the same seed over the epochs that
// both have: their accuracies above, the differences of their losses below. It
// leaves out epoch 0, where all accuracies are low.
func drawBackprop(numerical, backprop chapter4.Run) *figure.Figure {
	both := min(len(numerical.Log), len(backprop.Log))
	nTrain, nTest := numerical.Curves()
	bTrain, bTest := backprop.Curves()
	nTrain, nTest, bTrain, bTest = nTrain[1:1+both], nTest[1:1+both], bTrain[1:1+both], bTest[1:1+both]

	above := figure.Accuracy(1, nTrain, nTest)
	figure.AddTitle(above, "numerical gradients (lines) and backprop (rings)")
	addRings(above, "train acc, backprop", bTrain, figure.Blue)
	addRings(above, "test acc, backprop", bTest, figure.Vermillion)

	below := figure.New("epoch", "|difference of the loss| (nats)")
	apart := math.Max(floats.Distance(nTrain, bTrain, math.Inf(1)), floats.Distance(nTest, bTest, math.Inf(1)))
	figure.AddTitle(below, fmt.Sprintf("largest difference of the accuracies: %v; of the mean loss of an epoch:", apart))
	below.Y.Tick.Marker = figure.PowerTicks{Every: 1}
	var points plotter.XYs
	for i := range both {
		if d := math.Abs(numerical.Log[i].Loss - backprop.Log[i].Loss); d > 0 {
			points = append(points, plotter.XY{X: float64(i + 1), Y: math.Log10(d)})
		}
	}
	figure.AddCurve(below, "", points, medium(figure.Green), draw.CircleGlyph{})
	setRange(below, above.X.Min, above.X.Max, -12, -9)
	return &figure.Figure{Width: 5.4 * vg.Inch, Height: 5.4 * vg.Inch, Plots: [][]*plot.Plot{{above}, {below}}}
}

// byEpoch returns the points of accuracies, beginning with the given epoch.
func byEpoch(first int, acc []float64) plotter.XYs {
	points := make(plotter.XYs, len(acc))
	for i, v := range acc {
		points[i] = plotter.XY{X: float64(first + i), Y: v}
	}
	return points
}

func addRings(p *plot.Plot, name string, acc []float64, c color.Color) {
	rings := &plotter.Scatter{XYs: byEpoch(1, acc), GlyphStyle: draw.GlyphStyle{Color: c, Radius: 4, Shape: draw.RingGlyph{}}}
	p.Add(rings)
	p.Legend.Add(name, rings)
}
