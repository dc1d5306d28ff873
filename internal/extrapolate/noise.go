package extrapolate

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/combin"
)

// The unit round-off of float64.
const float64Roundoff = 0x1p-53

// Noise finds the standard deviation of the round-off of a function f, with
// the value f0 at zero, from its changes near zero: f(t) − f0 for t from 1e-13
// to 1e-6. It is at least half of the last place of f0.
//
// The distance at which values are compared grows until they are seen to
// differ, as they do late where f is computed in float32. At the first such
// distance their roundings may still be alike: one more is looked at, and a
// third one unless that is so long that f itself would bend.
func Noise(change func(t float64) float64, f0 float64) float64 {
	const further = 15.31 // no whole number: f may change by whole last places
	noise := float64Roundoff * math.Abs(f0)
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

// FirstStep returns the step at which the truncation of an estimate, h⁶, is as
// large as its round-off, noise/h, for a function of usual size f0 that
// changes over distances of one.
func FirstStep(noise, f0 float64) float64 {
	relative := float64Roundoff
	if f0 != 0 {
		relative = math.Max(relative, math.Min(0x1p-10, noise/math.Abs(f0)))
	}
	return math.Exp2(math.Round(math.Log2(relative)/7) - 1)
}

// noiseAt estimates the noise from values at points of equal distance. They
// differ by something smooth and by round-off. A difference of order k leaves
// little of the one, and √(2k over k) times the other (Moré and Wild,
// Estimating Computational Noise, SIAM J. Sci. Comput. 33, 2011); the smaller
// result of two orders has less of the smooth part. noiseAt also tells whether
// at least half of the values differ from the one before.
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
