package grad

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/diff/fd"
)

// Derivative estimates df/dx at x: numerical_diff of section 4.3.1.
func Derivative(f func(float64) float64, x float64, settings *Settings) float64 {
	at := []float64{x}
	return Partial(func() float64 { return f(at[0]) }, at, 0, settings)
}

// Partial estimates ∂f/∂x[i], where f reads x itself (section 4.3.3). Only
// x[i] is displaced, and it has its old bits when Partial returns, also when
// it leaves by a panic of f. Partial panics if i is not an index of x.
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

// InPlace is [Gradient] for an f that reads x by itself, as the loss of a net
// reads its weights: the textbook's way, one weight after the other, and the
// definition of what the faster ways compute.
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

// difference applies the formula to x[i]; f0 is f at x, if the formula asks.
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

// origin returns f at the undisturbed x where the formula has a use for it,
// so that it is asked once and not for each element.
func origin(f func() float64, formula fd.Formula) float64 {
	for _, point := range formula.Stencil {
		if point.Loc == 0 {
			return f()
		}
	}
	return math.NaN()
}
