// Package grad estimates derivatives of any function from its values,
// by finite differences: sections 4.3 and 4.4 of "Deep Learning from Scratch".
//
// A derivative is the limit of (f(x+h) − f(x)) / h, but h cannot go to zero on
// a computer: 10e-50 vanishes beside x, and f(x+h) − f(x) loses its digits
// long before that. A step h of 1e-4 and the central difference
// (f(x+h) − f(x−h)) / 2h, whose error falls with h², are the book's choice
// and the default here.
//
// The functions displace one element of x in place, call f, and restore the saved
// value: adding h and subtracting it again could change the last bits.
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

// Partial estimates ∂f/∂x[i], where f reads x itself (section 4.3.3). It displaces
// x[i] only, and restores its bits, also if f panics. Partial panics if i is not
// an index of x.
func Partial(f func() float64, x []float64, i int, settings *Settings) float64 {
	s := settings.Resolve()
	return difference(f, x, i, s, origin(f, s.Formula))
}

// Gradient estimates the gradient of f at x: numerical_gradient of section
// 4.4. The result is put in dst and returned; if dst is nil, a new slice is.
//
// f is called with x itself, of which one element at a time is displaced.
// Gradient panics if dst and x differ in length.
func Gradient(dst []float64, f func(x []float64) float64, x []float64, settings *Settings) []float64 {
	return InPlace(dst, func() float64 { return f(x) }, x, settings)
}

// InPlace is [Gradient] for an f that reads x itself, as the loss of a net reads
// its weights. It is the textbook's loop, one weight after the other, and the
// definition for all faster ways.
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

// difference applies the formula to x[i]; f0 is f(x), if the formula uses it.
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

// origin returns f(x) if the formula uses it, so that f(x) is computed once and not
// for each element.
func origin(f func() float64, formula fd.Formula) float64 {
	for _, point := range formula.Stencil {
		if point.Loc == 0 {
			return f()
		}
	}
	return math.NaN()
}

// Parallel is [InPlace] on several goroutines. It calls replica once for each of
// them. replica returns a copy of the same x, and an f that reads the copy and
// shares nothing that it changes. The result has the bits of InPlace on one
// replica, for any number of workers.
//
// Parallel panics with the value of a panic of f, after all workers have ended.
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
