package figures

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

func drawGradientField() *figure.Figure {
	p := figure.New("x0", "x1")
	for x0 := -2.0; x0 <= 2; x0 += 0.25 {
		for x1 := -2.0; x1 <= 2; x1 += 0.25 {
			g := chapter4.NumericalGradient(chapter4.Function2, []float64{x0, x1})
			const scale = 0.07 // of the drawn arrows, as in the book
			p.Add(arrow{from: plotter.XY{X: x0, Y: x1}, to: plotter.XY{X: x0 - scale*g[0], Y: x1 - scale*g[1]}})
		}
	}
	setRange(p, -2.1, 2.1, -2.1, 2.1)
	return page(4.4, 4.4, p)
}

// arrow is drawn with a head as large as half its length, up to a limit.
type arrow struct{ from, to plotter.XY }

// Plot draws the arrow: a plot.Plotter.
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

func drawDescent() *figure.Figure {
	_, path := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, 0.1, 20)
	return page(3.9, 4.74, plotPath(path))
}

// drawLearningRates shows 20 steps with five rates, and how high they lead.
func drawLearningRates() *figure.Figure {
	heights := figure.New("step", "f(x0, x1)")
	figure.AddTitle(heights, "f after each step")
	heights.Y.Tick.Marker = figure.PowerTicks{Every: 10}

	// Of two curves that lie on one another, the first is wide and the second a
	// thin dashed line on it.
	wide := func(c color.Color) draw.LineStyle { return draw.LineStyle{Color: c, Width: 2 * figure.Thick} }
	dashed := func(c color.Color) draw.LineStyle {
		return draw.LineStyle{Color: c, Width: figure.Medium, Dashes: figure.Dashed}
	}
	rates := []struct {
		lr    float64
		title string
		style draw.LineStyle
	}{
		{1e-10, "lr = 1e−10: stays", wide(figure.Orange)},
		{0.1, "lr = 0.1: arrives", wide(figure.Sky)},
		{0.9, "lr = 0.9: arrives, zigzag", dashed(figure.Blue)},
		{1, "lr = 1.0: to and fro", dashed(figure.Black)},
		{10, "lr = 10: flies off", draw.LineStyle{Color: figure.Vermillion, Width: figure.Medium}},
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
	heights.X.Tick.Marker = figure.Ticks{Smallest: 5}
	figure.PlaceLegend(heights, true, false)
	heights.Legend.YOffs -= 48 // below the line of lr = 10
	plots = append(plots, heights)
	return &figure.Figure{Width: 7 * vg.Inch, Height: 5.6 * vg.Inch, Plots: [][]*plot.Plot{plots[:3], plots[3:]}}
}

// plotPath returns the plot of a descent, with contours of Function2, in the
// ranges of figure 4-10.
func plotPath(path [][]float64) *plot.Plot {
	p := figure.New("x0", "x1")
	for radius := 1.0; radius <= 5; radius++ {
		p.Add(&plotter.Line{XYs: circle(radius), LineStyle: helpLine})
	}
	points := make(plotter.XYs, len(path))
	for i, x := range path {
		points[i] = plotter.XY{X: x[0], Y: x[1]}
	}
	figure.AddCurve(p, "", points, draw.LineStyle{Color: figure.Blue, Width: figure.Medium}, draw.CircleGlyph{})
	setRange(p, -3.5, 3.5, -4.5, 4.5)
	return p
}

// circle returns a contour of Function2.
func circle(radius float64) plotter.XYs {
	points := make(plotter.XYs, 181)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 180)
		points[i] = plotter.XY{X: radius * cos, Y: radius * sin}
	}
	return points
}
