package figures

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/chapter4/numbers"
	"numgrad/internal/figure"
)

// drawLosses shows all losses, and the first 1,000.
func drawLosses(run chapter4.Run) *figure.Figure {
	first := run.Losses[:min(1000, len(run.Losses))]
	return page(7, 2.9, figure.Loss(run.Losses), figure.Loss(first))
}

// drawAccuracy shows the accuracies by epoch, from 0 on, and those of the book's
// notebook, which began with other weights, saw other mini-batches and measured
// one step later.
func drawAccuracy(run chapter4.Run) *figure.Figure {
	trainAcc, testAcc := run.Curves()
	p := figure.Accuracy(0, trainAcc, testAcc)
	figure.AddCurve(p, "test acc, book's notebook, 1 step later", byEpoch(0, numbers.NotebookTestAcc()), draw.LineStyle{Color: figure.Black}, draw.RingGlyph{})
	p.Y.Min = 0
	return page(4.8, 3.3, p)
}

// comparison says what drawBackprop shows.
func comparison(numerical, backprop chapter4.Run) string {
	n, b := len(numerical.Log), len(backprop.Log)
	if n == b {
		return "numerical gradients against backprop"
	}
	return fmt.Sprintf("numerical gradients against backprop, the first %d epochs: the logs have %d and %d", min(n, b), n, b)
}

// drawBackprop shows the accuracies of two trainings from the same seed, and
// below how far they are apart, for the epochs that both have.
func drawBackprop(numerical, backprop chapter4.Run) *figure.Figure {
	both := min(len(numerical.Log), len(backprop.Log))
	numerical.Log, backprop.Log = numerical.Log[:both], backprop.Log[:both]
	numericalTrain, numericalTest := afterEpochs(numerical)
	backpropTrain, backpropTest := afterEpochs(backprop)

	above := figure.Accuracy(1, numericalTrain, numericalTest)
	figure.AddTitle(above, "numerical gradients (lines) and backprop (rings)")
	addRings(above, "train acc, backprop", backpropTrain, figure.Blue)
	addRings(above, "test acc, backprop", backpropTest, figure.Vermillion)

	below := figure.New("epoch", "|difference of the loss| (nats)")
	apart := math.Max(
		floats.Distance(numericalTrain, backpropTrain, math.Inf(1)),
		floats.Distance(numericalTest, backpropTest, math.Inf(1)))
	figure.AddTitle(below, fmt.Sprintf("largest difference of the accuracies: %v; of the mean loss of an epoch:", apart))
	below.Y.Tick.Marker = figure.PowerTicks{Every: 1}
	var points plotter.XYs
	for i, e := range numerical.Log {
		if d := math.Abs(e.Loss - backprop.Log[i].Loss); d > 0 {
			points = append(points, plotter.XY{X: float64(e.Epoch), Y: math.Log10(d)})
		}
	}
	figure.AddCurve(below, "", points, draw.LineStyle{Color: figure.Green, Width: figure.Medium}, draw.CircleGlyph{})
	setRange(below, above.X.Min, above.X.Max, -12, -9)
	return &figure.Figure{Width: 5.4 * vg.Inch, Height: 5.4 * vg.Inch, Plots: [][]*plot.Plot{{above}, {below}}}
}

// afterEpochs returns the accuracies of a run without those of epoch 0, next to
// which small differences could not be seen.
func afterEpochs(run chapter4.Run) (trainAcc, testAcc []float64) {
	trainAcc, testAcc = run.Curves()
	return trainAcc[1:], testAcc[1:]
}

// byEpoch returns the points of accuracies that begin with that epoch.
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
