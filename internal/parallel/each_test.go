package parallel_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"numgrad/internal/parallel"
)

// The squares of 0…4, by two workers with a name each.
func ExampleEach() {
	squares := make([]int, 5)
	parallel.Each([]string{"Ann", "Bob"}, len(squares), func(_ string, i int) { squares[i] = i * i })
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

func TestEachOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		calls := make([]atomic.Int64, 100)
		parallel.Each(make([]int, workers), len(calls), func(_, i int) { calls[i].Add(1) })
		for i := range calls {
			if n := calls[i].Load(); n != 1 {
				t.Errorf("%d workers: %d calls for %d, want 1", workers, n, i)
			}
		}
	}
}

func TestEachPanic(t *testing.T) {
	var running atomic.Int64
	defer func() {
		if r := recover(); r != "at 30" || running.Load() != 0 {
			t.Errorf("panic %v with %d calls still running", r, running.Load())
		}
	}()
	parallel.Each(make([]int, 4), 1000, func(_, i int) {
		running.Add(1)
		defer running.Add(-1)
		if i == 30 {
			panic("at 30")
		}
	})
}
