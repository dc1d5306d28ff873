package gradcheck

import (
	"math"

	"numgrad/internal/extrapolate"
)

// What a verdict allows for.
const (
	// safety is for what the error bar itself does not know.
	safety = 2
	// roundings of a typical term may add up in one element of a gradient.
	roundings = extrapolate.Roundings
	// unseen is by how much more a right backward pass may be off than what
	// is seen of its roundings from outside.
	unseen = 3
	// negligible is the share of a usual element that may hide behind a zero.
	negligible = 1e-6
)

// judge gives the verdict on e, an element of a parameter whose elements are of
// a typical size. Its derivative varies by spread where all variables are off
// by some roundings.
//
// What a backward pass rounds are the terms that it adds up, not what is left
// of them. A usual element of the parameter gives their size, at x and at
// smaller variables, where less is saturated; and for a loss such as
// ½·mean(r²), with terms r·∂r, so does √(2·f·f″), which bounds their mean, by
// the inequality of Cauchy and Schwarz and Gauss and Newton's f″.
//
// The bar does not depend on what the backward pass says: an error of more
// than two bars is called wrong, whatever it is.
func (c *checker) judge(e *Element, of typical, spread float64) {
	terms := math.Abs(e.Difference) + of.size + of.terms + math.Sqrt(2*math.Abs(c.box.f0))*math.Sqrt(e.bend)
	e.Rounded = unseen * (roundings*c.Precision*terms + spread)
	width := e.open() + e.Rounded
	e.Bar = e.Kink + width
	seen := math.Max(math.Abs(e.Difference), e.Kink) / 3
	switch {
	case !e.known():
		e.Verdict = CannotTell
	case !(e.off() <= e.Bar):
		e.Verdict = Wrong
	case width <= seen:
		e.Verdict = Agrees
	case e.zero() && e.open() <= negligible*of.size:
		e.Verdict = Agrees
	default:
		e.Verdict = CannotTell
	}
}

// judgeZeros looks again at the elements of parameter p that are zero and
// cannot be told.
func (c *checker) judgeZeros(p int, elements []*Element) {
	zeros := make([]bool, len(c.gradient[p]))
	untold := false
	for _, e := range elements {
		if e.zero() {
			zeros[e.Index] = true
			untold = untold || e.Verdict == CannotTell
		}
	}
	if !untold {
		return
	}
	hidden := c.mayHide(p, func(i int) bool { return zeros[i] })
	for _, e := range elements {
		if e.zero() && e.open() <= hidden {
			e.Verdict = Agrees
		}
	}
}

// mayHide is how large a derivative may be that hides behind the zeros of
// parameter p.
//
// There is no bound if the loss does not depend on the zeros: it stays the
// same, to the last bit, when they are moved far, all at once. Moved one at a
// time, elements that matter only together would pass. A coarse loss, such as
// one in float32, shows too little for that. If all elements of the parameter
// are zero, the measure is the slope where the loss is not flat.
func (c *checker) mayHide(p int, zero func(i int) bool) float64 {
	slope := c.box.reach(func(q, i int) bool { return q == p && zero(i) })
	switch {
	case slope > math.MaxFloat64:
		return 0
	case slope == 0 && !c.box.coarse():
		return math.Inf(1)
	case c.typical[p].size > 0:
		return negligible * c.typical[p].size
	default:
		return negligible * slope
	}
}
