package gradcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

// ErrUnread is the fault of a loss that does not depend on the variables.
var ErrUnread = errors.New("the loss does not change with any variable; does it read the very memory that is displaced?")

var errChanges = errors.New("the loss changes the variables that it reads")

// box asks the loss, with variables displaced in place.
type box struct {
	loss     func() float64
	x        [][]float64 // the memory that the loss reads
	given    [][]float64 // the values before the check
	here     [][]float64 // the place to displace from: given, or near it
	size     []float64   // the typical size of the variables of each parameter
	f0       float64     // the loss at given
	noise    float64     // the standard deviation of one loss
	scale    float64     // the larger of |f0| and the usual change of the loss
	first    float64     // the first step, for variables of size one
	asked    int
	progress func(asked int)
}

func newBox(loss func() float64, x [][]float64, progress func(asked int)) box {
	b := box{loss: loss, x: x, progress: progress}
	for _, v := range x {
		b.given = append(b.given, slices.Clone(v))
	}
	b.here = b.given
	return b
}

// ask returns the loss minus f0.
func (b *box) ask() float64 {
	b.asked++
	b.progress(b.asked)
	return b.loss() - b.f0
}

// along returns the change of the loss at x + s·u and the step that was made,
// where u displaces the spans.
func (b *box) along(over []span, u []float64, s float64) (change, step float64) {
	step = s
	single := len(u) == 1
	for _, o := range over {
		x := b.x[o.p][o.first:o.end]
		floats.AddScaledTo(x, b.here[o.p][o.first:o.end], s, u[:len(x)])
		if single { // x + s·u is rounded
			step = (x[0] - b.here[o.p][o.first]) / u[0]
		}
		u = u[len(x):]
	}
	change = b.ask()
	for _, o := range over {
		copy(b.x[o.p][o.first:o.end], b.here[o.p][o.first:o.end])
	}
	return change, step
}

// goTo makes a place the one to displace from.
func (b *box) goTo(place [][]float64) {
	b.here = place
	for p, v := range place {
		copy(b.x[p], v)
	}
}

// at calls do with all variables at another place, change(p, i, v) for each v.
func (c *checker) at(change func(p int, v float64) float64, do func()) {
	place := make([][]float64, len(c.given))
	for p, given := range c.given {
		for _, v := range given {
			place[p] = append(place[p], change(p, v))
		}
	}
	c.goTo(place)
	c.changes.forget()
	do()
	c.goTo(c.given)
	c.changes.forget()
}

// diagnose finds faults that make differences impossible, and measures the loss.
func (c *checker) diagnose() error {
	for p, x := range c.x {
		for i, v := range x {
			if math.IsNaN(v - v) {
				return fmt.Errorf("%s is %v, want finite variables", c.params[p].ElementName(Element{Index: i}), v)
			}
		}
	}
	f0 := c.ask()
	c.report.Loss = f0
	switch {
	case !c.sameBits():
		return errChanges
	case math.IsNaN(f0 - f0):
		return fmt.Errorf("the loss is %v", f0)
	}
	c.f0 = f0
	again := c.ask()
	c.measureSizes()
	c.measureNoise()
	if !c.repeats(again) {
		return fmt.Errorf("the loss is %v, and when asked again %v: it is random; leave out dropout, or fix its seed", f0, f0+again)
	}
	c.noise = math.Max(c.noise, math.Abs(again)/2)
	c.first = extrapolate.FirstStep(c.noise, c.scale)
	if c.Changes != nil {
		return c.startChanges()
	}
	return nil
}

// repeats reports whether a loss at the same variables, which differs from f0
// by the given change, differs only in its last places.
func (b *box) repeats(change float64) bool { return math.Abs(change) <= 1e-6*b.scale }

// sameBits reports whether the loss has left the variables as given. It
// restores them if not.
func (b *box) sameBits() bool {
	for p := range b.x {
		if !floats.Same(b.x[p], b.given[p]) {
			b.goTo(b.given)
			return false
		}
	}
	return true
}

// measureSizes finds the typical size of the variables of each parameter: their
// root mean square, or if that is zero, the root mean square of the others.
func (b *box) measureSizes() {
	var others []float64
	for _, v := range b.given {
		b.size = append(b.size, rms(v))
		if s := rms(v); s > 0 {
			others = append(others, s)
		}
	}
	usual := rms(others)
	if usual == 0 {
		usual = 1
	}
	for p, s := range b.size {
		if s == 0 {
			b.size[p] = usual
		}
	}
}

// measureNoise finds the round-off of the loss near x and its usual change. It
// looks along two directions: along one, a loss may by chance change by whole
// last places and look smooth.
func (c *checker) measureNoise() {
	const directions = 2
	c.scale = math.Abs(c.f0)
	for range directions {
		towards := make([][]float64, len(c.given))
		for p, x := range c.given {
			for _, v := range x {
				if v == 0 {
					v = c.size[p]
				}
				// Not a round number: the loss might round alike at each point.
				towards[p] = append(towards[p], (2*c.random.Float64()-1)*math.Abs(v))
			}
		}
		change := func(t float64) float64 {
			for p, x := range c.x {
				floats.AddScaledTo(x, c.given[p], t, towards[p])
			}
			return c.ask()
		}
		c.noise = math.Max(c.noise, extrapolate.Noise(change, c.f0))
		c.scale = math.Max(c.scale, extrapolate.Slope(change))
	}
	c.goTo(c.given)
}

// coarse reports whether the loss has fewer digits than a float64.
func (b *box) coarse() bool { return extrapolate.Coarse(b.noise, b.scale) }

// aftermath finds faults that show after all losses have been asked for.
func (c *checker) aftermath() error {
	again := c.ask()
	if !c.sameBits() {
		return errChanges
	}
	if !c.repeats(again) {
		return fmt.Errorf("the loss was %v, and is %v at the end, at the same variables; does it keep something between calls?", c.f0, c.f0+again)
	}
	finite, wrong, flat := false, false, true
	for t := range c.targets() {
		finite = finite || t.known()
		wrong = wrong || t.Verdict == Wrong
	}
	for p := range c.params {
		flat = flat && c.params[p].flat() && c.params[p].elsewhere == 0
	}
	switch {
	case !finite:
		return errors.New("the loss is not finite where any variable is displaced")
	case flat && wrong:
		return ErrUnread
	}
	return nil
}

func rms(v []float64) float64 {
	return floats.Norm(v, 2) / math.Sqrt(math.Max(1, float64(len(v))))
}
