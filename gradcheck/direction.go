package gradcheck

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

const (
	directions = 8    // of each parameter that is sampled
	missed     = 1e-6 // the chance that Blind is about
)

// checkDirections compares derivatives along random directions over all
// elements of parameter p. One wrong element shows in nearly every direction,
// and is then looked for.
//
// A direction is v/‖v‖ with v drawn from N(0, 1): an error e of the gradient
// moves its derivative by about N(0, 1)·‖e‖/√n.
func (c *checker) checkDirections(r *ParamReport, p int) {
	n := len(c.gradient[p])
	spots := make([]*spot, directions)
	for d := range spots {
		spots[d] = c.directionSpot(p, 0, n, c.random.Uint64())
	}
	c.measure(c.workers(), spots)
	bar := 0.0
	zero, open := true, 0.0
	for _, s := range spots {
		c.judge(s.Element, c.usual[p], s.spread())
		bar = math.Max(bar, s.Bar)
		zero, open = zero && s.zero(), math.Max(open, s.open())
		if s.Verdict == Wrong {
			r.DirectionsWrong++
		}
	}
	r.Directions = directions
	r.zero = zero && open <= c.mayHide(p, func(int) bool { return true })
	sigmas := math.Sqrt2 * math.Erfinv(math.Pow(missed, 1./directions))
	r.Blind = bar * math.Sqrt(float64(n)) / sigmas / floats.Norm(c.gradient[p], 2)

	anyWrong := slices.ContainsFunc(r.Elements, func(e Element) bool { return e.Verdict == Wrong })
	if r.DirectionsWrong == 0 || anyWrong {
		return
	}
	if i, ok := c.search(p); ok {
		r.Elements = append(r.Elements, *c.judged(c.elementSpot(p, i)))
	}
}

// directionSpot is a random direction over the elements first…end−1 of
// parameter p.
func (c *checker) directionSpot(p, first, end int, seed uint64) *spot {
	unit := randomUnit(end-first, seed)
	return &spot{
		p:       p,
		Element: &Element{Backprop: floats.Dot(c.gradient[p][first:end], unit)},
		along:   func(w prober) extrapolate.Line { return w.(*blackBox).direction(p, first, unit) },
	}
}

// judged is one spot with its verdict.
func (c *checker) judged(s *spot) *Element {
	c.measure(c.workers()[:1], []*spot{s})
	c.judge(s.Element, c.usual[s.p], s.spread())
	return s.Element
}

// search halves the elements of parameter p until one that is wrong is left.
func (c *checker) search(p int) (i int, ok bool) {
	disagrees := func(first, end int) bool {
		const tries = 3
		for range tries {
			if c.judged(c.directionSpot(p, first, end, c.random.Uint64())).Verdict == Wrong {
				return true
			}
		}
		return false
	}
	first, end := 0, len(c.gradient[p])
	for end-first > 1 {
		switch middle := (first + end) / 2; {
		case disagrees(first, middle):
			end = middle
		case disagrees(middle, end):
			first = middle
		default:
			return 0, false
		}
	}
	return first, true
}
