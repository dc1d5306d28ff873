package extrapolate

import (
	"math"
	"slices"
)

// A Line is a function φ of one number, whose derivative at zero is wanted.
type Line struct {
	// At returns φ(step) − φ(0), where step is the displacement that was
	// really made for a wanted one of s, and the standard deviation of the
	// change's round-off.
	At func(s float64) (change, step, noise float64)
	// First is the largest step to try, and Last the smallest.
	First, Last float64
	// Doubtful is how large a change may be that is nothing but round-off
	// of which the noise does not know.
	Doubtful float64
}

// An Estimate is a derivative found by differences, with its error bar.
type Estimate struct {
	// Difference is the derivative. It is NaN if φ was not finite on either
	// side at any step.
	Difference float64
	// Truncation is the error of a step that is not zero, as the estimates
	// from larger and from smaller steps tell it.
	Truncation float64
	// Roundoff is the error of values that are rounded: three standard
	// deviations.
	Roundoff float64
	// Kink is half of the distance from the derivative on the left to that
	// on the right, where zero is a kink: any value between them is right.
	Kink float64
	// Step is the largest h of those that were used, or the smallest that was
	// tried where Difference is NaN.
	Step float64
	// Slope is the steepest change of φ: zero where nothing moves.
	Slope float64
	// Rough tells that φ was smooth at no step.
	Rough bool
	// Bend is the size of the second derivative.
	Bend float64
	// Plain is the central difference at an eighth of Step, or NaN where φ is
	// known on one side alone.
	Plain float64
}

// Bar is the error of the difference, without what a kink leaves open.
func (e Estimate) Bar() float64 { return e.Truncation + e.Roundoff }

// known tells whether there is a derivative at all.
func (e Estimate) known() bool { return !math.IsNaN(e.Difference) }

var unknown = Estimate{Difference: math.NaN()}

const shrink = 1. / 8 // of the step where it turns out to be too large

// Derivative finds the derivative along a line at zero.
//
// It tries smaller and smaller steps until the differences behave as those of
// a smooth function do, and truncation is no longer the larger error. A
// difference at a much smaller step, which is no simple fraction of the
// others, then has to agree: it does not where the steps are periods of φ.
//
// If no step is small enough for that, zero is a kink, or so near to one that
// nothing can be seen between the two, or the edge of the domain, or φ is
// noisier than is known.
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
			// What keeps larger steps from being smooth may go on below the
			// noise of this one.
			if !enough || len(rough) > 0 && e.Truncation > e.Roundoff {
				smooth = append(smooth, s)
				continue
			}
			if off, ok := s.confirms(l, e); !ok {
				e.Truncation += off
				doubted = better(doubted, e)
				continue
			}
			if noise := unknownNoise(rough); noise > 0 && len(rough) > 2 && (noise <= l.Doubtful || s.slope == 0) {
				return settle(append(rough, s), noise) // it is smooth because the noise has lost its digits
			}
			for i := range smooth {
				other := smooth[i].extrapolate(0)
				if other.Truncation += smooth[i].hidden(); agree(other, e) {
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
		e := smooth[i].extrapolate(0)
		e.Truncation += smooth[i].hidden()
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

// larger tries larger steps than the first, as long as the round-off is not
// small, the bar becomes smaller, and the derivative stays within the bar that
// it had.
func larger(l Line, e Estimate) Estimate {
	const sharp, most = 1e-6, 64
	for h := l.First / shrink; h <= most*l.First && e.Roundoff > sharp*math.Abs(e.Difference); h /= shrink {
		s := take(l, h)
		if !finite(s.right) || !finite(s.left) || !s.smooth(0) {
			break
		}
		next := s.extrapolate(0)
		next.Truncation += s.hidden()
		if math.Abs(next.Difference-e.Difference) > e.Bar() || next.Bar() > e.Bar() {
			break
		}
		next.Slope = e.Slope // near zero, whatever step is best
		e = next
	}
	return e
}

// agree tells whether two estimates can be of the same derivative.
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

// settle makes an estimate where φ was smooth at no step, because zero is a
// kink, or because of the given noise, which the line did not know of.
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
// that is a kink. What is not smooth is proportional to the step where there
// is a kink, and the same at all steps where there is noise.
func unknownNoise(rough []stencil) float64 {
	if len(rough) == 0 {
		return 0
	}
	residuals := make([]float64, len(rough))
	like := 0 // noise
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

// orKink returns the best estimate, or the kink that it may have overlooked
// because that is lost in noise.
func orKink(best Estimate, rough []stencil, noise float64) Estimate {
	kink := unknown
	for i := range rough {
		// The smaller the step, the fewer other kinks are within, as long as
		// it is this one that is seen, and not noise.
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

// including is a kink with one more slope that was seen.
func (e Estimate) including(slope float64) Estimate {
	lowest, highest := math.Min(slope, e.Difference-e.Kink), math.Max(slope, e.Difference+e.Kink)
	e.Difference, e.Kink = (lowest+highest)/2, (highest-lowest)/2
	return e
}
