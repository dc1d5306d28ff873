package grad_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"numgrad/grad"
)

func TestParallelSameBits(t *testing.T) {
	for _, n := range []int{0, 1, 5, 97} {
		x := normal(n)
		for name, formula := range formulas {
			settings := grad.Settings{Formula: formula}
			want := grad.Gradient(nil, wavy, x, &settings)
			for workers := 1; workers <= 9; workers++ {
				settings.Workers = workers
				got := grad.Parallel(nil, func() (func() float64, []float64) {
					own := slices.Clone(x)
					return func() float64 { return wavy(own) }, own
				}, &settings)
				if !slices.Equal(toBits(got), toBits(want)) {
					t.Errorf("%s, %d variables, %d workers: %v, want %v", name, n, workers, got, want)
				}
			}
		}
	}
}

// The panic of one worker comes out of Parallel, when no f runs any more and
// every x is as it was.
func TestParallelPanic(t *testing.T) {
	at := slices.Repeat(awkward(), 100)
	for name, formula := range formulas {
		var (
			replicas       [][]float64
			calls, running atomic.Int64
		)
		replica := func() (func() float64, []float64) {
			own := slices.Clone(at)
			replicas = append(replicas, own)
			return func() float64 {
				running.Add(1)
				defer running.Add(-1)
				if calls.Add(1) == 7 {
					panic("f fails")
				}
				time.Sleep(time.Millisecond)
				return 0
			}, own
		}
		r := panicOf(func() {
			grad.Parallel(nil, replica, &grad.Settings{Formula: formula, Workers: 3})
		})
		if r != "f fails" {
			t.Errorf("%s: recovered %v, want the panic of f", name, r)
		}
		if n := running.Load(); n != 0 {
			t.Errorf("%s: %d calls of f still run", name, n)
		}
		if n := int(calls.Load()); n >= len(at) {
			t.Errorf("%s: the others went on to %d calls after a panic at the seventh", name, n)
		}
		for _, x := range replicas {
			if !slices.Equal(toBits(x), toBits(at)) {
				t.Errorf("%s: x of a replica is %v", name, x)
			}
		}
	}
}
