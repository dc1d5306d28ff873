package gradcheck

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

// A target is one derivative to check: of an element, or along a direction.
type target struct {
	Element
	over []span
	seed uint64 // draws the components of a direction; 0 for an element
	// size is the typical size of an element's variable. The components of a
	// direction have that size already, so it is 1: derivative times size is a
	// gradient times the size of its variables for both.
	size float64
	unit float64 // of the steps

	near            float64 // the step of central differences with rounded variables
	lowest, highest float64 // the extremes of these differences
	deviation       float64 // the standard deviation of one difference
}

// A span is a range of elements of parameter p.
type span struct{ p, first, end int }

func (s span) len() int { return s.end - s.first }

// About how many losses the parts of an estimate take.
const (
	derivativeLosses = 10
	centralLosses    = 2
	elementLosses    = derivativeLosses + roundedPlaces*centralLosses
)

// The number of central differences with rounded variables: where the loss is
// smooth, and at a kink, where a backward pass may take either side.
const (
	roundedPlaces = 3
	kinkedPlaces  = 10
)

// smaller are factors of all variables at which slopes are looked at.
var smaller = [...]float64{1. / 2, 1. / 4, 1. / 8}

func (c *checker) element(p, i int) *target {
	return &target{
		Element: Element{Index: i, Backprop: c.params[p].gradient[i]},
		over:    []span{{p, i, i + 1}},
		size:    c.size[p],
	}
}

// direction returns a random direction over some spans. Its n components are
// N(0, size²)/√n, so an error e of the gradient changes the derivative by
// N(0, size²)·‖e‖/√n.
func (c *checker) direction(over ...span) *target {
	t := &target{over: over, seed: 1 + c.random.Uint64()>>1, size: 1}
	t.Backprop = c.product(t, nil)
	return t
}

// components returns the displacement of each variable at step 1.
func (c *checker) components(t *target) []float64 {
	if t.seed == 0 {
		return []float64{1}
	}
	random := rand.New(rand.NewPCG(t.seed, 0))
	var u []float64
	for _, o := range t.over {
		for range o.len() {
			u = append(u, c.size[o.p]*random.NormFloat64())
		}
	}
	floats.Scale(1/math.Sqrt(float64(len(u))), u)
	return u
}

// product returns the derivative along t of a gradient in which replace, if not
// nil, has other values for some parameters.
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

// targets returns all targets of a parameter.
func (p *param) targets() []*target {
	return append(p.elements[:len(p.elements):len(p.elements)], p.directions...)
}

// targets iterates over all targets.
func (c *checker) targets() iter.Seq[*target] {
	return func(yield func(*target) bool) {
		lists := [][]*target{c.joint}
		for p := range c.params {
			lists = append(lists, c.params[p].elements, c.params[p].directions)
		}
		for _, list := range lists {
			for _, t := range list {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// estimate estimates the derivatives of all elements, or along directions and
// of as many elements as the losses allow.
func (c *checker) estimate() {
	var all []span
	elements := 0
	for p := range c.params {
		if n := c.params[p].Size; n > 0 {
			all = append(all, span{p, 0, n})
			elements += n
		}
	}
	slopes := c.slopeLooks() * len(smaller) * centralLosses * len(all)
	each := min(4, max(1, 96/len(all))) // directions for each parameter
	if c.Losses == 0 || c.asked+elements*elementLosses+slopes <= c.Losses {
		each = elements
	}
	var list []*target
	reserved := slopes // losses for the rest of this function
	derive := func(list2 *[]*target, t *target) {
		*list2 = append(*list2, t)
		list = append(list, t)
		c.derive(t)
		if reserved += roundedPlaces * centralLosses; t.rough && t.seed == 0 {
			reserved += (kinkedPlaces - roundedPlaces) * centralLosses
		}
	}
	add := func(p, i int) {
		c.params[p].checked[i] = true
		derive(&c.params[p].elements, c.element(p, i))
	}
	for _, whole := range all {
		for i := range min(each, whole.end) {
			if whole.end <= each {
				add(whole.p, i)
			} else {
				derive(&c.params[whole.p].directions, c.direction(whole))
			}
		}
	}
	for _, whole := range all {
		const tries = 2 // for a direction that meets no kink
		for range tries {
			p := &c.params[whole.p]
			if p.directions == nil || slices.ContainsFunc(p.directions, func(t *target) bool { return !t.rough }) {
				break
			}
			derive(&p.directions, c.direction(whole))
		}
	}
	if each < elements && len(all) > 1 {
		for range 2 {
			derive(&c.joint, c.direction(all...))
		}
	}
	const least = 500 // losses for a sample of elements
	limit := max(c.Losses, c.asked+reserved+least)
	for more := each < elements; more; {
		more = false
		for p := range c.params {
			if len(c.params[p].elements) < c.params[p].Size && c.asked+reserved+elementLosses <= limit {
				add(p, c.unchecked(p))
				more = true
			}
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
		return c.changesLine(t)
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
		return l
	}
	// Many elements share the way: it can be longer than the way of one, until
	// a usual element moves by an eighth of its size. Kinks are no evidence
	// along a direction, so very small steps are not needed.
	const levels = 0x1p-15
	way := math.Sqrt(float64(len(u)))
	t.unit = math.Max(1, way/16)
	l.Reach(0, t.unit, c.first, precision)
	l.Last = math.Max(l.Last, levels*l.First)
	l.Safe, l.Most = way/8, way/8
	return l
}

// roundoff is the unit round-off of the type in which the backward pass of
// parameter p computes.
func (c *checker) roundoff(p int) float64 {
	return math.Min(c.params[p].precision, Float32) / (3 * roundings)
}

// derive estimates the derivative of a target. The steps grow for the first
// element of each parameter, and for the first direction. Other targets begin
// at the step that these have found.
func (c *checker) derive(t *target) {
	l := c.line(t)
	param := &c.params[t.over[0].p]
	learned := &param.step
	if t.seed != 0 {
		learned = &c.step
	}
	if *learned > 0 {
		first := math.Min(l.Safe, *learned*t.unit)
		if t.seed == 0 {
			first = math.Max(l.First, first)
		}
		l.First = first
		if t.seed == 0 || len(param.directions) > 1 || len(c.params) > 10 {
			l.Safe = first
		}
	}
	e := extrapolate.Derivative(l)
	t.Difference, t.Truncation, t.Roundoff, t.Kink, t.Step = e.Difference, e.Truncation, e.Roundoff, e.Kink, e.Step
	t.slope, t.bend, t.rough = e.Slope, e.Bend, e.Rough || e.Kink > 0
	if (*learned == 0 || t.seed != 0) && !t.rough && e.Difference != 0 {
		*learned = e.Step / t.unit
	}
	if t.seed == 0 { // x + h is rounded, and the slope is different there
		t.Roundoff += 0x1p-53 * (math.Abs(c.given[t.over[0].p][t.Index]) + t.Step) * t.bend
	}
	t.near, t.lowest = t.Step/8, e.Plain
	if t.rough {
		t.near = math.Max(l.Last/8, t.near/1024)
		t.lowest, t.deviation = central(l, t.near)
	}
	t.highest = t.lowest
}

// central returns the central difference along a line at step h, with its
// standard deviation.
func central(l extrapolate.Line, h float64) (slope, deviation float64) {
	plus, there, sigma := l.At(h)
	minus, back, other := l.At(-there)
	return (plus - minus) / (there - back), math.Hypot(sigma, other) / (there - back)
}

// spread looks at the derivatives with all variables off by up to 32 roundings
// of the backward pass. The forward pass rounds, too, which has the same effect.
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
		random := rand.New(rand.NewPCG(seed, 0))
		c.at(func(p int, v float64) float64 {
			return v + (2*random.Float64()-1)*roundings/2*c.roundoff(p)*v
		}, func() {
			for _, t := range left {
				if v, _ := central(c.line(t), t.near); math.Abs(v) <= math.MaxFloat64 {
					t.lowest, t.highest = math.Min(t.lowest, v), math.Max(t.highest, v)
				}
			}
		})
	}
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

// slopeLooks is the number of directions that slopesElsewhere takes.
func (c *checker) slopeLooks() int {
	if len(c.params) > 10 {
		return 1
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
		c.at(func(_ int, v float64) float64 { return factor * v }, func() {
			f := math.Abs(c.ask() + c.f0)
			for p := range c.params {
				growth := 0x1p8
				switch {
				case c.Changes != nil: // right to the digits that y − t has lost
					growth = math.Inf(1)
				case c.params[p].precision == Float32:
					growth = 0x1p30
				}
				if v := c.slopeHere(p); f <= growth*size && v <= math.MaxFloat64 {
					c.params[p].elsewhere = math.Max(c.params[p].elsewhere, v)
				}
			}
		})
	}
}

// extent is the larger of the slope and the derivative, times the size of the
// variables.
func (t *target) extent() float64 {
	if !t.known() {
		return 0
	}
	return math.Max(t.slope, math.Abs(t.Difference)) * t.size
}

// slopeHere returns the root mean square of the derivatives of parameter p at
// the present place.
func (c *checker) slopeHere(p int) float64 {
	var d []float64
	if c.Changes != nil {
		h := c.changes.step
		plus, minus := c.change(p, h), c.change(p, -h)
		for i := range plus {
			d = append(d, (plus[i]-minus[i])/(2*h))
		}
		return rms(d)
	}
	for k := range min(c.slopeLooks(), c.params[p].Size) {
		t := &target{over: []span{{p, 0, c.params[p].Size}}, seed: uint64(1 + k), size: 1}
		l := c.line(t)
		slope, _ := central(l, l.First)
		d = append(d, slope/c.size[p])
	}
	return rms(d)
}

// changes are the displaced losses of all variables, from Settings.Changes.
type changes struct {
	step  float64
	start []int                 // of each parameter, and the end
	of    map[float64][]float64 // the changes by step
	rms   map[float64]float64
}

// forget drops the changes of another place.
func (ch *changes) forget() { ch.of, ch.rms = map[float64][]float64{}, map[float64]float64{} }

// change returns the changes of parameter p for one step.
func (c *checker) change(p int, s float64) []float64 {
	ch := &c.changes
	if ch.of[s] == nil {
		ch.of[s] = make([]float64, ch.start[len(c.params)])
		c.Changes(ch.of[s], s)
		ch.rms[s] = rms(ch.of[s])
	}
	return ch.of[s][ch.start[p]:ch.start[p+1]]
}

func (c *checker) changesLine(t *target) extrapolate.Line {
	p := t.over[0].p
	t.unit = c.changes.step
	return extrapolate.Line{
		At: func(s float64) (change, step, noise float64) {
			change = c.change(p, s)[t.Index]
			return change, s, roundings * 0x1p-53 * (math.Abs(change) + c.changes.rms[s])
		},
		First: t.unit,
		Safe:  t.unit,
		Last:  extrapolate.Nearest * c.roundoff(p) * t.unit * 0x1p12,
	}
}

// startChanges compares a few of the changes with the loss: otherwise a mistake
// that they share with the backward pass would pass.
func (c *checker) startChanges() error {
	var all []float64
	for _, v := range c.given {
		c.changes.start = append(c.changes.start, len(all))
		all = append(all, v...)
	}
	c.changes.start = append(c.changes.start, len(all))
	// Small, because the digits of the changes do not depend on the step.
	h := 0x1p-12 * extrapolate.Unit(rms(all))
	c.changes.step = h
	c.changes.forget()
	const perParameter, blunder = 3, 1e-4
	for p := range c.params {
		for range min(perParameter, c.params[p].Size) {
			i := c.random.IntN(c.params[p].Size)
			got := c.change(p, h)[i]
			want, step := c.along([]span{{p, i, i + 1}}, []float64{1}, h)
			if !(math.Abs(got-want*h/step) <= 6*c.noise+blunder*(math.Abs(got)+c.changes.rms[h])) {
				return fmt.Errorf("at %s + %.3g the loss changes by %v, but Changes says by %v",
					c.params[p].ElementName(Element{Index: i}), h, want, got)
			}
		}
	}
	return nil
}
