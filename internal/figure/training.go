package figure

import (
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Training writes a PNG of a training with two panels: the loss by iteration,
// as figure 4-11 of the book, and the accuracies by epoch, as figure 4-12.
//
// losses are those of the mini-batches, in nats, one for each iteration;
// trainAcc and testAcc are shares from 0 to 1, one for each epoch. Each may be
// empty. Training returns an error, and writes nothing, if a number is not
// finite.
func Training(w io.Writer, losses, trainAcc, testAcc []float64) error {
	for _, curve := range [][]float64{losses, trainAcc, testAcc} {
		for i, v := range curve {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("figure: number %d of a training curve is %v", i+1, v)
			}
		}
	}
	f := Figure{
		Width: 7 * vg.Inch, Height: 2.9 * vg.Inch,
		Plots: [][]*plot.Plot{{Loss(losses), Accuracy(1, trainAcc, testAcc)}},
	}
	return f.PNG(w)
}

// Loss returns the plot of the losses of the mini-batches by iteration, in
// nats: of each, and, from 1,000 on, of their running mean over a hundredth of
// them.
func Loss(losses []float64) *plot.Plot {
	p := New("iteration", "loss of the mini-batch (nats)")
	p.X.Min, p.X.Max = 0, math.Max(2, float64(len(losses)))
	p.Y.Min, p.Y.Max = 0, 1
	if len(losses) > 0 {
		p.Y.Max = math.Ceil(2*floats.Max(losses)) / 2
	}
	p.X.Tick.Marker = Ticks{Smallest: 1}

	window := len(losses) / 100
	if window < 10 {
		AddCurve(p, "", series(1, losses), draw.LineStyle{Color: Blue, Width: Medium}, draw.CircleGlyph{})
		return p
	}
	AddCurve(p, "each", series(1, losses), draw.LineStyle{Color: paleBlue, Width: Thin}, nil)
	mean := series(float64(window+1)/2, runningMean(losses, window))
	AddCurve(p, fmt.Sprintf("mean of %d", window), mean, draw.LineStyle{Color: Blue, Width: Thick}, nil)
	PlaceLegend(p, true, false)
	return p
}

// Accuracy returns the plot of the accuracies, shares from 0 to 1, on the
// training and the test images after each epoch. The first of them belong to
// epoch first: 0 if they were measured before the training, otherwise 1.
func Accuracy(first int, trainAcc, testAcc []float64) *plot.Plot {
	p := New("epoch", "accuracy (share of images)")
	p.X.Min, p.X.Max = 0, math.Max(2, float64(first+len(trainAcc)-1))
	p.Y.Min, p.Y.Max = lowest(trainAcc, testAcc), 1
	p.X.Tick.Marker = Ticks{Smallest: 1}
	AddCurve(p, "train acc", series(float64(first), trainAcc), draw.LineStyle{Color: Blue, Width: Medium}, draw.CircleGlyph{})
	AddCurve(p, "test acc", series(float64(first), testAcc), draw.LineStyle{Color: Vermillion, Width: Medium, Dashes: Dashed}, draw.PyramidGlyph{})
	PlaceLegend(p, false, false)
	return p
}

// lowest returns where an axis of accuracies begins that shows them well, and
// leaves room for the legend below them; 0 if there are none.
func lowest(trainAcc, testAcc []float64) float64 {
	all := slices.Concat(trainAcc, testAcc)
	if len(all) == 0 {
		return 0
	}
	return math.Max(0, math.Floor(10*floats.Min(all)-1)/10)
}

// series returns the points of y at x = first, first+1, …
func series(first float64, y []float64) plotter.XYs {
	points := make(plotter.XYs, len(y))
	for i, v := range y {
		points[i] = plotter.XY{X: first + float64(i), Y: v}
	}
	return points
}

// runningMean returns the means of each window neighbours in y.
func runningMean(y []float64, window int) []float64 {
	mean := make([]float64, len(y)-window+1)
	for i := range mean {
		mean[i] = floats.Sum(y[i:i+window]) / float64(window)
	}
	return mean
}
