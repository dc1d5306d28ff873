package gradcheck

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

// A target is one derivative to check: of an element, or along a direction.
type target struct {
	Element
	over []span
	// seed draws the components of a direction. It is 0 for an element.
	seed uint64
	// size turns a derivative into the product of a gradient and the typical
	// size of the variables. The components of a direction have that size
	// already.
	size float64
	unit float64 // the steps of the target are shares of it

	near            float64 // step of the central difference at rounded variables
	lowest, highest float64 // such differences
	deviation       float64 // of one of them
}

// A span is a range of elements of parameter p.
type span struct{ p, first, end int }

func (s span) len() int { return s.end - s.first }

// About how many losses the parts of an estimate take, if the first step does.
const (
	derivativeLosses = 10
	centralLosses    = 2
	elementLosses    = derivativeLosses + roundedPlaces*centralLosses
	noiseLosses      = 150
	directionLevels  = 0x1p-15 // the smallest step of a direction, in units of the first
)

// How often a derivative is looked at with rounded variables: if the loss is
// smooth, and at a kink, where a backward pass may take either side.
const (
	roundedPlaces = 3
	kinkedPlaces  = 10
)

// smaller are the factors of all variables at which slopes are looked at.
var smaller = [...]float64{1. / 2, 1. / 4, 1. / 8}

func (c *checker) element(p, i int) *target {
	return &target{
		Element: Element{Index: i, Backprop: c.params[p].gradient[i]},
		over:    []span{{p, i, i + 1}},
		size:    c.size[p],
	}
}

// direction returns a random direction over some spans. Its components are
// N(0, size²)/√n, so an error e of the gradient changes the derivative by
// N(0, size²)·‖e‖/√n.
func (c *checker) direction(over ...span) *target {
	t := &target{over: over, seed: 1 + c.random.Uint64()>>1, size: 1}
	t.Backprop = c.product(t, nil)
	return t
}

// components draws the components of a direction.
func (c *checker) components(t *target) []float64 {
	if t.seed == 0 {
		return []float64{1}
	}
	random := rand.New(rand.NewPCG(t.seed, 0))
	n := 0
	for _, o := range t.over {
		n += o.len()
	}
	u := make([]float64, 0, n)
	for _, o := range t.over {
		for range o.len() {
			u = append(u, c.size[o.p]/math.Sqrt(float64(n))*random.NormFloat64())
		}
	}
	return u
}

// product returns the derivative along t for the gradient, in which replace, if
// not nil, stands for the gradient of the parameters that it has.
func (c *checker) product(t *target, replace map[int][]float64) float64 {
	u := c.components(t)
	sum := 0.0
	for _, o := range t.over {
		g := c.params[o.p].gradient
		if r, ok := replace[o.p]; ok {
			g = r
		}
		sum += floats.Dot(g[o.first:o.end], u[:o.len()])
		u = u[o.len():]
	}
	return sum
}

// targets are all targets of the check.
func (c *checker) targets() iter.Seq[*target] {
	return func(yield func(*target) bool) {
		for p := range c.params {
			for _, list := range [][]*target{c.params[p].elements, c.params[p].directions} {
				for _, t := range list {
					if !yield(t) {
						return
					}
				}
			}
		}
		for _, t := range c.joint {
			if !yield(t) {
				return
			}
		}
	}
}

// estimate estimates the derivatives of all elements, or of directions and as
// many elements as the losses allow.
func (c *checker) estimate() {
	elements := 0
	for p := range c.params {
		elements += c.params[p].Size
	}
	slopes := c.slopeLooks() * len(smaller) * centralLosses * len(c.params)
	var list []*target
	add := func(p, i int) {
		t := c.element(p, i)
		c.params[p].elements = append(c.params[p].elements, t)
		c.params[p].checked[i] = true
		c.derive(t)
		list = append(list, t)
	}
	if c.Losses == 0 || c.asked+elements*elementLosses+slopes <= c.Losses {
		for p := range c.params {
			for i := range c.params[p].gradient {
				add(p, i)
			}
		}
		c.spread(list)
		c.slopesElsewhere()
		return
	}

	each := min(4, max(1, 96/len(c.params)))
	var all []span
	for p := range c.params {
		n := c.params[p].Size
		if n == 0 {
			continue
		}
		whole := span{p, 0, n}
		all = append(all, whole)
		if n <= each {
			for i := range n {
				add(p, i)
			}
			continue
		}
		for range each {
			t := c.direction(whole)
			c.params[p].directions = append(c.params[p].directions, t)
			c.derive(t)
			list = append(list, t)
		}
	}
	if len(all) > 1 {
		for range 2 {
			t := c.direction(all...)
			c.joint = append(c.joint, t)
			c.derive(t)
			list = append(list, t)
		}
	}
	const least = 500 // losses for elements
	reserved := slopes + len(list)*roundedPlaces*centralLosses
	limit := max(c.Losses, c.asked+reserved+least)
	for more := true; more; {
		more = false
		for p := range c.params {
			if len(c.params[p].elements) == c.params[p].Size || c.asked+reserved+elementLosses > limit {
				continue
			}
			add(p, c.unchecked(p))
			if reserved += roundedPlaces * centralLosses; list[len(list)-1].rough {
				reserved += (kinkedPlaces - roundedPlaces) * centralLosses
			}
			more = true
		}
	}
	c.spread(list)
	c.slopesElsewhere()
}

// unchecked draws an element of parameter p that is not checked yet.
func (c *checker) unchecked(p int) int {
	for {
		if i := c.random.IntN(c.params[p].Size); !c.params[p].checked[i] {
			return i
		}
	}
}

// line is the loss along a target.
func (c *checker) line(t *target) extrapolate.Line {
	if c.Changes != nil && t.seed == 0 {
		t.unit = c.changes.step
		return c.changesLine(t.over[0].p, t.Index)
	}
	u := c.components(t)
	l := extrapolate.Line{
		At: func(s float64) (change, step, noise float64) {
			change, step = c.along(t.over, u, s)
			return change, step, c.noise
		},
		Scale: c.scale,
	}
	precision := 0.0
	for _, o := range t.over {
		precision = math.Max(precision, c.roundoff(o.p))
	}
	if t.seed == 0 {
		x := c.here[t.over[0].p][t.Index]
		t.unit = extrapolate.Unit(math.Max(math.Abs(x), t.size))
		l.Reach(x, t.unit, c.first, precision)
	} else {
		// Many elements share the way: it can be longer than the way of one.
		t.unit = math.Max(1, math.Sqrt(float64(len(u)))/16)
		l.Reach(0, t.unit, c.first, precision)
		l.Last = math.Max(l.Last, directionLevels*l.First)
	}
	return l
}

// roundoff is the unit round-off of the type in which the backward pass of
// parameter p computes.
func (c *checker) roundoff(p int) float64 {
	return math.Min(c.params[p].precision, Float32) / (3 * roundings)
}

// derive estimates the derivative of a target.
func (c *checker) derive(t *target) {
	l := c.line(t)
	// The steps of a parameter grow once: other targets begin where the first
	// has ended.
	learned := &c.params[t.over[0].p].step[min(t.seed, 1)]
	if len(t.over) > 1 {
		learned = &c.step
	}
	if *learned > 0 {
		l.First = math.Max(l.First, math.Min(l.Safe, *learned*t.unit))
		l.Safe = l.First
	}
	e := extrapolate.Derivative(l)
	if *learned == 0 && !e.Rough && e.Kink == 0 && e.Difference != 0 {
		*learned = e.Step / t.unit
	}
	t.Difference, t.Truncation, t.Roundoff, t.Kink, t.Step = e.Difference, e.Truncation, e.Roundoff, e.Kink, e.Step
	t.slope, t.bend, t.rough = e.Slope, e.Bend, e.Rough || e.Kink > 0
	if t.seed == 0 { // x + h is rounded, and the slope is different there
		t.Roundoff += 0x1p-53 * (math.Abs(c.given[t.over[0].p][t.Index]) + t.Step) * t.bend
	}
	t.near = t.Step / 8
	plain := e.Plain
	if t.rough {
		t.near = math.Max(l.Last/8, t.near/1024)
		plain, t.deviation = central(l, t.near)
	}
	t.lowest, t.highest = plain, plain
}

// central returns the central difference along a line at step h, with its
// standard deviation.
func central(l extrapolate.Line, h float64) (slope, deviation float64) {
	plus, there, sigma := l.At(h)
	minus, back, other := l.At(-there)
	return (plus - minus) / (there - back), math.Hypot(sigma, other) / (there - back)
}

// spread looks at the derivatives with all variables off by some roundings of
// the backward pass. The forward pass rounds, too, which has the same effect.
func (c *checker) spread(list []*target) {
	for seed := range uint64(kinkedPlaces) {
		var left []*target
		for _, t := range list {
			if !t.rough && seed < roundedPlaces || t.rough && t.seed == 0 {
				left = append(left, t)
			}
		}
		if len(left) == 0 {
			return
		}
		c.at(c.rounded(seed), func() {
			for _, t := range left {
				if v, _ := central(c.line(t), t.near); math.Abs(v) <= math.MaxFloat64 {
					t.lowest, t.highest = math.Min(t.lowest, v), math.Max(t.highest, v)
				}
			}
		})
	}
}

// rounded returns the given variables off by up to 32 roundings each.
func (c *checker) rounded(seed uint64) [][]float64 {
	random := rand.New(rand.NewPCG(seed, 0))
	place := make([][]float64, len(c.given))
	for p, given := range c.given {
		place[p] = make([]float64, len(given))
		for i, v := range given {
			place[p][i] = v + (2*random.Float64()-1)*roundings/2*c.roundoff(p)*v
		}
	}
	return place
}

// varies returns by how much more than round-off allows the derivative varies
// with rounded variables. It is zero if the loss is known on one side only.
func (t *target) varies() float64 {
	const sigmas = 6 // the largest distance of the extremes of kinkedPlaces values
	allowance := t.Roundoff / 2
	if t.rough {
		allowance = math.Max(allowance, sigmas*t.deviation)
	}
	if d := t.highest - t.lowest - allowance; d > 0 {
		return d
	}
	return 0
}

// slopeLooks is how many directions over a parameter slopesElsewhere takes.
func (c *checker) slopeLooks() int {
	if len(c.params) > 10 {
		return 2
	}
	return 4
}

// slopesElsewhere finds the usual derivative of each parameter with smaller
// variables, where less is saturated. A right backward pass has lost digits in
// y − t and 1 − z, and the loss at x does not show how large the terms were.
// Places where the loss is much larger tell nothing about x.
func (c *checker) slopesElsewhere() {
	size := math.Abs(c.f0)
	for t := range c.targets() {
		size = math.Max(size, t.extent())
	}
	for _, factor := range smaller {
		c.at(c.scaled(factor), func() {
			f := math.Abs(c.ask() + c.f0)
			for p := range c.params {
				growth := 0x1p8
				if c.params[p].precision > Float64 {
					growth = 0x1p30
				}
				if f <= growth*size {
					c.params[p].elsewhere = math.Max(c.params[p].elsewhere, c.slopeHere(p))
				}
			}
		})
	}
}

// extent is the larger of the slope and the derivative, times the typical size
// of the variables.
func (t *target) extent() float64 {
	if !t.known() {
		return 0
	}
	return math.Max(t.slope, math.Abs(t.Difference)) * t.size
}

// slopeHere returns the root mean square of the derivatives of parameter p at
// the present place, or zero if it is not finite.
func (c *checker) slopeHere(p int) float64 {
	if c.Changes != nil {
		h := c.changes.step
		plus, minus := c.change(h), c.change(-h)
		var d []float64
		for i := c.changes.start[p]; i < c.changes.start[p+1]; i++ {
			d = append(d, (plus[i]-minus[i])/(2*h))
		}
		return rms(d)
	}
	if c.params[p].Size == 0 {
		return 0
	}
	var d []float64
	for k := range c.slopeLooks() {
		t := &target{over: []span{{p, 0, c.params[p].Size}}, seed: uint64(1 + k), size: 1}
		l := c.line(t)
		slope, _ := central(l, l.First)
		d = append(d, slope)
	}
	if v := rms(d); v <= math.MaxFloat64 {
		return v / c.size[p]
	}
	return 0
}

// changes are the displaced losses of all variables, from Settings.Changes.
type changes struct {
	step  float64
	start []int                 // of each parameter, and the end
	of    map[float64][]float64 // the changes by step
	rms   map[float64]float64
}

func newChanges(given [][]float64) changes {
	ch := changes{start: []int{0}}
	var all []float64
	for _, v := range given {
		all = append(all, v...)
		ch.start = append(ch.start, len(all))
	}
	// Small, because the digits of the changes do not depend on the step.
	ch.step = 0x1p-12 * extrapolate.Unit(rms(all))
	ch.forget()
	return ch
}

// forget drops the changes at another place.
func (ch *changes) forget() {
	ch.of, ch.rms = map[float64][]float64{}, map[float64]float64{}
}

// change returns the changes for one step.
func (c *checker) change(s float64) []float64 {
	d, ok := c.changes.of[s]
	if !ok {
		d = make([]float64, c.changes.start[len(c.params)])
		c.Changes(d, s)
		c.changes.of[s], c.changes.rms[s] = d, rms(d)
	}
	return d
}

func (c *checker) changesLine(p, i int) extrapolate.Line {
	return extrapolate.Line{
		At: func(s float64) (change, step, noise float64) {
			change = c.change(s)[c.changes.start[p]+i]
			return change, s, roundings * 0x1p-53 * (math.Abs(change) + c.changes.rms[s])
		},
		First: c.changes.step,
		Safe:  c.changes.step,
		Last:  extrapolate.Nearest * c.roundoff(p) * c.changes.step * 0x1p12,
	}
}

// checkChanges compares a few of the changes with the loss: otherwise a mistake
// that they share with the backward pass would pass.
func (c *checker) checkChanges() error {
	const perParameter, blunder = 3, 1e-4
	h := c.changes.step
	for p := range c.params {
		n := c.params[p].Size
		for range min(perParameter, n) {
			i := c.random.IntN(n)
			got := c.change(h)[c.changes.start[p]+i]
			want, step := c.along([]span{{p, i, i + 1}}, []float64{1}, h)
			bound := 6*c.noise + blunder*(math.Abs(got)+c.changes.rms[h])
			if !(math.Abs(got-want*h/step) <= bound) {
				return fmt.Errorf("at %s + %.3g the loss changes by %v, but Changes says by %v",
					c.params[p].ElementName(Element{Index: i}), h, want, got)
			}
		}
	}
	return nil
}
