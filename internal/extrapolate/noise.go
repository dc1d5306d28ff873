package extrapolate

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/combin"
)

const roundoff = 0x1p-53 // the unit round-off of float64

// Noise returns the standard deviation of the round-off of a function f near
// zero, from its changes f(t) − f(0) at t between 1e-13 and 1e-6. It is at
// least half of the last place of f0 = f(0).
//
// The distance between the points grows until the values differ, which they do
// late if f is computed in float32. At the first such distance the roundings
// may still be alike, so one more is tried, and a third one unless it is so
// long that f itself would bend.
func Noise(change func(t float64) float64, f0 float64) float64 {
	const further = 15.31 // not a whole number: f may change by whole last places
	noise := roundoff * math.Abs(f0)
	seen := 0
	for distance := 0x1p-44; seen < 2 && distance < 0x1p-3 || seen < 3 && distance < 0x1p-24; distance *= further {
		sigma, differ := noiseAt(change, distance)
		if sigma <= math.MaxFloat64 {
			noise = math.Max(noise, sigma)
		}
		if differ {
			seen++
		}
	}
	return noise
}

// noiseAt estimates the noise from values at twelve points of equal distance.
// The values differ by a smooth part and by round-off. A difference of order k
// leaves little of the smooth part, and √(2k over k) times the round-off (Moré
// and Wild, Estimating Computational Noise, SIAM J. Sci. Comput. 33, 2011); the
// smaller result of two orders has less of the smooth part. noiseAt also
// reports whether at least half of the values differ from their predecessor.
func noiseAt(change func(t float64) float64, distance float64) (sigma float64, differ bool) {
	const points, orders = 12, 6
	var f [points]float64
	steps := 0
	for k := range f {
		f[k] = change(distance * float64(k-points/2))
		if k > 0 && f[k] != f[k-1] {
			steps++
		}
	}
	sigma = math.Inf(1)
	for order := 1; order <= orders; order++ {
		for k := range points - order {
			f[k] = f[k+1] - f[k]
		}
		if order == 4 || order == 6 {
			rms := floats.Norm(f[:points-order], 2) / math.Sqrt(float64(points-order))
			sigma = math.Min(sigma, rms/math.Sqrt(combin.GeneralizedBinomial(float64(2*order), float64(order))))
		}
	}
	return sigma, steps >= points/2
}

// FirstStep returns the step at which the truncation of an estimate, h⁶, equals
// its round-off, noise/h, for a function that changes by about scale over a
// distance of one.
func FirstStep(noise, scale float64) float64 {
	relative := roundoff
	if scale != 0 {
		relative = math.Max(relative, math.Min(0x1p-10, noise/scale))
	}
	return math.Exp2(math.Round(math.Log2(relative)/7) - 1)
}

// Unit returns a power of two near |x|, or 1 for zero. A sum of x and a simple
// fraction of Unit(x) loses few bits of x, or none.
func Unit(x float64) float64 {
	if x == 0 {
		return 1
	}
	_, exponent := math.Frexp(math.Abs(x) * 0.75)
	return math.Ldexp(1, min(exponent, 1000))
}

// Nearest is the smallest step worth trying, as a multiple of the variable's
// unit and of the unit round-off of a backward pass: nearer to zero, a rounded
// variable may itself cross a kink.
const Nearest = 512

// Reach sets the steps of a line along a variable x of the given unit, for a
// backward pass of the given unit round-off. The first step is a share of the
// unit. A safe step does not change the sign of x.
func (l *Line) Reach(x, unit, first, precision float64) {
	l.First = first * unit
	l.Last = Nearest * precision * unit
	if size := math.Abs(x) / 64; size > 0 && size < Nearest*roundoff*unit {
		l.Last = size
	}
	l.Most, l.Safe = unit/2, unit/2
	if x != 0 {
		l.Safe = math.Abs(x) / 2
	}
}

// Around returns the line of f through x, with the noise that f shows there.
func Around(f func(x float64) float64, x float64) Line {
	f0 := f(x)
	unit := Unit(x)
	// Not a round number: f might round alike at each point.
	const odd = 0.7390851332151607
	change := func(t float64) float64 { return f(x+odd*unit*t) - f0 }
	noise := Noise(change, f0)
	l := Line{
		At: func(s float64) (change, step, sigma float64) {
			there := x + s
			return f(there) - f0, there - x, noise
		},
		Scale: math.Max(math.Abs(f0), Slope(change)),
	}
	l.Reach(x, unit, FirstStep(noise, l.Scale), roundoff)
	return l
}

// Slope returns the steeper of the slopes to both sides over a distance of 2⁻⁹,
// or zero if f is finite on neither side.
func Slope(change func(t float64) float64) float64 {
	const h = 0x1p-9
	slope := 0.0
	for _, t := range []float64{h, -h} {
		if v := math.Abs(change(t)) / h; v <= math.MaxFloat64 {
			slope = math.Max(slope, v)
		}
	}
	return slope
}
