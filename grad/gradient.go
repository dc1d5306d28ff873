// Package grad estimates derivatives of any function from its values,
// by finite differences: sections 4.3 and 4.4 of "Deep Learning from Scratch".
//
// A derivative is the limit of (f(x+h) − f(x)) / h for h → 0. On a computer h cannot
// be arbitrarily small: x + 10e-50 is x, and f(x+h) − f(x) loses its digits long before
// that. The default here is the book's: h = 1e-4 and the central difference
// (f(x+h) − f(x−h)) / 2h, with an error proportional to h².
//
// The functions displace one element of x in place, call f, and restore the saved
// bits.
package grad

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/diff/fd"
)

// Derivative estimates df/dx at x: numerical_diff of section 4.3.1.
func Derivative(f func(float64) float64, x float64, settings *Settings) float64 {
	at := []float64{x}
	return Partial(func() float64 { return f(at[0]) }, at, 0, settings)
}

// Partial estimates ∂f/∂x[i], where f reads x itself (section 4.3.3). It restores the
// bits of x[i], even if f panics. Partial panics if i is out of range.
func Partial(f func() float64, x []float64, i int, settings *Settings) float64 {
	s := settings.Resolve()
	return difference(f, x, i, s, origin(f, s.Formula))
}

// Gradient is numerical_gradient of section 4.4: it estimates the gradient of f at x.
// It stores the result in dst, or in a new slice if dst is nil, and returns it.
//
// Gradient calls f with x itself, one element displaced at a time. It panics if dst
// and x differ in length.
func Gradient(dst []float64, f func(x []float64) float64, x []float64, settings *Settings) []float64 {
	return InPlace(dst, func() float64 { return f(x) }, x, settings)
}

// InPlace is [Gradient] for an f that reads x itself, as a net's loss reads the
// weights. It is the textbook's loop over the variables.
func InPlace(dst []float64, f func() float64, x []float64, settings *Settings) []float64 {
	dst = destination(dst, x)
	s := settings.Resolve()
	f0 := origin(f, s.Formula)
	for i := range x {
		dst[i] = difference(f, x, i, s, f0)
	}
	return dst
}

func destination(dst, x []float64) []float64 {
	if dst == nil {
		return make([]float64, len(x))
	}
	if len(dst) != len(x) {
		panic(fmt.Sprintf("grad: gradient of %d variables into %d places", len(x), len(dst)))
	}
	return dst
}

// difference applies the formula to x[i]. f0 is f(x) if the formula uses it.
func difference(f func() float64, x []float64, i int, s Settings, f0 float64) float64 {
	saved := x[i]
	defer func() { x[i] = saved }()

	sum := 0.0
	for _, point := range s.Formula.Stencil {
		value := f0
		if point.Loc != 0 {
			x[i] = saved + float64(point.Loc*s.Step)
			value = f()
		}
		// The conversion keeps compilers from fusing the product into the
		// sum, which would change the last bits on some machines.
		sum += float64(point.Coeff * value)
	}
	return sum / s.Step
}

// origin returns f(x) if the formula uses it, and else NaN.
func origin(f func() float64, formula fd.Formula) float64 {
	for _, point := range formula.Stencil {
		if point.Loc == 0 {
			return f()
		}
	}
	return math.NaN()
}

// Parallel is [InPlace] on several goroutines. It calls replica once for each
// goroutine. replica returns a copy of x, and an f that reads the copy and writes to no
// shared memory. The result has the same bits as InPlace for any number of workers.
//
// If an f panics, Parallel panics with the same value after all goroutines have
// ended. It also panics if the lengths of dst and of the copies differ.
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
	var (
		next  atomic.Int64
		fault atomic.Pointer[any]
		wg    sync.WaitGroup
	)
	for _, w := range workers {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					fault.CompareAndSwap(nil, &r)
				}
			}()
			for fault.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(dst) {
					return
				}
				dst[i] = difference(w.f, w.x, i, s, f0)
			}
		})
	}
	wg.Wait()
	if r := fault.Load(); r != nil {
		panic(*r)
	}
	return dst
}

// worker is the replica of one goroutine.
type worker struct {
	f func() float64
	x []float64
}
