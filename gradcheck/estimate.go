package gradcheck

import (
	"math"

	"numgrad/grad"
)

// An Estimate is a derivative found by differences, with its error bar.
type Estimate struct {
	// Difference is the derivative. It is NaN if the loss was not finite at
	// any step.
	Difference float64
	// Truncation is the error of a step that is not zero, as the estimates
	// from larger and from smaller steps tell it.
	Truncation float64
	// Roundoff is the error of losses that are rounded: three standard
	// deviations.
	Roundoff float64
	// Kink is half of the distance from the derivative on the left to that
	// on the right, where x is a kink: any value between them is right.
	Kink float64
	// Step is the largest h of those that were used.
	Step float64

	slope float64 // the steepest change of the loss: zero where nothing moves
	bend  float64 // the size of the second derivative
}

// bar is what the difference may be wrong by.
func (e Estimate) bar() float64 { return e.Truncation + e.Roundoff }

const (
	levels   = 4       // differences to one estimate, each at half of the step before
	shrink   = 1. / 8  // of the step where it turns out to be too large
	smallest = 0x1p-20 // of the first step
)

// estimate finds the derivative along a line at zero.
//
// It tries smaller and smaller steps until the differences behave as those of
// a smooth function do, and truncation is no longer the larger error. Where
// no step is small enough for that, x lies on a kink, or so near to one that
// nothing can be seen between the two: the derivative is then anything
// between those of the two sides.
//
// No step is less than least, where what a backward pass rounds may itself
// cross a kink.
func estimate(along line, least float64) Estimate {
	best := Estimate{Difference: math.NaN(), Step: along.first}
	kink := best
	for h := along.first; h >= along.first*smallest && h/(1<<levels/2) >= least; h *= shrink {
		s, ok := take(along, h)
		if !ok {
			continue
		}
		if !s.smooth() {
			// The smaller the step, the fewer other kinks are within, as long
			// as it is this one that is seen, and not noise.
			if e := s.sides(); math.IsNaN(kink.Difference) || e.Roundoff < e.Kink/1000 {
				kink = e
			}
			continue
		}
		e := s.extrapolate()
		if math.IsNaN(best.Difference) || e.bar() < best.bar() {
			best = e
		}
		if e.Truncation <= e.Roundoff {
			break
		}
	}
	// A kink can also look smooth because it is lost in noise.
	if math.IsNaN(best.Difference) || 8*best.bar() > kink.Kink && kink.Kink > 0 {
		return kink
	}
	return best
}

// stencil holds what the losses at ±h, ±h/2, ±h/4, ±h/8 say.
type stencil struct {
	h           float64
	central     [levels]float64 // (f(+)−f(−)) / 2h
	right, left [levels]float64 // (f(±)−f(0)) / ±h
	noise       [levels]float64 // of central
	slope       float64         // the largest of right and left
}

// take asks for the losses. It is not ok if one is not finite.
func take(along line, h float64) (s stencil, ok bool) {
	s.h = h
	for k := range s.central {
		plus, there, noise := along.at(h)
		minus, back, other := along.at(-h)
		s.central[k] = (plus - minus) / (there - back)
		s.right[k], s.left[k] = plus/there, minus/back
		s.noise[k] = math.Hypot(noise, other) / (there - back)
		s.slope = math.Max(s.slope, math.Max(math.Abs(s.right[k]), math.Abs(s.left[k])))
		h /= 2
	}
	return s, !math.IsNaN(s.slope) && !math.IsInf(s.slope, 0)
}

// smooth tells whether the differences look like those of a function that has
// derivatives. Its central differences come nearer to their limit by a factor
// of four each time that the step is halved, and so do its second
// differences. A kink at any distance up to h spoils one of the two, or only
// moves the outermost points, which the truncation error shows.
func (s *stencil) smooth() bool {
	const sigmas = 6
	var bend, bendNoise [levels]float64
	h := s.h
	for k := range bend {
		bend[k] = (s.right[k] - s.left[k]) / h
		bendNoise[k] = 2 * s.noise[k] / h
		h /= 2
	}
	return converges(s.central, s.noise, sigmas) && converges(bend, bendNoise, sigmas)
}

// converges tells whether each change of v is at most half of that before, as
// far as its noise lets one see.
func converges(v, noise [levels]float64, sigmas float64) bool {
	for k := 2; k < levels; k++ {
		before, after := math.Abs(v[k-1]-v[k-2]), math.Abs(v[k]-v[k-1])
		if after > before/2+sigmas*(noise[k]+noise[k-1]) {
			return false
		}
	}
	return true
}

// extrapolate is Richardson's: of differences at three steps, the errors of
// second and of fourth order cancel. What the three larger and the three
// smaller steps lead to differ by the error of sixth order. The last
// correction is an error bound as well, less sharp, but never zero by chance
// where a kink is among the points.
func (s *stencil) extrapolate() Estimate {
	d, e := s.central, s.noise
	larger := (d[0] - 20*d[1] + 64*d[2]) / 45
	smaller := (d[1] - 20*d[2] + 64*d[3]) / 45
	fourth := (4*d[3] - d[2]) / 3
	return Estimate{
		Difference: smaller,
		Truncation: math.Max(math.Abs(smaller-larger), math.Abs(smaller-fourth)),
		Roundoff:   3 * math.Hypot(math.Hypot(e[1], 20*e[2]), 64*e[3]) / 45,
		Step:       s.h,
		slope:      s.slope,
		bend:       math.Abs(s.right[0]-s.left[0]) / s.h,
	}
}

// sides estimates the derivatives on the left and on the right, again from
// the three smaller steps. Other kinks may be within those, too: all slopes
// that were seen count.
func (s *stencil) sides() Estimate {
	lowest, highest := math.Inf(1), math.Inf(-1)
	truncation := 0.0
	for _, d := range [][levels]float64{s.left, s.right} {
		limit := (d[1] - 6*d[2] + 8*d[3]) / 3
		truncation = math.Max(truncation, math.Abs(limit-(2*d[3]-d[2])))
		for _, slope := range []float64{limit, d[1], d[2], d[3]} {
			lowest, highest = math.Min(lowest, slope), math.Max(highest, slope)
		}
	}
	e := s.noise
	return Estimate{
		Difference: (lowest + highest) / 2,
		Kink:       (highest - lowest) / 2,
		Truncation: truncation,
		// A one-sided difference has twice the noise of a central one, or
		// less.
		Roundoff: 3 * 2 * math.Hypot(math.Hypot(e[1], 6*e[2]), 8*e[3]) / 3,
		Step:     s.h,
		slope:    s.slope,
	}
}

// plain is the difference by s.Formula at s.Step, without extrapolation. At
// half of the step the error is half as large, or less, but for what comes of
// higher orders.
func plain(along line, s *grad.Settings) Estimate {
	slope := 0.0
	at := func(h float64) (difference, noise float64) {
		for _, point := range s.Formula.Stencil {
			if point.Loc == 0 {
				continue // no change
			}
			change, _, sigma := along.at(point.Loc * h)
			slope = math.Max(slope, math.Abs(change/h))
			difference += point.Coeff * change
			noise = math.Hypot(noise, point.Coeff*sigma)
		}
		return difference / h, noise / h
	}
	d, noise := at(s.Step)
	half, _ := at(s.Step / 2)
	return Estimate{
		Difference: d,
		Truncation: 3 * math.Abs(d-half),
		Roundoff:   3 * noise,
		Step:       s.Step,
		slope:      slope,
	}
}

// central is the central difference at step h.
func (l line) central(h float64) float64 {
	plus, there, _ := l.at(h)
	minus, back, _ := l.at(-h)
	return (plus - minus) / (there - back)
}
