package figures

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

// drawSecant has no numbers on its axes: any smooth f and any h would do.
func drawSecant() *figure.Figure {
	const x, h = 1.0, 0.9
	f := func(x float64) float64 { return 0.15 + 0.1*x*x*x }
	slope := 0.3 * x * x
	p := figure.New("", "")
	figure.AddFunction(p, "y = f(x)", f, 0, 2.4, mainLine)
	figure.AddFunction(p, "true tangent at x", func(t float64) float64 { return f(x) + slope*(t-x) }, 0, 2.4,
		draw.LineStyle{Color: figure.Green, Width: figure.Medium})
	secant := (f(x+h) - f(x)) / h
	figure.AddFunction(p, "line through f(x) and f(x+h)", func(t float64) float64 { return f(x) + secant*(t-x) }, 0, 2.4,
		draw.LineStyle{Color: figure.Vermillion, Width: figure.Medium, Dashes: figure.Dashed})
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

func drawFunction1() *figure.Figure { return page(4.4, 3.1, plotFunction1(0)) }

func drawTangents() *figure.Figure {
	plots := []*plot.Plot{plotFunction1(-1), plotFunction1(-1)}
	for i, x := range []float64{5, 10} {
		tangent := chapter4.TangentLine(chapter4.Function1, x)
		name := fmt.Sprintf("tangent at x = %v, slope %.1f", x, chapter4.NumericalDiff(chapter4.Function1, x))
		figure.AddFunction(plots[i], name, tangent, 0, 20, draw.LineStyle{Color: figure.Vermillion, Width: figure.Medium})
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
