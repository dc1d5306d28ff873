//go:build unix

package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"

	"numgrad/models"
	"numgrad/nn"
)

// The largest nets that a small file can stand for do not keep their user
// waiting: 5 s on two cores, measured as time of the processor, which other
// work on the machine does not change.
func TestLongLargeNet(t *testing.T) {
	if os.Getenv("NUMGRAD_LONG") == "" {
		t.Skip("NUMGRAD_LONG is not set")
	}
	for _, test := range []struct {
		name     string
		layers   int
		units    int
		weight   float64 // of all layers but the first
		meta     string
		gradient string // what the page says of it
	}{
		{"wide", 1, 5200, 0, "", "the first 100 training images"},
		{"deep", 30, 200, 0, "", "is left out"},
		{"deeper", 400, 60, 0, "", "is left out"},
		{"narrow", 400, 10, 0, "", "the first training image,"},
		{"each unit at its kink", 30, 200, 1. / 200, `{"settings": {"activation": "relu"}}`, "is left out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sizes := slices.Concat([]int{784}, slices.Repeat([]int{test.units}, test.layers), []int{10})
			m := &models.Model{Params: nn.NewParams(sizes...)}
			for _, l := range m.Layers[1:] {
				floats.AddConst(test.weight, l.W.RawMatrix().Data)
			}
			if test.meta != "" {
				m.Meta = []byte(test.meta)
			}
			weights := save(t, m)
			before := processorTime(t)
			_, page := makePage(t, weights)
			if took := processorTime(t) - before; took > 10*time.Second {
				t.Errorf("took %v of the processor, want at most 10 s", took)
			} else {
				t.Logf("took %v of the processor", took)
			}
			if got := page.get(t, "gradients").words(); !strings.Contains(got, test.gradient) {
				t.Errorf("of the gradient the page says %.200q, want %q", got, test.gradient)
			}
		})
	}
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
