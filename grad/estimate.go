package grad

import "numgrad/internal/extrapolate"

// An Estimate is a derivative with its error bar.
type Estimate struct {
	// Value is the derivative. It is NaN if f is finite on neither side of x.
	Value float64
	// Truncation is the error from the finite step.
	Truncation float64
	// Roundoff is the error from rounding and other noise in f: three standard
	// deviations.
	Roundoff float64
	// Kink is half the difference of the derivatives on the left and on the right if
	// f has a kink at x, and else zero.
	Kink float64
}

// Extrapolate estimates df/dx at x with an error bar. It reduces the step until f is
// smooth within it and the truncation error no longer outweighs the round-off error,
// and extrapolates the differences at four steps to zero (Richardson). It calls f some
// 50 times, or more if f is not smooth.
func Extrapolate(f func(x float64) float64, x float64) Estimate {
	e := extrapolate.Derivative(extrapolate.Around(f, x))
	return Estimate{Value: e.Difference, Truncation: e.Truncation, Roundoff: e.Roundoff, Kink: e.Kink}
}
