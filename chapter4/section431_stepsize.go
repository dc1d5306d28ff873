package chapter4

import "math"

// ForwardDiff is the forward difference of f at x with step h, (f(x+h) − f(x)) / h,
// in the arithmetic of T.
func ForwardDiff[T float32 | float64](f func(T) T, x, h T) T {
	return (f(x+h) - f(x)) / h
}

// CentralDiff is the central difference of f at x with step h,
// (f(x+h) − f(x−h)) / 2h, in the arithmetic of T.
func CentralDiff[T float32 | float64](f func(T) T, x, h T) T {
	return (f(x+h) - f(x-h)) / (2 * h)
}

// StepError is the error that a difference with step H makes.
type StepError struct{ H, Error float64 }

// StepErrors returns the errors of a difference, as [SlopeError] measures them,
// with eight steps to the decade from 1e-50 to 1. Steps that are 0 in T are
// left out.
func StepErrors[T float32 | float64](difference func(f func(T) T, x, h T) T) []StepError {
	const perDecade = 8
	var errors []StepError
	for i := -50 * perDecade; i <= 0; i++ {
		h := math.Pow(10, float64(i)/perDecade)
		if T(h) != 0 {
			errors = append(errors, StepError{h, SlopeError(difference, T(h))})
		}
	}
	return errors
}

// BestStep returns the least of the errors. It panics if there are none.
func BestStep(errors []StepError) StepError {
	best := errors[0]
	for _, e := range errors {
		if e.Error < best.Error {
			best = e
		}
	}
	return best
}

// SlopeError returns the error of a difference with step h, relative to the
// true slope: the root mean square for the sigmoid, computed in T, at x from
// −2 to 2. (On the book's 0.01x² + 0.1x the central difference would have no
// truncation error, for any h.)
func SlopeError[T float32 | float64](difference func(f func(T) T, x, h T) T, h T) float64 {
	f := func(x T) T { return 1 / (1 + T(math.Exp(float64(-x)))) }
	sum, n := 0.0, 0.0
	for x := -2.0; x <= 2; x += 1. / 64 {
		y := 1 / (1 + math.Exp(-x))
		e := float64(difference(f, T(x), h))/(y*(1-y)) - 1
		sum += float64(e * e)
		n++
	}
	return math.Sqrt(sum / n)
}
