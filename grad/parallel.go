package grad

import (
	"fmt"

	"numgrad/internal/parallel"
)

// Parallel is [InPlace] on several goroutines. It calls replica once for each
// of them, for a function and variables of its own: a copy of the same x, and
// an f that reads that copy and shares nothing that it changes. The result is
// that of InPlace on one replica, bit for bit, whatever the number of workers.
//
// A panic of f is raised again in the caller, after all workers have ended.
// Parallel panics if a replica's x does not have the length of dst, or of the
// first replica's x where dst is nil.
func Parallel(dst []float64, replica func() (f func() float64, x []float64), settings *Settings) []float64 {
	s := settings.Resolve()
	workers := make([]worker, 1, s.Workers)
	workers[0].f, workers[0].x = replica()
	dst = destination(dst, workers[0].x)
	for len(workers) < min(s.Workers, len(dst)) {
		f, x := replica()
		if len(x) != len(dst) {
			panic(fmt.Sprintf("grad: replica of %d variables, want %d", len(x), len(dst)))
		}
		workers = append(workers, worker{f, x})
	}

	f0 := origin(workers[0].f, s.Formula)
	parallel.Each(workers, len(dst), func(w worker, i int) {
		dst[i] = difference(w.f, w.x, i, s, f0)
	})
	return dst
}

// worker is what one goroutine owns.
type worker struct {
	f func() float64
	x []float64
}
