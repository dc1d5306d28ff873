package grad

import "numgrad/internal/extrapolate"

// An Estimate is a derivative with its error bar.
type Estimate struct {
	// Value is the derivative. It is NaN if f is finite on neither side of x.
	Value float64
	// Truncation is the error of a step that is not zero.
	Truncation float64
	// Roundoff is the error of an f that is rounded, or noisy otherwise: three
	// standard deviations.
	Roundoff float64
	// Kink is half of the distance between the derivatives on the left and on
	// the right, where f has a kink at x. It is zero elsewhere.
	Kink float64
}

// Extrapolate estimates df/dx at x as well as the values of f allow, and how
// far off the result may be. The steps follow from f: they become smaller
// until f is smooth between them, and truncation no longer outweighs
// round-off; differences at four of them are extrapolated to zero (Richardson).
// It calls f some 50 times, or more where f is not smooth.
func Extrapolate(f func(x float64) float64, x float64) Estimate {
	e := extrapolate.Derivative(extrapolate.Around(f, x))
	return Estimate{Value: e.Difference, Truncation: e.Truncation, Roundoff: e.Roundoff, Kink: e.Kink}
}
