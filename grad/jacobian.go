package grad

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Directional estimates the derivative of f along v, Σ ∂f/∂x[i]·v[i], where f
// reads x itself: the slope of f(x + t·v) at t = 0. The step is in units of t. It
// restores the bits of x, even if f panics. Directional panics if x and v differ in
// length.
func Directional(f func() float64, x, v []float64, settings *Settings) float64 {
	if len(v) != len(x) {
		panic(fmt.Sprintf("grad: direction of %d variables for %d", len(v), len(x)))
	}
	saved := append([]float64(nil), x...)
	defer copy(x, saved)
	along := func(t float64) float64 {
		floats.AddScaledTo(x, saved, t, v)
		return f()
	}
	return Derivative(along, 0, settings)
}

// Jacobian estimates ∂y[i]/∂x[j] at x for all i and j, where f fills y. It stores the
// result in dst [len(y)×len(x)] and returns dst.
//
// Jacobian calls f with x itself, one element displaced at a time. It panics if dst
// does not have len(x) columns.
func Jacobian(dst *mat.Dense, f func(y, x []float64), x []float64, settings *Settings) *mat.Dense {
	rows, cols := dst.Dims()
	if cols != len(x) {
		panic(fmt.Sprintf("grad: Jacobian of %d variables into %d columns", len(x), cols))
	}
	s := settings.Resolve()
	y, sum := make([]float64, rows), make([]float64, rows)
	for j := range x {
		clear(sum)
		for _, point := range s.Formula.Stencil {
			displaced(x, j, point.Loc*s.Step, func() { f(y, x) })
			for i, v := range y {
				sum[i] += float64(point.Coeff * v)
			}
		}
		for i, v := range sum {
			dst.Set(i, j, v/s.Step)
		}
	}
	return dst
}

// displaced calls do while x[j] is displaced by step.
func displaced(x []float64, j int, step float64, do func()) {
	saved := x[j]
	defer func() { x[j] = saved }()
	x[j] = saved + step
	do()
}
