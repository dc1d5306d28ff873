package gradcheck

import (
	"math"

	"numgrad/internal/extrapolate"
)

// A Verdict is the result of a comparison.
type Verdict int

const (
	// Agrees means that the backward pass is within the error bar.
	Agrees Verdict = iota
	// Wrong means that it is outside.
	Wrong
	// CannotTell means that it is within, but that the bar is wider than a
	// third of the element and not negligible: zero, twice the element, or the
	// turned sign might be within the bar as well.
	CannotTell
)

// String returns the verdict in words.
func (v Verdict) String() string {
	return [...]string{"agrees", "wrong", "cannot tell"}[v]
}

// MarshalText returns the verdict in words.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// An Element is one number of a gradient with the difference for it.
type Element struct {
	// Index is the position in the parameter's X.
	Index int
	// Backprop is the result of the backward pass.
	Backprop float64
	// Difference is the derivative that the losses show. It is NaN if the loss
	// was not finite on either side of x at any step.
	Difference float64
	// Truncation is the error of the finite step.
	Truncation float64
	// Roundoff is three standard deviations of the error from rounded losses.
	Roundoff float64
	// Kink is half of the distance between the derivatives on the left and on
	// the right, if x is a kink: any value between them is right.
	Kink float64
	// Rounded is the error that a right backward pass may have from rounding.
	Rounded float64
	// Step is the largest h that was used, or the smallest that was tried if
	// Difference is NaN.
	Step float64
	// Bar is how far apart the two may be. It does not depend on Backprop.
	Bar     float64
	Verdict Verdict
	// Zero reports that the element agrees because its derivative is zero
	// within a bar that is negligible beside the other gradients.
	Zero bool

	slope float64 // the steepest change of the loss: zero if nothing moves
	bend  float64 // the size of the second derivative
	rough bool    // the loss is smooth at no step
	// together reports that the element is wrong only together with others, at
	// a kink that they share.
	together bool
}

// Visible is the relative error that is visible in this element,
// Bar/|Difference|: an error of three times as much is called wrong. It is +Inf
// if the difference is zero or unknown.
func (e Element) Visible() float64 {
	if e.Difference == 0 || math.IsNaN(e.Difference) {
		return math.Inf(1)
	}
	return e.Bar / math.Abs(e.Difference)
}

// off is the distance between backward pass and difference.
func (e Element) off() float64 { return math.Abs(e.Backprop - e.Difference) }

func (e Element) known() bool { return !math.IsNaN(e.Difference) }

// The constants of a verdict.
const (
	// safety multiplies truncation and round-off, which are estimates.
	safety = 2
	// rounding multiplies the variation of the derivative with rounded
	// variables, for rounding that the loss does not show.
	rounding = 3
	// negligible is the bar of a zero, times the size of its variables, as a
	// share of the largest product of a derivative and its variable's size.
	negligible = 1e-6
)

// judgeAll gives the verdicts on all targets.
func (c *checker) judgeAll() {
	for t := range c.targets() {
		c.largest = math.Max(c.largest, t.extent())
	}
	for p := range c.params {
		param := &c.params[p]
		param.usual = math.Max(usual(param.elements), usual(param.directions)/c.size[p])
	}
	for t := range c.targets() {
		c.judge(t)
	}
	c.judgeSharedKinks()
}

// usual returns the root mean square of the derivatives of some targets.
func usual(list []*target) float64 {
	var sizes []float64
	for _, t := range list {
		if t.known() && !(t.seed != 0 && t.rough) {
			sizes = append(sizes, t.Difference)
		}
	}
	return rms(sizes)
}

// judge gives the verdict on a target.
//
// A backward pass rounds the terms that it adds up, so its error does not shrink
// if they cancel. The size of the terms is taken from a usual element of the
// parameter, at x and at smaller variables, and for a loss such as ½·mean(r²),
// with terms r·∂r, from √(2·f·f″): that bounds their mean, by the inequality of
// Cauchy and Schwarz and the f″ of Gauss and Newton.
//
// The bar does not depend on the backward pass: each error of more than two
// bars is called wrong.
func (c *checker) judge(t *target) {
	open := safety * (t.Truncation + t.Roundoff)
	rounded := rounding * t.varies()
	hidden := math.Sqrt(2*math.Abs(c.f0)) * math.Sqrt(t.bend)
	precision, n := 0.0, 0
	for _, o := range t.over {
		n += o.len()
	}
	for _, o := range t.over {
		p := &c.params[o.p]
		share := c.size[o.p] * math.Sqrt(float64(o.len())/float64(n)) / t.size
		if t.seed == 0 {
			share = 1
		}
		precision = math.Max(precision, p.precision)
		rounded += share * (p.precision*p.usual + math.Min(p.precision, Float32)*p.elsewhere)
	}
	rounded += precision*math.Abs(t.Difference) + math.Min(precision, Float32)*hidden
	if (math.Abs(t.Difference)+open+rounded)*t.size <= negligible*c.largest {
		// A sum that is zero for a reason leaves nothing of its terms.
		rounded += math.Min(precision, negligible/4) * c.largest / t.size
	}
	t.Rounded = rounded
	width := open + rounded
	t.Bar = t.Kink + width
	t.Zero = false
	switch {
	case !t.known():
		t.Verdict = CannotTell
	case !(t.off() <= t.Bar) && t.Kink > 0 && t.Backprop == 0:
		// Several kinks may meet here, and the backward pass stop at each.
		t.Verdict = CannotTell
	case !(t.off() <= t.Bar):
		t.Verdict = Wrong
	case width <= math.Max(math.Abs(t.Difference), t.Kink)/3:
		t.Verdict = Agrees
	case t.Bar*t.size <= negligible*c.largest:
		t.Verdict, t.Zero = Agrees, true
	case t.Backprop == 0 && t.slope == 0 && !c.coarse():
		t.Verdict = Agrees
	default:
		t.Verdict = CannotTell
	}
	if t.seed != 0 && t.rough {
		t.Verdict = CannotTell // a backward pass may take a side for each kink
	}
}

// judgeSharedKinks judges elements at a kink together, where each agrees by
// itself. If two elements share a kink, as at a tie for a maximum, their
// gradients must also agree along their sum and their difference. The gradients
// of a larger group must agree along its sum.
//
// Two elements share a kink if the second difference of the loss along both is
// not the sum of the two second differences.
func (c *checker) judgeSharedKinks() {
	var kinked []*target
	for p := range c.params {
		for _, t := range c.params[p].elements {
			if t.Kink > 0 && t.Verdict == Agrees {
				kinked = append(kinked, t)
			}
		}
	}
	pairs := 128
	if c.Losses > 0 {
		kinked, pairs = kinked[:min(len(kinked), 32)], 64
	}
	second := map[*target]float64{}
	for _, t := range kinked {
		second[t] = c.secondDifference([]*target{t}, []float64{1})
	}
	group := make([]int, len(kinked)) // the index of another element of the group, or of itself
	for i := range group {
		group[i] = i
	}
	first := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	for distance := 1; distance < len(kinked); distance++ {
		for i := range len(kinked) - distance {
			j := i + distance
			a, b := kinked[i], kinked[j]
			if second[a]*second[b] <= 0 || pairs == 0 {
				continue
			}
			pairs--
			for _, sign := range []float64{1, -1} {
				both, signs := []*target{a, b}, []float64{1, sign}
				least := math.Min(math.Abs(second[a]), math.Abs(second[b]))
				if math.Abs(c.secondDifference(both, signs)-second[a]-second[b]) > least/4 {
					c.judgeTogether(both, signs)
					group[first(j)] = first(i)
				}
			}
		}
	}
	for i := range kinked {
		var list []*target
		var signs []float64
		for j := range kinked {
			if first(j) == i {
				list, signs = append(list, kinked[j]), append(signs, 1)
			}
		}
		if len(list) > 2 {
			c.judgeTogether(list, signs)
		}
	}
}

// together returns the spans of some elements, and a displacement of each with
// the given sign by the size of its own step.
func together(list []*target, signs []float64) (over []span, u []float64) {
	for k, t := range list {
		over = append(over, t.over[0])
		u = append(u, signs[k]*t.Step/4)
	}
	return over, u
}

// secondDifference returns the second difference of the loss along elements.
func (c *checker) secondDifference(list []*target, signs []float64) float64 {
	over, u := together(list, signs)
	plus, _ := c.along(over, u, 1)
	minus, _ := c.along(over, u, -1)
	return plus + minus
}

// judgeTogether calls elements wrong if their derivative along the given signs
// is not between the slopes on both sides.
func (c *checker) judgeTogether(list []*target, signs []float64) {
	over, u := together(list, signs)
	e := extrapolate.Sides(extrapolate.Line{At: func(s float64) (change, step, noise float64) {
		change, _ = c.along(over, u, s)
		return change, s, c.noise
	}}, 1)
	bar := e.Kink + safety*e.Bar()
	backprop := 0.0
	for k, t := range list {
		backprop += u[k] * t.Backprop
		bar += math.Abs(u[k]) * t.Rounded
	}
	stops := backprop == 0 && e.Kink > bar-e.Kink // at each of several kinks
	if math.Abs(backprop-e.Difference) > bar && !stops {
		for _, t := range list {
			t.Verdict, t.together = Wrong, true
		}
	}
}
