// Package extrapolate estimates the derivative of a function of one number
// from its values, with an error bar.
package extrapolate

import (
	"math"
	"slices"
)

// A Line is a function φ of one number, to be differentiated at zero.
type Line struct {
	// At returns φ(step) − φ(0) and the standard deviation of its round-off,
	// where step is the displacement that was made when s was asked for.
	At func(s float64) (change, step, noise float64)
	// First is the step to begin with. Smaller ones down to Last are tried
	// until φ is smooth, larger ones up to Safe if round-off dominates, and up
	// to Most if it hides a millionth of the derivative.
	First, Last, Safe, Most float64
	// Scale is the size of φ: the larger of |φ(0)| and its usual changes.
	Scale float64
}

// An Estimate is a derivative found by differences, with its error bar.
type Estimate struct {
	// Difference is the derivative, or NaN if φ is finite on neither side at
	// any step.
	Difference float64
	// Truncation is the error of the finite step, estimated from larger and
	// smaller steps.
	Truncation float64
	// Roundoff is three standard deviations of the error from rounded values.
	Roundoff float64
	// Kink is half of the distance between the derivatives on the left and on
	// the right, if zero is a kink: any value between them is right.
	Kink float64
	// Step is the largest h that was used, or the smallest that was tried if
	// Difference is NaN.
	Step float64
	// Slope is the steepest change of φ: zero if nothing moves.
	Slope float64
	// Rough reports that φ was smooth at no step.
	Rough bool
	// Bend is the size of the second derivative.
	Bend float64
	// Plain is the central difference at an eighth of Step, or NaN if φ is
	// known on one side only.
	Plain float64
}

// Bar is the error of the difference, without the range that a kink leaves.
func (e Estimate) Bar() float64 { return e.Truncation + e.Roundoff }

// known reports whether there is a derivative at all.
func (e Estimate) known() bool { return !math.IsNaN(e.Difference) }

var unknown = Estimate{Difference: math.NaN()}

const (
	shrink = 1. / 8 // the next step, if one is too large
	// doubtful is the largest change, as a share of Scale, that may be nothing
	// but round-off which the noise does not show: sums on the way are hardly a
	// thousand times as large as their result.
	doubtful = 0x1p-43
	// tame is the largest change, as a share of Scale, up to which steps grow.
	tame = 8
)

// Coarse reports whether a function of the given scale has fewer digits than a
// float64.
func Coarse(noise, scale float64) bool { return noise > doubtful*scale }

// Derivative estimates the derivative along a line at zero.
//
// It tries smaller and smaller steps until the differences behave as for a smooth
// function, and truncation is no longer the larger error. A difference
// at a much smaller step, which is no simple fraction of the others, must then
// agree: it does not if the steps are periods of φ.
//
// If no step is small enough, zero is a kink, or too near to one to see between
// the two, or the edge of the domain, or φ is noisier than the line says.
func Derivative(l Line) Estimate {
	var smooth, rough []stencil
	edge, doubted := unknown, unknown
	smallest := l.First
	for h := l.First; h >= l.Last; h *= shrink {
		smallest = h / (1 << (levels - 1))
		s := take(l, h)
		onRight, onLeft := finite(s.right), finite(s.left)
		switch {
		case !onRight && !onLeft:
		case !onRight:
			edge = better(edge, s.oneSided(s.left))
		case !onLeft:
			edge = better(edge, s.oneSided(s.right))
		case !s.smooth(0):
			rough = append(rough, s)
		default:
			e := s.extrapolate(0)
			enough := e.Truncation <= e.Roundoff
			e.Truncation += s.hidden()
			// The cause that spoiled larger steps may continue below the noise of
			// this one.
			if !enough || len(rough) > 0 && e.Truncation > e.Roundoff {
				smooth = append(smooth, s)
				continue
			}
			if off, ok := s.confirms(l, e); !ok {
				e.Truncation += off
				doubted = better(doubted, e)
				continue
			}
			if noise := unknownNoise(rough); noise > 0 && len(rough) > 2 && (noise <= doubtful*l.Scale || s.slope == 0) {
				return settle(append(rough, s), noise) // smooth only because noise hides its digits
			}
			for i := range smooth {
				if other := smooth[i].estimate(); agree(other, e) {
					e = better(e, other)
				}
			}
			if h == l.First && e.Slope > 0 {
				return larger(l, e)
			}
			return orKink(e, rough, 0)
		}
	}
	best := unknown
	for i := range smooth {
		e := smooth[i].estimate()
		off, ok := smooth[i].confirms(l, e)
		if ok {
			best = better(best, e)
		} else {
			e.Truncation += off
			doubted = better(doubted, e)
		}
	}
	switch {
	case best.known():
		return orKink(best, rough, 0)
	case len(rough) > 0:
		return settle(rough, unknownNoise(rough))
	case doubted.known():
		return doubted
	case !edge.known():
		edge.Step = smallest
	}
	return edge
}

// larger tries larger steps than the first, while round-off is not small, φ
// changes moderately, the bar shrinks, and the derivative stays within the bar
// that it had.
func larger(l Line, e Estimate) Estimate {
	for h := l.First; h < l.Most; {
		h = math.Min(h/shrink, l.Most)
		sharp := 1e-12
		if h > l.Safe {
			sharp = 1e-6
		}
		if e.Roundoff <= sharp*math.Abs(e.Difference) {
			break
		}
		s := take(l, h)
		if !finite(s.right) || !finite(s.left) || !s.smooth(0) || s.slope*h > tame*l.Scale {
			break
		}
		next := s.estimate()
		if math.Abs(next.Difference-e.Difference) > e.Bar() || next.Bar() > e.Bar() {
			break
		}
		next.Slope = e.Slope // near zero, whichever step is best
		e = next
	}
	return e
}

// agree reports whether two estimates can be of the same derivative.
func agree(a, b Estimate) bool {
	return math.Abs(a.Difference-b.Difference) <= 2*(a.Bar()+b.Bar())
}

// better returns the estimate with the smaller bar.
func better(a, b Estimate) Estimate {
	if !a.known() || b.Bar() < a.Bar() {
		return b
	}
	return a
}

// settle makes an estimate if φ was smooth at no step, because zero is a kink,
// or because of the given noise, which exceeds the line's.
func settle(rough []stencil, noise float64) Estimate {
	best := unknown
	for i := range rough {
		if rough[i].smooth(noise) {
			best = better(best, rough[i].extrapolate(noise))
		}
	}
	e := orKink(best, rough, noise)
	e.Rough = true
	return e
}

// unknownNoise returns the noise that keeps φ from looking smooth, or zero if
// a kink does. The residual of a kink is proportional to the step; the residual
// of noise is the same at all steps.
func unknownNoise(rough []stencil) float64 {
	if len(rough) == 0 {
		return 0
	}
	residuals := make([]float64, len(rough))
	like := 0 // steps at which the residual behaves like noise
	for i := range rough {
		residuals[i] = rough[i].residual()
		if i == 0 {
			continue
		}
		shrunk := rough[i].h / rough[i-1].h
		if residuals[i] > residuals[i-1]*math.Sqrt(shrunk) || residuals[i] < residuals[i-1]*shrunk*shrunk {
			like++
		}
	}
	if 2*like < len(rough)-1 {
		return 0
	}
	slices.Sort(residuals)
	return 2 * residuals[len(residuals)/2]
}

// orKink returns the best estimate, or the kink that noise may have hidden from
// it.
func orKink(best Estimate, rough []stencil, noise float64) Estimate {
	kink := unknown
	for i := range rough {
		// The smaller the step, the fewer other kinks lie within it. Too small
		// a step shows noise and no kink.
		if e := rough[i].sides(noise); !kink.known() || e.Roundoff < e.Kink/1000 {
			kink = e
		}
	}
	switch {
	case !best.known():
		return kink
	case kink.known() && 8*best.Bar() > kink.Kink:
		return kink.including(best.Difference)
	}
	return best
}

// including widens a kink to one more slope that was seen.
func (e Estimate) including(slope float64) Estimate {
	lowest, highest := math.Min(slope, e.Difference-e.Kink), math.Max(slope, e.Difference+e.Kink)
	e.Difference, e.Kink = (lowest+highest)/2, (highest-lowest)/2
	return e
}

// Sides estimates the derivatives to the left and to the right at step h, as a
// kink that may have no width.
func Sides(l Line, h float64) Estimate {
	s := take(l, h)
	e := s.sides(0)
	e.Rough = true
	return e
}
