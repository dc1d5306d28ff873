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

// Training writes a PNG of a training with two panels: the loss by iteration
// (figure 4-11 of the book) and the accuracies by epoch (figure 4-12).
//
// Losses holds the loss of each mini-batch in nats. The accuracies are shares
// from 0 to 1, one for each epoch. Each slice may be empty. Training returns an
// error, and writes nothing, if a number is not finite.
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

// Loss returns a plot of the loss of each mini-batch by iteration, in nats. From
// 1,000 losses on it adds their running mean over a hundredth of them.
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
	AddCurve(p, "each", envelope(losses), draw.LineStyle{Color: paleBlue, Width: Thin}, nil)
	var mean plotter.XYs
	for i := 0; i+window <= len(losses); i += window / 10 {
		mean = append(mean, plotter.XY{X: float64(i) + float64(window+1)/2, Y: floats.Sum(losses[i:i+window]) / float64(window)})
	}
	AddCurve(p, fmt.Sprintf("mean of %d", window), mean, draw.LineStyle{Color: Blue, Width: Thick}, nil)
	PlaceLegend(p, true, false)
	return p
}

// Accuracy returns a plot of the accuracies on the training and the test images
// by epoch, as shares from 0 to 1. The first value belongs to epoch first: 0 if
// it was measured before the training, otherwise 1.
func Accuracy(first int, trainAcc, testAcc []float64) *plot.Plot {
	p := New("epoch", "accuracy (share of images)")
	p.X.Min, p.X.Max = 0, math.Max(2, float64(first+len(trainAcc)-1))
	p.Y.Min, p.Y.Max = 0, 1
	if all := slices.Concat(trainAcc, testAcc); len(all) > 0 { // with room for the legend below the curves
		p.Y.Min = math.Max(0, math.Floor(10*floats.Min(all)-1)/10)
	}
	p.X.Tick.Marker = Ticks{Smallest: 1}
	AddCurve(p, "train acc", series(float64(first), trainAcc), draw.LineStyle{Color: Blue, Width: Medium}, draw.CircleGlyph{})
	AddCurve(p, "test acc", series(float64(first), testAcc), draw.LineStyle{Color: Vermillion, Width: Medium, Dashes: Dashed}, draw.PyramidGlyph{})
	PlaceLegend(p, false, false)
	return p
}

// series returns the points of y at x = first, first+1, …
func series(first float64, y []float64) plotter.XYs {
	points := make(plotter.XYs, len(y))
	for i, v := range y {
		points[i] = plotter.XY{X: first + float64(i), Y: v}
	}
	return points
}

// envelope returns a curve that looks like series(1, y) and has at most 2,002
// points: the smallest and the largest value of each bin.
func envelope(y []float64) plotter.XYs {
	var points plotter.XYs
	first := 1.0
	for bin := range slices.Chunk(y, (len(y)+1000)/1001) {
		low, high := floats.MinIdx(bin), floats.MaxIdx(bin)
		for _, i := range []int{min(low, high), max(low, high)} {
			points = append(points, plotter.XY{X: first + float64(i), Y: bin[i]})
		}
		first += float64(len(bin))
	}
	return points
}
