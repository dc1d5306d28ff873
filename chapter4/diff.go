package chapter4

import "numgrad/grad"

// ForwardDiff returns the forward difference of f at x with step h,
// (f(x+h) − f(x)) / h, in the arithmetic of T.
func ForwardDiff[T float32 | float64](f func(T) T, x, h T) T {
	return (f(x+h) - f(x)) / h
}

// CentralDiff returns the central difference of f at x with step h,
// (f(x+h) − f(x−h)) / 2h, in the arithmetic of T.
func CentralDiff[T float32 | float64](f func(T) T, x, h T) T {
	return (f(x+h) - f(x-h)) / (2 * h)
}

// BadNumericalDiff is the book's first numerical_diff (section 4.3.1): the
// forward difference with h = 10e-50. It returns 0, because x + h is x.
func BadNumericalDiff(f func(float64) float64, x float64) float64 {
	return grad.Derivative(f, x, &grad.Settings{Formula: grad.Forward, Step: 10e-50})
}

// NumericalDiff is numerical_diff of section 4.3.1: the central difference of f
// at x with h = 1e-4.
func NumericalDiff(f func(float64) float64, x float64) float64 {
	return grad.Derivative(f, x, nil)
}

// Function1 is function_1 of section 4.3.2, 0.01x² + 0.1x.
func Function1(x float64) float64 {
	return float64(0.01*float64(x*x)) + float64(0.1*x)
}

// TangentLine returns the tangent of f at x, with the slope from NumericalDiff
// (figure 4-7).
func TangentLine(f func(float64) float64, x float64) func(float64) float64 {
	slope := NumericalDiff(f, x)
	return func(t float64) float64 { return f(x) + slope*(t-x) }
}

// Function2 is function_2 of section 4.3.3, x0² + x1², for x [2].
func Function2(x []float64) float64 {
	return float64(x[0]*x[0]) + float64(x[1]*x[1])
}

// PartialDiff returns ∂f/∂x[i] at x [D] (section 4.3.3). It displaces x[i] in
// place, and puts the old value back.
func PartialDiff(f func(x []float64) float64, x []float64, i int) float64 {
	return grad.Partial(func() float64 { return f(x) }, x, i, nil)
}
