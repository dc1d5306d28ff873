package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"numgrad/internal/figure"
	"numgrad/train"
)

// chart is a plot of the page. Its lines are paths in a square of 1000×1000
// that the page stretches; its texts are HTML, which keeps their size.
type chart struct {
	Title, XTitle string
	Alt           string
	X, Y          axis
	Lines         []line
}

type axis struct {
	min, max float64
	Ticks    []tick
}

type tick struct {
	At    float64 // 0 to 1000 along the axis
	Label string
}

// Percent is the tick's place along the axis for texts.
func (t tick) Percent() float64 { return t.At / 10 }

// FromTop is the height of the tick of a vertical axis in the square.
func (t tick) FromTop() float64 { return 1000 - t.At }

// line is one curve, drawn in the style of its class.
type line struct {
	Class, Name string // no name: not in the legend
	Path        string
}

// newAxis returns the axis from min to max with marks at round numbers, whose
// least step is smallest.
func newAxis(min, max, smallest float64, format func(label string) string) axis {
	a := axis{min: min, max: max}
	for _, t := range (figure.Ticks{Smallest: smallest}).Ticks(min, max) {
		a.Ticks = append(a.Ticks, tick{At: math.Round(1000 * a.position(t.Value)), Label: format(t.Label)})
	}
	return a
}

// position returns where v is between the ends of the axis, 0 to 1.
func (a axis) position(v float64) float64 { return (v - a.min) / (a.max - a.min) }

// path returns the curve through the points (x[i], y[i]), as SVG writes it.
func (c *chart) path(x, y []float64) string {
	var b strings.Builder
	for i := range x {
		command := 'L'
		if i == 0 {
			command = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", command, 1000*c.X.position(x[i]), 1000*(1-c.Y.position(y[i])))
	}
	return b.String()
}

// dots returns a line of hardly any length at each point, which its caps make
// a dot however the chart is stretched.
func (c *chart) dots(x, y []float64) string {
	var b strings.Builder
	for i := range x {
		b.WriteString(c.path(x[i:i+1], y[i:i+1]) + "h.1")
	}
	return b.String()
}

// lossChart shows the losses of the mini-batches. Many are put together in
// bins, whose lowest, highest and mean it draws.
func lossChart(losses []float64) chart {
	const bins = 300
	width := (len(losses) + bins - 1) / bins
	var x, low, high, mean []float64
	first := 1.0
	for bin := range slices.Chunk(losses, width) {
		x = append(x, first+float64(len(bin)-1)/2)
		low, high = append(low, floats.Min(bin)), append(high, floats.Max(bin))
		mean = append(mean, stat.Mean(bin, nil))
		first += float64(len(bin))
	}
	c := chart{
		Title:  "Loss of the mini-batches, in nats",
		XTitle: "iteration",
		X:      newAxis(0, math.Max(2, float64(len(losses))), 1, thousands),
		Y:      newAxis(0, math.Max(0.1, 1.02*floats.Max(high)), 0, plain),
	}
	c.Alt = fmt.Sprintf("Curve of the loss by iteration: from %.3g to %.3g, the means of the first and the last %d mini-batches.",
		mean[0], mean[len(mean)-1], width)
	if width == 1 {
		c.Lines = []line{{"loss", "each", c.path(x, mean)}}
		return c
	}
	lowBackwards, xBackwards := slices.Clone(low), slices.Clone(x)
	slices.Reverse(lowBackwards)
	slices.Reverse(xBackwards)
	band := c.path(slices.Concat(x, xBackwards), slices.Concat(high, lowBackwards)) + "Z"
	c.Lines = []line{
		{"band", fmt.Sprintf("lowest to highest of %d", width), band},
		{"loss", fmt.Sprintf("their mean (last %.3f)", mean[len(mean)-1]), c.path(x, mean)},
	}
	return c
}

// accuracyChart shows the accuracies after each epoch.
func accuracyChart(log []train.Epoch) chart {
	var x, trainAcc, testAcc []float64
	for _, e := range log {
		x = append(x, float64(e.Epoch))
		trainAcc, testAcc = append(trainAcc, 100*e.TrainAcc), append(testAcc, 100*e.TestAcc)
	}
	last := log[len(log)-1]
	lowest := math.Max(0, 5*math.Floor(math.Min(floats.Min(trainAcc), floats.Min(testAcc))/5))
	c := chart{
		Title:  "Accuracy after each epoch",
		XTitle: "epoch",
		X:      newAxis(0, math.Max(2, float64(last.Epoch)), 1, plain),
		Y:      newAxis(math.Min(lowest, 95), 100, 0, func(s string) string { return s + " %" }),
		Alt:    fmt.Sprintf("Curves of the accuracy by epoch, to %s on the training images and %s on the test images.", percent(last.TrainAcc, 2), percent(last.TestAcc, 2)),
	}
	c.Lines = []line{
		{"train", "training images: " + percent(last.TrainAcc, 2), c.path(x, trainAcc)},
		{"test", "test images: " + percent(last.TestAcc, 2), c.path(x, testAcc)},
		{"train dots", "", c.dots(x, trainAcc)},
		{"test dots", "", c.dots(x, testAcc)},
	}
	return c
}

func plain(s string) string { return s }
