package gradcheck

import (
	"math"
	"slices"
)

// locate searches for the wrong elements of parameters that are wrong along a
// direction.
func (c *checker) locate() {
	limit := c.asked + 3*c.Losses/2
	for p := range c.params {
		c.locateNotFinite(p)
	}
	searched := 0
	for p := range c.params {
		if !c.params[p].wrongDirection() {
			continue
		}
		if searched++; searched > 8 {
			break
		}
		c.locateIn(p, limit)
	}
}

// locateNotFinite checks some elements of parameter p that are not finite.
func (c *checker) locateNotFinite(p int) {
	const few = 5
	found := 0
	for i, g := range c.params[p].gradient {
		if math.IsNaN(g-g) && !c.params[p].checked[i] && found < few {
			c.examine(p, i)
			found++
		}
	}
}

// wrongDirection reports whether a direction over the parameter is wrong.
func (p *param) wrongDirection() bool {
	return slices.ContainsFunc(p.directions, func(t *target) bool { return t.Verdict == Wrong })
}

// wrong returns the wrong elements of the parameter.
func (p *param) wrong() []*target {
	var wrong []*target
	for _, t := range p.elements {
		if t.Verdict == Wrong {
			wrong = append(wrong, t)
		}
	}
	return wrong
}

// examine checks one more element of parameter p.
func (c *checker) examine(p, i int) *target {
	t := c.element(p, i)
	c.params[p].elements = append(c.params[p].elements, t)
	c.params[p].checked[i] = true
	c.derive(t)
	c.spread([]*target{t})
	c.judge(t)
	return t
}

// locateIn searches for wrong elements of parameter p until they explain all
// directions that are wrong, or the losses are used up.
func (c *checker) locateIn(p, limit int) {
	param := &c.params[p]
	const few = 4
	for len(param.elements) < min(few, param.Size) {
		c.examine(p, c.unchecked(p))
	}
	if wrong := len(param.wrong()); wrong*4 >= len(param.elements) {
		return // most are wrong, and not a few
	}
	for found := 0; found < few && c.asked < limit && !c.explained(p); found++ {
		i, ok := c.search(p)
		if !ok {
			return
		}
		if len(param.wrong()) == 1 && !c.explained(p) {
			for _, j := range param.neighbours(i) {
				c.examine(p, j)
			}
			if len(param.wrong()) > 1 {
				return // a row or a column
			}
		}
	}
}

// mended returns the gradient of parameter p with the differences in place of
// the wrong elements.
func (c *checker) mended(p int) map[int][]float64 {
	g := slices.Clone(c.params[p].gradient)
	for _, t := range c.params[p].wrong() {
		g[t.Index] = t.Difference
	}
	return map[int][]float64{p: g}
}

// explained reports whether the directions over parameter p agree once its
// wrong elements are replaced by the differences.
func (c *checker) explained(p int) bool {
	return c.agreeAlong(p, c.mended(p), c.params[p].wrong())
}

// agreeAlong reports whether the directions over parameter p agree with another
// gradient of it, in which some elements are differences.
func (c *checker) agreeAlong(p int, replace map[int][]float64, differences []*target) bool {
	for _, t := range c.params[p].directions {
		if t.Verdict == CannotTell {
			continue
		}
		bar := t.Bar
		u := c.components(t)
		for _, e := range differences {
			bar += e.Bar * math.Abs(u[e.Index])
		}
		if !(math.Abs(c.product(t, replace)-t.Difference) <= bar) {
			return false
		}
	}
	return true
}

// search halves the elements of parameter p until one is left that is wrong and
// was not known to be wrong.
func (c *checker) search(p int) (i int, ok bool) {
	mended := c.mended(p)
	const tries = 2
	for range tries {
		first, end := 0, c.params[p].Size
		for end-first > 1 {
			middle := (first + end) / 2
			t := c.direction(span{p, first, middle})
			t.Backprop = c.product(t, mended)
			c.derive(t)
			c.spread([]*target{t})
			if c.judge(t); t.Verdict == Wrong {
				end = middle
			} else {
				first = middle
			}
		}
		if !c.params[p].checked[first] && c.examine(p, first).Verdict == Wrong {
			return first, true
		}
	}
	return 0, false
}

// neighbours returns some elements of the row and of the column of element i
// that are not checked yet.
func (p *param) neighbours(i int) []int {
	if len(p.Shape) != 2 {
		return nil
	}
	const few = 4
	cols := p.Shape[1]
	var near []int
	pick := func(first, step, n int) {
		for k := range n {
			if j := first + k*step; k%((n+few-1)/few) == 0 && !p.checked[j] {
				near = append(near, j)
			}
		}
	}
	pick(i-i%cols, 1, cols)
	pick(i%cols, cols, p.Shape[0])
	return near
}
