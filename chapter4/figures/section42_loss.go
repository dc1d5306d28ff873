package figures

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

func drawLog() *figure.Figure {
	p := figure.New("x", "y = log x")
	figure.AddFunction(p, "", math.Log, 1e-3, 1, mainLine)
	setRange(p, 0, 1, -5, 0)
	return page(4.4, 3.1, p)
}

func stepFunction(x float64) float64 {
	if x > 0 {
		return 1
	}
	return 0
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// drawActivations shows that a small move changes the sigmoid, and mostly
// nothing of the step function, as it mostly changes nothing of the accuracy.
func drawActivations() *figure.Figure {
	return page(7, 2.9, withSlopes("step function", stepFunction), withSlopes("sigmoid", sigmoid))
}

func withSlopes(title string, f func(float64) float64) *plot.Plot {
	p := figure.New("x", "y")
	figure.AddTitle(p, title)
	figure.AddFunction(p, "", f, -6, 6, mainLine)
	for _, x := range []float64{-2.5, 2.5} {
		figure.AddFunction(p, "", chapter4.TangentLine(f, x), x-1.8, x+1.8, otherLine)
		style := figure.Text(9, figure.Vermillion)
		style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
		aside := math.Copysign(1, x) // towards the empty corners
		figure.AddText(p, x+1.4*aside, f(x)-0.22*aside, fmt.Sprintf("slope %.1g", chapter4.NumericalDiff(f, x)), style)
	}
	setRange(p, -6, 6, -0.1, 1.1)
	return p
}
