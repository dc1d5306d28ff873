package gradcheck

import (
	"math"

	"numgrad/internal/extrapolate"
)

// A Verdict says what the differences have to say about an element.
type Verdict int

const (
	// Agrees means that the backward pass is within the error bar.
	Agrees Verdict = iota
	// Wrong means that it is outside.
	Wrong
	// CannotTell means that it is within, but that the bar is wider than a
	// third of the element: in its place zero, twice as much, or the turned
	// sign might be within reach of the bar as well.
	CannotTell
)

// String is the verdict in words, as reports have it.
func (v Verdict) String() string {
	return [...]string{"agrees", "wrong", "cannot tell"}[v]
}

// MarshalText makes the verdict that text in JSON.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// An Element is one number of a gradient, twice.
type Element struct {
	// Index is the position in the parameter's X.
	Index int
	// Backprop is what the backward pass says.
	Backprop float64
	// Difference is what the differences say. It is NaN if the loss was not
	// finite on either side of x at any step.
	Difference float64
	// Truncation is the error of a step that is not zero.
	Truncation float64
	// Roundoff is the error of losses that are rounded: three standard
	// deviations.
	Roundoff float64
	// Kink is half of the distance from the derivative on the left to that
	// on the right, where x is a kink: any value between them is right.
	Kink float64
	// Rounded is what a right backward pass may be off by because it rounds.
	Rounded float64
	// Step is the largest h of those that were used, or the smallest that was
	// tried where Difference is NaN.
	Step float64
	// Bar is how far apart the two may be. It does not depend on Backprop.
	Bar     float64
	Verdict Verdict

	slope float64 // the steepest change of the loss: zero where nothing moves
	bend  float64 // the size of the second derivative
	plain float64 // the central difference at an eighth of Step
	rough bool    // whether the loss is smooth at no step
}

// Visible is the relative error that is visible in this element, Bar/|Difference|:
// were the element off by three times as much, it would be called wrong. It is
// +Inf where the difference is zero, or not known.
func (e Element) Visible() float64 {
	if e.Difference == 0 || math.IsNaN(e.Difference) {
		return math.Inf(1)
	}
	return e.Bar / math.Abs(e.Difference)
}

// off is the difference of the two.
func (e Element) off() float64 { return math.Abs(e.Backprop - e.Difference) }

func (e Element) known() bool { return !math.IsNaN(e.Difference) }

// open is how far from the difference the loss lets the derivative be.
func (e Element) open() float64 { return safety * (e.Truncation + e.Roundoff) }

// zero tells whether the backward pass says zero, exactly, and the loss is
// flat, exactly, at every step.
func (e Element) zero() bool { return e.Backprop == 0 && e.slope == 0 && e.known() }

func (e *Element) measure(s extrapolate.Estimate) {
	e.Difference, e.Truncation, e.Roundoff, e.Kink, e.Step = s.Difference, s.Truncation, s.Roundoff, s.Kink, s.Step
	e.slope, e.bend, e.plain, e.rough = s.Slope, s.Bend, s.Plain, s.Rough || s.Kink > 0
}

// typical is what is usual for the elements of a parameter.
type typical struct {
	size  float64 // of an element
	terms float64 // of an element where all variables are smaller
}

func typicalOf(elements []*Element, terms float64) typical {
	var sizes []float64
	for _, e := range elements {
		if e.known() {
			sizes = append(sizes, e.Difference)
		}
	}
	return typical{rms(sizes), terms}
}
