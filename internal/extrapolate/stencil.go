package extrapolate

import "math"

const levels = 4 // differences in one estimate, each at half of the step before

// stencil holds the differences at ±h, ±h/2, ±h/4, ±h/8.
type stencil struct {
	h           float64
	central     [levels]float64 // (φ(+h) − φ(−h)) / 2h
	right, left [levels]float64 // (φ(±h) − φ(0)) / ±h
	noise       [levels]float64 // of central
	slope       float64         // the largest of right and left
}

// take evaluates φ at the points of a stencil.
func take(l Line, h float64) stencil {
	s := stencil{h: h}
	for k := range s.central {
		plus, there, noise := l.At(h)
		minus, back, other := l.At(-there)
		s.central[k] = (plus - minus) / (there - back)
		s.right[k], s.left[k] = plus/there, minus/back
		s.noise[k] = math.Hypot(noise, other) / (there - back)
		s.slope = math.Max(s.slope, math.Max(math.Abs(s.right[k]), math.Abs(s.left[k])))
		h /= 2
	}
	return s
}

func finite(v [levels]float64) bool {
	for _, f := range v {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
	}
	return true
}

// step returns h of level k.
func (s *stencil) step(k int) float64 { return math.Ldexp(s.h, -k) }

// bend returns the second difference of level k.
func (s *stencil) bend(k int) float64 { return (s.right[k] - s.left[k]) / s.step(k) }

// noiseOf returns the noise of the central difference of level k, with more
// noise in each value than the line says.
func (s *stencil) noiseOf(k int, more float64) float64 {
	return math.Hypot(s.noise[k], more/math.Sqrt2/s.step(k))
}

// smooth reports whether φ looks smooth. The central differences come nearer to their limit by a factor
// of four each time that the step is halved, and so do its second differences;
// these are extrapolated first, and then come nearer by a factor of sixteen. A
// kink at any distance up to h spoils one of the two, or only moves the
// outermost points, which the truncation error shows.
func (s *stencil) smooth(more float64) bool {
	const sigmas = 6
	noise, bend, bendNoise := make([]float64, levels), make([]float64, levels-1), make([]float64, levels-1)
	for k := range noise {
		noise[k] = sigmas * s.noiseOf(k, more)
	}
	for k := range bend {
		bend[k] = (4*s.bend(k+1) - s.bend(k)) / 3
		bendNoise[k] = 2 * (4*noise[k+1]/s.step(k+1) + noise[k]/s.step(k)) / 3
	}
	return converges(s.central[:], noise, 1./2) && converges(bend, bendNoise, 1./2)
}

// converges reports whether each change of v is at most the given share of the
// change before, within noise.
func converges(v, noise []float64, share float64) bool {
	for k := 2; k < len(v); k++ {
		before, after := math.Abs(v[k-1]-v[k-2]), math.Abs(v[k]-v[k-1])
		if !(after <= before*share+noise[k]+noise[k-1]) {
			return false
		}
	}
	return true
}

// residual returns how far the last points are off the smooth course, as
// changes of φ.
func (s *stencil) residual() float64 {
	const k = levels - 1
	h := s.step(k)
	return math.Max(math.Abs(s.central[k]-s.central[k-1])*h, math.Abs(s.bend(k)-s.bend(k-1))*h*h/2)
}

// confirms reports whether a central difference at a much smaller step, no
// simple fraction of the others, agrees with e, and how far it is off.
func (s *stencil) confirms(l Line, e Estimate) (off float64, ok bool) {
	const share, sigmas = 0.0437190, 6
	plus, there, noise := l.At(share * s.h)
	minus, back, other := l.At(-there)
	off = math.Abs((plus-minus)/(there-back) - e.Difference)
	truncation := 2 * share * share * math.Abs(s.central[0]-e.Difference)
	return off, off <= truncation+2*e.Bar()+sigmas*math.Hypot(noise, other)/(there-back)
}

// extrapolate is Richardson's extrapolation. From differences at three steps the
// errors of second and fourth order cancel. The results of the three larger and
// the three smaller steps differ by the error of sixth order. The last
// correction is an error bound as well, less sharp, but never zero by chance
// if a kink is among the points.
func (s *stencil) extrapolate(more float64) Estimate {
	d := s.central
	larger := (d[0] - 20*d[1] + 64*d[2]) / 45
	smaller := (d[1] - 20*d[2] + 64*d[3]) / 45
	fourth := (4*d[3] - d[2]) / 3
	return Estimate{
		Difference: smaller,
		Truncation: math.Max(math.Abs(smaller-larger), math.Abs(smaller-fourth)),
		Roundoff:   3 * s.combined(more, 1, 20, 64) / 45,
		Step:       s.h,
		Slope:      s.slope,
		Bend:       math.Abs(s.bend(0)),
		Plain:      s.central[levels-1],
	}
}

// estimate adds to the truncation of an extrapolation a kink that it may hide.
func (s *stencil) estimate() Estimate {
	e := s.extrapolate(0)
	e.Truncation += s.hidden()
	return e
}

// combined returns the noise of a sum of the three smaller differences with
// the given coefficients.
func (s *stencil) combined(more, a, b, c float64) float64 {
	return math.Hypot(math.Hypot(a*s.noiseOf(1, more), b*s.noiseOf(2, more)), c*s.noiseOf(3, more))
}

// limit extrapolates differences on one side. The errors of first and second
// order cancel in three of them.
func limit(d [levels]float64) (smaller, larger, second float64) {
	return (d[1] - 6*d[2] + 8*d[3]) / 3, (d[0] - 6*d[1] + 8*d[2]) / 3, 2*d[3] - d[2]
}

// sidesRoundoff is three standard deviations of a limit: a difference on one
// side has twice the noise of a central one, or less.
func (s *stencil) sidesRoundoff(more float64) float64 {
	return 3 * 2 * s.combined(more, 1, 6, 8) / 3
}

// sides estimates the derivatives on the left and on the right. Other kinks may
// lie among the points, too, so all slopes that were seen count.
func (s *stencil) sides(more float64) Estimate {
	lowest, highest := math.Inf(1), math.Inf(-1)
	truncation := 0.0
	for _, d := range [][levels]float64{s.left, s.right} {
		smaller, _, second := limit(d)
		truncation = math.Max(truncation, math.Abs(smaller-second))
		for _, slope := range []float64{smaller, d[1], d[2], d[3]} {
			lowest, highest = math.Min(lowest, slope), math.Max(highest, slope)
		}
	}
	return Estimate{
		Difference: (lowest + highest) / 2,
		Kink:       (highest - lowest) / 2,
		Truncation: truncation,
		Roundoff:   s.sidesRoundoff(more),
		Step:       s.h,
		Slope:      s.slope,
		Plain:      s.central[levels-1],
	}
}

// hidden returns half of the distance between the derivatives of the two sides.
// For a smooth φ the terms of first and third order in h cancel here, and only
// noise is left.
func (s *stencil) hidden() float64 {
	var half [levels]float64
	for k := range half {
		half[k] = (s.right[k] - s.left[k]) / 2
	}
	larger, smaller := 2*half[2]-half[1], 2*half[3]-half[2]
	return math.Abs(8*smaller-larger) / 7
}

// oneSided estimates the derivative from the differences on one side, at the
// edge of the domain. It is unknown unless they converge.
func (s *stencil) oneSided(d [levels]float64) Estimate {
	const sigmas = 6
	noise := make([]float64, levels)
	steepest := 0.0
	for k := range noise {
		// s.noise counts both sides, of which one is not finite.
		noise[k] = 2 * sigmas * s.noise[k]
		steepest = math.Max(steepest, math.Abs(d[k]))
	}
	if !converges(d[:], noise, 0.6) {
		return unknown
	}
	smaller, larger, second := limit(d)
	return Estimate{
		Difference: smaller,
		Truncation: math.Max(math.Abs(smaller-larger), math.Abs(smaller-second)),
		Roundoff:   s.sidesRoundoff(0),
		Step:       s.h,
		Slope:      steepest,
		Plain:      math.NaN(),
	}
}
