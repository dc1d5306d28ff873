package gradcheck

import (
	"math"
	"math/rand/v2"
	"slices"

	"numgrad/grad"
	"numgrad/internal/parallel"
)

// What a verdict allows for.
const (
	// safety is for what the error bar itself does not know.
	safety = 2
	// roundings is how many roundings of a typical term may add up in one
	// element of a gradient. Sums over a batch of hundreds, whose roundings
	// cancel for the most part, stay below.
	roundings = 64
)

// A Verdict says what the differences have to say about an element.
type Verdict int

const (
	// Agrees means that the backward pass is within the error bar.
	Agrees Verdict = iota
	// Wrong means that it is outside.
	Wrong
	// CannotTell means that the bar is so wide that being within says little:
	// wider than what the parameter does to the loss, because that is noisy
	// or flat, or wider than a kink that no step could resolve.
	CannotTell
)

// String is the verdict in words, as reports have it.
func (v Verdict) String() string {
	return [...]string{"agrees", "wrong", "cannot tell"}[v]
}

// An Element is one number of a gradient, twice.
type Element struct {
	// Index is the place in the parameter's X.
	Index int
	// Backprop is what the backward pass says.
	Backprop float64
	// Estimate is what the differences say.
	Estimate
	// Bar is how far apart the two may be.
	Bar     float64
	Verdict Verdict

	allowed float64 // after a second look
}

// off is the difference of the two.
func (e Element) off() float64 { return math.Abs(e.Backprop - e.Difference) }

// scale is what is usual for the elements of a parameter.
type scale struct {
	size  float64 // of an element
	slope float64 // of the loss along one
}

func scaleOf(elements []Element) scale {
	var s scale
	known := 0
	for _, e := range elements {
		if !math.IsNaN(e.Difference) {
			s.size = math.Hypot(s.size, e.Difference)
			s.slope = math.Hypot(s.slope, e.slope)
			known++
		}
	}
	root := math.Sqrt(math.Max(1, float64(known)))
	return scale{s.size / root, s.slope / root}
}

// judge gives the verdict on e, an element of a parameter with the given
// scale.
//
// What a backward pass rounds are the terms that it adds up, not what is left
// of them. A usual element of the parameter gives their size; and for a loss
// such as ½·mean(r²), with terms r·∂r, so does √(2·f·f″), which bounds their
// mean, by the inequality of Cauchy and Schwarz and Gauss and Newton's f″.
func (c *checker) judge(e *Element, usual scale) {
	terms := math.Abs(e.Difference) + usual.size + math.Sqrt(2*math.Abs(c.box.f0)*e.bend)
	rounded := roundings * c.Precision * terms
	width := safety*e.bar() + rounded + e.allowed
	e.Bar = e.Kink + width
	switch {
	case e.Backprop == 0 && e.slope == 0:
		e.Verdict = Agrees
	case math.IsNaN(e.Difference):
		e.Verdict = CannotTell
	case !(e.off() <= e.Bar):
		e.Verdict = Wrong
	case width > math.Max(usual.slope, e.Kink):
		e.Verdict = CannotTell
	default:
		e.Verdict = Agrees
	}
}

// allow gives e, which is to be called wrong, what a right backward pass might
// still have rounded:
//
//   - Where terms cancel, as in y − t and 1 − z of what is saturated, or over a
//     batch, they are not seen in this derivative, but in that at variables
//     that are all smaller or larger.
//   - Roundings of the forward pass act as if the variables were others, by
//     some roundings of each. There the derivative may be far from that at x,
//     where a small number is left of large ones.
func (c *checker) allow(e *Element, at func(to place, do func(line))) {
	largest := 0.0
	for scale := 1. / 64; scale <= 64; scale *= 2 {
		at(place{scale: scale}, func(l line) {
			if v := math.Abs(l.central(l.first)) / scale; v <= math.MaxFloat64 {
				largest = math.Max(largest, v)
			}
		})
	}
	lowest, highest := math.Inf(1), math.Inf(-1)
	for seed := range uint64(8) {
		at(place{scale: 1, rounding: roundings / 4 * c.Precision, seed: seed}, func(l line) {
			if v := l.central(e.Step / (1 << levels / 2)); math.Abs(v) <= math.MaxFloat64 {
				lowest, highest = math.Min(lowest, v), math.Max(highest, v)
			}
		})
	}
	e.allowed = roundings*c.Precision*largest + math.Max(0, highest-lowest)
}

func (c *checker) estimate(along line) Estimate {
	if c.Fixed != nil {
		return plain(along, c.Fixed)
	}
	return estimate(along, roundings*c.Precision*along.unit)
}

// checkElements fills in the chosen elements of all parameters.
func (c *checker) checkElements(r *Report) {
	type spot struct {
		p int
		e *Element
	}
	var spots []spot
	for p, chosen := range c.chosen {
		elements := make([]Element, len(chosen))
		r.Params[p].Elements = elements
		for n, i := range chosen {
			elements[n] = Element{Index: i, Backprop: c.gradient[p][i]}
			spots = append(spots, spot{p, &elements[n]})
		}
	}
	c.each(len(spots), func(w prober, n int) {
		spots[n].e.Estimate = c.estimate(w.line(spots[n].p, spots[n].e.Index))
		c.progress.advance()
	})
	for p := range r.Params {
		c.judgeAll(p, r.Params[p].Elements)
	}
}

// judgeAll gives the verdicts on the elements of parameter p. Those that seem
// to be wrong get a second look: all of them, unless a part of them shows that
// it changes nothing.
func (c *checker) judgeAll(p int, elements []Element) {
	usual := scaleOf(elements)
	var suspects []*Element
	for n := range elements {
		e := &elements[n]
		if c.judge(e, usual); e.Verdict == Wrong {
			suspects = append(suspects, e)
		}
	}
	const part = 64
	random := rand.New(rand.NewPCG(uint64(p), 0))
	random.Shuffle(len(suspects), func(i, j int) { suspects[i], suspects[j] = suspects[j], suspects[i] })
	for len(suspects) > 0 {
		now := suspects[:min(part, len(suspects))]
		c.each(len(now), func(w prober, n int) {
			c.allow(now[n], func(to place, do func(line)) {
				w.elsewhere(to, func(w prober) { do(w.line(p, now[n].Index)) })
			})
			c.judge(now[n], usual)
		})
		if !slices.ContainsFunc(now, func(e *Element) bool { return e.Verdict != Wrong }) {
			return
		}
		suspects = suspects[len(now):]
	}
}

// each is the function each for the workers there are.
func (c *checker) each(n int, do func(w prober, n int)) {
	if c.changes != nil {
		parallel.Each([]prober{c.changes}, n, do)
	} else {
		parallel.Each(c.workers(), n, func(b *blackBox, n int) { do(b, n) })
	}
}

// workers returns the losses to share the work, the first of them the caller's
// own.
func (c *checker) workers() []*blackBox {
	if c.boxes == nil {
		c.boxes = []*blackBox{c.box}
	}
	if c.Replica == nil {
		return c.boxes
	}
	for len(c.boxes) < (&grad.Settings{Workers: c.Workers}).Resolve().Workers {
		loss, x := c.Replica()
		b := newBlackBox(loss, x)
		b.f0, b.noise, b.step = c.box.f0, c.box.noise, c.box.step
		c.boxes = append(c.boxes, b)
	}
	return c.boxes
}
