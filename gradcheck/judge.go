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
	// negligible is the share of a usual element that an error bar may have
	// where the element itself is smaller than that.
	negligible = 1e-3
)

// judge gives the verdict on e, an element of a parameter with the given
// scale. spread is by how much its derivative varies where all variables are
// off by some roundings.
//
// What a backward pass rounds are the terms that it adds up, not what is left
// of them. A usual element of the parameter gives their size, at x and at
// smaller variables, where less is saturated; and for a loss such as
// ½·mean(r²), with terms r·∂r, so does √(2·f·f″), which bounds their mean, by
// the inequality of Cauchy and Schwarz and Gauss and Newton's f″.
//
// The bar does not depend on what the backward pass says: an error of more
// than two bars is called wrong, whatever it is.
func (c *checker) judge(e *Element, usual scale, spread float64) {
	terms := math.Abs(e.Difference) + usual.size + usual.terms + math.Sqrt(2*math.Abs(c.box.f0))*math.Sqrt(e.bend)
	e.Rounded = unseen * (roundings*c.Precision*terms + spread)
	width := safety*(e.Truncation+e.Roundoff) + e.Rounded
	e.Bar = e.Kink + width
	seen := math.Max(math.Max(math.Abs(e.Difference), e.Kink)/3, negligible*usual.slope)
	switch {
	case e.Backprop == 0 && e.slope == 0 && e.known():
		e.Verdict = Agrees
	case !e.known():
		e.Verdict = CannotTell
	case !(e.off() <= e.Bar):
		e.Verdict = Wrong
	case width <= seen:
		e.Verdict = Agrees
	default:
		e.Verdict = CannotTell
	}
}
