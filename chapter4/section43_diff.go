package chapter4

import "numgrad/grad"

// Function1 is the book's function_1 (section 4.3.2), 0.01x² + 0.1x.
func Function1(x float64) float64 {
	return float64(0.01*float64(x*x)) + float64(0.1*x)
}

// Function2 is the book's function_2 (section 4.3.3), x0² + x1².
func Function2(x []float64) float64 {
	return float64(x[0]*x[0]) + float64(x[1]*x[1])
}

// NumericalDiff is the book's numerical_diff (section 4.3.1): the slope of f
// at x by the central difference, (f(x+h) − f(x−h)) / 2h with h = 1e-4.
func NumericalDiff(f func(float64) float64, x float64) float64 {
	return grad.Derivative(f, x, nil)
}

// BadNumericalDiff is the book's first try at numerical_diff, (f(x+h) − f(x)) / h
// with an h that x+h does not notice.
func BadNumericalDiff(f func(float64) float64, x float64) float64 {
	return grad.Derivative(f, x, &grad.Settings{Formula: grad.Forward, Step: 10e-50})
}

// TangentLine returns the line that touches f at x, with the slope that
// NumericalDiff finds (figure 4-7).
func TangentLine(f func(float64) float64, x float64) func(float64) float64 {
	slope := NumericalDiff(f, x)
	return func(t float64) float64 { return f(x) + slope*(t-x) }
}

// PartialDiff is the slope of f at x [D] along x[i] (section 4.3.3).
func PartialDiff(f func(x []float64) float64, x []float64, i int) float64 {
	return grad.Partial(func() float64 { return f(x) }, x, i, nil)
}
