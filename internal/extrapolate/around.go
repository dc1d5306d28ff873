package extrapolate

import "math"

// Roundings is how many roundings of a typical term may add up in a backward
// pass, or in a function near a kink. Sums over hundreds of terms, whose
// roundings cancel for the most part, stay below.
const Roundings = 64

// Nearest is the last step worth trying, in units of the variable and of the
// precision of a backward pass: nearer to zero, what is rounded may itself
// cross a kink.
const Nearest = 8 * Roundings

// Doubtful is how large a change of a function with the value f0 may be that
// is nothing but unknown round-off: sums on the way are hardly a thousand
// times as large as their result, or as one.
func Doubtful(f0 float64) float64 { return 0x1p-43 * math.Max(1, math.Abs(f0)) }

// Unit returns the size of x, at least one, as a power of two: a sum with a
// power of two loses no bits of x, or few.
func Unit(x float64) float64 {
	_, exponent := math.Frexp(math.Max(1, math.Abs(x)) - 0.25)
	return math.Ldexp(1, exponent)
}

// Around is the line of f through x, with the noise that f shows there.
func Around(f func(x float64) float64, x float64) Line {
	f0 := f(x)
	size := math.Abs(x)
	if size == 0 {
		size = 1
	}
	// No round number: that would go through f with the same roundings at
	// each point.
	const odd = 0.7390851332151607
	noise := Noise(func(t float64) float64 { return f(x+odd*size*t) - f0 }, f0)
	unit := Unit(x)
	return Line{
		At: func(s float64) (change, step, sigma float64) {
			there := x + s
			return f(there) - f0, there - x, noise
		},
		First:    FirstStep(noise, f0) * unit,
		Last:     Last(x, float64Roundoff),
		Doubtful: Doubtful(f0),
	}
}

// Last returns the last step worth trying for a variable x, with a backward
// pass of the given unit round-off.
func Last(x, precision float64) float64 {
	if size := math.Abs(x) / 64; size > 0 && size < Nearest*float64Roundoff {
		return size
	}
	return Nearest * precision * Unit(x)
}
