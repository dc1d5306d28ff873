package gradcheck

import (
	"math"
	"runtime"
	"slices"

	"numgrad/internal/extrapolate"
	"numgrad/internal/parallel"
)

// A spot is an element to check, or a direction as if it were one.
type spot struct {
	p    int
	size float64 // of the variable
	*Element
	along func(prober) extrapolate.Line
	unit  []float64 // of a direction
	// near is a step at which the derivative is looked at where variables are
	// rounded, and lowest and highest are what was seen, with that noise.
	near, lowest, highest, noise float64
}

// spread is by how much more than the losses' own round-off the derivative
// varies where all variables are off by some roundings. It is zero if the loss
// is known on one side alone.
func (s *spot) spread() float64 {
	const sigmas = 6 // that the extremes of kinkedPlaces are apart at most
	allowance := s.Roundoff / 2
	if s.rough {
		allowance = math.Max(allowance, sigmas*s.noise)
	}
	if d := s.highest - s.lowest - allowance; d > 0 {
		return d
	}
	return 0
}

func (c *checker) elementSpot(p, i int) *spot {
	return &spot{
		p:       p,
		size:    math.Abs(c.box.saved[p][i]),
		Element: &Element{Index: i, Backprop: c.gradient[p][i]},
		along:   func(w prober) extrapolate.Line { return w.element(p, i) },
	}
}

// How often the derivative is looked at where variables are rounded: where the
// loss is smooth, and where it has a kink, one side of which is as good as the
// other for a backward pass.
const (
	roundedPlaces = 3
	kinkedPlaces  = 10
)

// measure fills in what the losses say about the spots.
func (c *checker) measure(workers []prober, spots []*spot) {
	parallel.Each(workers, len(spots), func(w prober, n int) {
		s := spots[n]
		l := s.along(w)
		s.Element.measure(c.estimate(l))
		// A displaced variable is rounded, and the slope is another there.
		s.Roundoff += Float64 * (s.size + s.Step) * s.bend
		s.near = s.Step / 8
		if s.rough {
			s.near = math.Max(l.Last/8, s.near/1024)
			s.plain, s.noise = central(l, s.near)
		}
		s.lowest, s.highest = s.plain, s.plain
		c.progress.advance(estimateLosses)
	})
	kinked := slices.DeleteFunc(slices.Clone(spots), func(s *spot) bool { return !s.rough })
	for seed := range uint64(kinkedPlaces) {
		left := spots
		if seed >= roundedPlaces {
			left = kinked
		}
		if len(left) == 0 {
			break
		}
		c.elsewhere(workers, place{factor: 1, rounding: roundings / 2 * c.Precision, seed: seed}, func(workers []prober) {
			parallel.Each(workers, len(left), func(w prober, n int) {
				s := left[n]
				if v, _ := central(s.along(w), s.near); math.Abs(v) <= math.MaxFloat64 {
					s.lowest, s.highest = math.Min(s.lowest, v), math.Max(s.highest, v)
				}
				if seed < roundedPlaces {
					c.progress.advance(centralLosses)
				}
			})
		})
	}
}

// elsewhere calls do with the workers at another place.
func (c *checker) elsewhere(workers []prober, to place, do func(workers []prober)) {
	moved := make([]prober, len(workers))
	for i, w := range workers {
		there, back := w.elsewhere(to)
		defer back()
		moved[i] = there
	}
	do(moved)
}

func (c *checker) estimate(l extrapolate.Line) extrapolate.Estimate {
	if c.Fixed != nil {
		return fixed(l, c.Fixed)
	}
	return extrapolate.Derivative(l)
}

// smaller are the factors of smaller variables.
var smaller = [...]float64{1. / 64, 1. / 32, 1. / 16, 1. / 8, 1. / 4, 1. / 2}

// measureTerms finds for each parameter the usual size of an element elsewhere:
// at smaller variables, and for other variables of the same size. Where
// something is saturated, y − t and 1 − z have lost digits in a right backward
// pass; it is not seen in the derivative at x how large they were.
func (c *checker) measureTerms() []float64 {
	largest := make([]float64, len(c.gradient))
	for p := range largest {
		largest[p] = c.box.far(p)
		c.progress.advance(c.effort.looks * 2 * farSteps)
	}
	for _, factor := range smaller {
		c.elsewhere(c.probers()[:1], place{factor: factor}, func(workers []prober) {
			for p := range largest {
				if v := workers[0].meanSlope(p); v <= math.MaxFloat64 {
					largest[p] = math.Max(largest[p], v)
				}
				c.progress.advance(c.effort.looks * slopeLooks * centralLosses)
			}
		})
	}
	return largest
}

// checkElements fills in the chosen elements of all parameters.
func (c *checker) checkElements(r *Report) {
	var spots []*spot
	for p, chosen := range c.chosen {
		for _, i := range chosen {
			spots = append(spots, c.elementSpot(p, i))
		}
	}
	c.measure(c.probers(), spots)
	terms := c.measureTerms()
	for p, chosen := range c.chosen {
		own := spots[:len(chosen)]
		spots = spots[len(chosen):]
		elements := make([]*Element, len(own))
		for n, s := range own {
			elements[n] = s.Element
		}
		c.typical[p] = typicalOf(elements, terms[p])
		for _, s := range own {
			c.judge(s.Element, c.typical[p], s.spread())
		}
		c.judgeZeros(p, elements)
		for _, e := range elements {
			r.Params[p].Elements = append(r.Params[p].Elements, *e)
		}
	}
}

// probers returns who shares the work on elements.
func (c *checker) probers() []prober {
	if c.changes != nil {
		return []prober{c.changes}
	}
	return c.workers()
}

// workers returns the losses that share the work. The first is the caller's
// own; the others are those of replicas.
func (c *checker) workers() []prober {
	if c.boxes == nil {
		c.boxes = []prober{c.box}
	}
	if c.Replica == nil {
		return c.boxes
	}
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for len(c.boxes) < workers {
		loss, x := c.Replica()
		c.boxes = append(c.boxes, newBlackBox(loss, x, c.Precision).like(c.box))
	}
	return c.boxes
}
