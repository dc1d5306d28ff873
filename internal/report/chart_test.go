package report

import (
	"strings"
	"testing"

	"numgrad/train"
)

func TestPath(t *testing.T) {
	c := chart{X: axis{min: 0, max: 4}, Y: axis{min: 1, max: 2}}
	if got, want := c.path([]float64{0, 1, 4}, []float64{1, 2, 1.5}), "M0.0 1000.0L250.0 0.0L1000.0 500.0"; got != want {
		t.Errorf("the path is %s, want %s", got, want)
	}
	if got, want := c.dots([]float64{0, 4}, []float64{1, 2}), "M0.0 1000.0h.1M1000.0 0.0h.1"; got != want {
		t.Errorf("the dots are %s, want %s", got, want)
	}
}

// Few losses are drawn as they are, many in bins.
func TestLossChart(t *testing.T) {
	c := lossChart([]float64{4, 2, 3})
	if len(c.Lines) != 1 || strings.Count(c.Lines[0].Path, "L") != 2 {
		t.Errorf("three losses are drawn as %+v, want one line of three points", c.Lines)
	}
	losses := make([]float64, 601) // bins of 3, and one of the last alone
	for i := range losses {
		losses[i] = float64(i % 3)
	}
	losses[600] = 7
	c = lossChart(losses)
	if len(c.Lines) != 2 {
		t.Fatalf("601 losses are drawn as %d lines, want a band and a mean", len(c.Lines))
	}
	if got := strings.Count(c.Lines[1].Path, "L"); got != 200 {
		t.Errorf("the mean has %d points, want 201", got+1)
	}
	if got, want := c.Lines[1].Name, "their mean (last 7.000)"; got != want {
		t.Errorf("the mean is called %q, want %q", got, want)
	}
	if !strings.HasPrefix(c.Lines[0].Path, "M"+strings.TrimPrefix(c.path([]float64{2}, []float64{2}), "M")) {
		t.Errorf("the band begins %.20s, want at the highest of the first three losses, above iteration 2", c.Lines[0].Path)
	}
}

func TestAccuracyChart(t *testing.T) {
	c := accuracyChart([]train.Epoch{{Epoch: 1, TrainAcc: 0.42, TestAcc: 0.4}, {Epoch: 2, TrainAcc: 1, TestAcc: 0.5}})
	if c.Y.min != 40 || c.Y.max != 100 {
		t.Errorf("the axis goes from %v to %v, want 40 to 100", c.Y.min, c.Y.max)
	}
	if got, want := c.Lines[0].Path, "M500.0 966.7L1000.0 0.0"; got != want {
		t.Errorf("the training accuracy is drawn as %s, want %s", got, want)
	}
	if got, want := c.Lines[1].Name, "test images: 50.00 %"; got != want {
		t.Errorf("the test accuracy is called %q, want %q", got, want)
	}
}
