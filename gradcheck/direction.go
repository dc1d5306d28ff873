package gradcheck

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

const missed = 1e-6 // the chance that Blind is about

// checkDirections compares derivatives along random directions over all
// elements of parameter p. One wrong element shows in nearly every direction,
// and is then looked for.
//
// A direction is v/‖v‖ with v drawn from N(0, 1): an error e of the gradient
// moves its derivative by about N(0, 1)·‖e‖/√n.
func (c *checker) checkDirections(r *ParamReport, p int) {
	n := len(c.gradient[p])
	spots := make([]*spot, c.effort.directions)
	for d := range spots {
		spots[d] = c.directionSpot(p, 0, n, c.random.Uint64())
	}
	c.measure(c.workers(), spots)
	bar := 0.0
	zero, open := true, 0.0
	for _, s := range spots {
		c.judge(s.Element, c.typical[p], s.spread())
		bar = math.Max(bar, s.Bar)
		zero, open = zero && s.zero(), math.Max(open, s.open())
		if s.Verdict == Wrong {
			r.DirectionsWrong++
		}
	}
	r.Directions = len(spots)
	r.zero = zero && open <= c.mayHide(p, func(int) bool { return true })
	sigmas := math.Sqrt2 * math.Erfinv(math.Pow(missed, 1/float64(len(spots))))
	r.Blind = bar * math.Sqrt(float64(n)) / sigmas / floats.Norm(c.gradient[p], 2)

	if r.DirectionsWrong == 0 {
		return
	}
	wrong := r.wrongElements()
	if len(wrong) == 0 {
		i, ok := c.search(p)
		if !ok {
			return
		}
		wrong = c.add(r, p, i)
	}
	r.explained = c.explains(p, wrong, spots)
	if len(wrong) == 1 && !r.explained {
		c.add(r, p, r.neighbours(wrong[0].Index)...)
	}
}

// add adds elements to the report, and returns all that are wrong.
func (c *checker) add(r *ParamReport, p int, indices ...int) (wrong []Element) {
	for _, i := range indices {
		r.Elements = append(r.Elements, *c.judged(c.elementSpot(p, i)))
	}
	return r.wrongElements()
}

// explains tells whether all directions agree once the wrong elements are what
// the differences say.
func (c *checker) explains(p int, wrong []Element, spots []*spot) bool {
	mended := slices.Clone(c.gradient[p])
	for _, e := range wrong {
		mended[e.Index] = e.Difference
	}
	for _, s := range spots {
		bar := s.Bar
		for _, e := range wrong {
			bar += e.Bar * math.Abs(s.unit[e.Index])
		}
		if !(math.Abs(floats.Dot(mended, s.unit)-s.Difference) <= bar) {
			return false
		}
	}
	return true
}

// neighbours are some elements of the row and of the column of element i, which
// were not drawn.
func (p *ParamReport) neighbours(i int) []int {
	if len(p.Shape) != 2 {
		return nil
	}
	const few = 4
	cols := p.Shape[1]
	var near []int
	pick := func(first, step, n int) {
		for k := range n {
			if k%((n+few-1)/few) == 0 {
				near = append(near, first+k*step)
			}
		}
	}
	pick(i-i%cols, 1, cols)
	pick(i%cols, cols, p.Shape[0])
	return slices.DeleteFunc(near, func(j int) bool {
		return slices.ContainsFunc(p.Elements, func(e Element) bool { return e.Index == j })
	})
}

// directionSpot is a random direction over the elements first…end−1 of
// parameter p.
func (c *checker) directionSpot(p, first, end int, seed uint64) *spot {
	unit := randomUnit(end-first, seed)
	return &spot{
		p:       p,
		Element: &Element{Backprop: floats.Dot(c.gradient[p][first:end], unit)},
		along:   func(w prober) extrapolate.Line { return w.(*blackBox).direction(p, first, unit) },
		unit:    unit,
	}
}

// judged is one spot with its verdict.
func (c *checker) judged(s *spot) *Element {
	c.measure(c.workers()[:1], []*spot{s})
	c.judge(s.Element, c.typical[s.p], s.spread())
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
