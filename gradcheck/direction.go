package gradcheck

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/parallel"
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
	usual := scaleOf(r.Elements)
	n := len(c.gradient[p])
	seeds := [directions]uint64{}
	for d := range seeds {
		seeds[d] = c.random.Uint64()
	}
	var results [directions]Element
	parallel.Each(c.workers(), directions, func(b *blackBox, d int) {
		results[d] = c.along(b, p, 0, n, seeds[d], usual)
		c.progress.advance()
	})

	bar := 0.0
	for _, e := range results {
		bar = math.Max(bar, e.Bar)
		if e.Verdict == Wrong {
			r.DirectionsWrong++
		}
	}
	r.Directions = directions
	sigmas := math.Sqrt2 * math.Erfinv(math.Pow(missed, 1./directions))
	r.Blind = bar * math.Sqrt(float64(n)) / sigmas / floats.Norm(c.gradient[p], 2)

	anyWrong := slices.ContainsFunc(r.Elements, func(e Element) bool { return e.Verdict == Wrong })
	if r.DirectionsWrong == 0 || anyWrong {
		return
	}
	if i, ok := c.search(p, usual); ok {
		e := Element{Index: i, Backprop: c.gradient[p][i], Estimate: c.estimate(c.box.line(p, i))}
		c.judge(&e, usual)
		r.Elements = append(r.Elements, e)
	}
}

// along compares the derivatives along a random direction over the elements
// first…end−1 of parameter p.
func (c *checker) along(b *blackBox, p, first, end int, seed uint64, usual scale) Element {
	random := rand.New(rand.NewPCG(seed, 0))
	unit := make([]float64, end-first)
	for i := range unit {
		unit[i] = random.NormFloat64()
	}
	floats.Scale(1/floats.Norm(unit, 2), unit)
	e := Element{
		Backprop: floats.Dot(c.gradient[p][first:end], unit),
		Estimate: c.estimate(b.direction(p, first, unit)),
	}
	if c.judge(&e, usual); e.Verdict == Wrong {
		c.allow(&e, func(to place, do func(line)) {
			b.moved(to, func(b *blackBox) { do(b.direction(p, first, unit)) })
		})
		c.judge(&e, usual)
	}
	return e
}

// search halves the elements of parameter p until one that is wrong is left.
func (c *checker) search(p int, usual scale) (i int, ok bool) {
	disagrees := func(first, end int) bool {
		const tries = 3
		for range tries {
			if c.along(c.box, p, first, end, c.random.Uint64(), usual).Verdict == Wrong {
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
