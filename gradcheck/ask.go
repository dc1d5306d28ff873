package gradcheck

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

// ErrUnread is the fault of a loss that does not depend on the variables.
var ErrUnread = errors.New("the loss does not change with any variable; does it read the very memory that is displaced?")

// ErrNotFinite is the fault of a loss that is NaN or infinite at the given
// variables, or at all displaced ones. A program whose loss fails returns NaN.
var ErrNotFinite = errors.New("the loss is not finite")

type notFinite string

func (e notFinite) Error() string        { return string(e) }
func (e notFinite) Is(target error) bool { return target == ErrNotFinite }

var errChanges = errors.New("the loss changes the variables that it reads")

// box asks the loss, with variables displaced in place.
type box struct {
	loss     func() float64
	x        [][]float64 // the memory that the loss reads
	given    [][]float64 // the values before the check
	here     [][]float64 // the place to displace from: given, or near it
	size     []float64   // of the variables of each parameter
	f0       float64     // the loss at given
	noise    float64     // the standard deviation of one loss
	scale    float64     // the larger of |f0| and the usual change of the loss
	first    float64     // the first step, for variables of size one
	asked    int
	moved    func(p, first, end int)
	progress func(asked int)
}

func newBox(loss func() float64, x [][]float64, moved func(p, first, end int), progress func(asked int)) box {
	b := box{loss: loss, x: x, moved: moved, progress: progress}
	for _, v := range x {
		b.given = append(b.given, append([]float64(nil), v...))
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

func (b *box) wrote(p, first, end int) {
	if b.moved != nil {
		b.moved(p, first, end)
	}
}

// goTo makes a place the one to displace from.
func (b *box) goTo(place [][]float64) {
	b.here = place
	for p, v := range place {
		copy(b.x[p], v)
		b.wrote(p, 0, len(v))
	}
}

// at calls do with all variables moved to another place.
func (c *checker) at(place [][]float64, do func()) {
	c.goTo(place)
	c.changes.forget()
	do()
	c.goTo(c.given)
	c.changes.forget()
}

// scaled returns the given variables times a factor.
func (b *box) scaled(factor float64) [][]float64 {
	place := make([][]float64, len(b.given))
	for p, v := range b.given {
		place[p] = floats.ScaleTo(make([]float64, len(v)), factor, v)
	}
	return place
}

// along returns the change of the loss at x + s·u and the step that was made,
// where u displaces the spans.
func (b *box) along(over []span, u []float64, s float64) (change, step float64) {
	step = s
	rest := u
	for _, o := range over {
		x, here := b.x[o.p][o.first:o.end], b.here[o.p][o.first:o.end]
		floats.AddScaledTo(x, here, s, rest[:len(x)])
		rest = rest[len(x):]
		b.wrote(o.p, o.first, o.end)
	}
	if len(u) == 1 {
		o := over[0]
		step = (b.x[o.p][o.first] - b.here[o.p][o.first]) / u[0]
	}
	change = b.ask()
	for _, o := range over {
		copy(b.x[o.p][o.first:o.end], b.here[o.p][o.first:o.end])
		b.wrote(o.p, o.first, o.end)
	}
	return change, step
}

// diagnose finds faults that make differences impossible, and measures the
// noise of the loss.
func (c *checker) diagnose() error {
	for p, x := range c.x {
		for i, v := range x {
			if math.IsNaN(v - v) {
				return fmt.Errorf("%s is %v, want finite variables", c.params[p].ElementName(Element{Index: i}), v)
			}
		}
	}
	c.measureSizes()
	f0 := c.ask()
	c.report.Loss = f0
	if !c.sameBits() {
		return errChanges
	}
	if math.IsNaN(f0 - f0) {
		return notFinite(fmt.Sprintf("the loss is %v", f0))
	}
	c.f0 = f0
	again := c.ask()
	c.measureNoise(c.random)
	if !c.repeats(again) {
		return fmt.Errorf("the loss is %v, and when asked again %v: it is random; leave out dropout, or fix its seed", f0, f0+again)
	}
	c.noise = math.Max(c.noise, math.Abs(again)/2)
	c.first = extrapolate.FirstStep(c.noise, c.scale)
	if c.Changes != nil {
		c.changes = newChanges(c.given)
		return c.checkChanges()
	}
	return nil
}

// repeats reports whether a loss at the same variables, which differs from f0
// by the given amount, differs only in its last places.
func (b *box) repeats(change float64) bool {
	return math.Abs(change) <= 1e-6*b.scale
}

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

// measureNoise finds the round-off of the loss near x, its usual change, and
// the first step. It looks along two directions: along one, a loss may by
// chance change by whole last places and look smooth.
func (b *box) measureNoise(random *rand.Rand) {
	const directions = 2
	b.scale = math.Abs(b.f0)
	for range directions {
		towards := make([][]float64, len(b.given))
		for p, x := range b.given {
			towards[p] = make([]float64, len(x))
			for i, v := range x {
				// Not a round number: the loss might round alike at each point.
				towards[p][i] = 2*random.Float64() - 1
				if v != 0 {
					towards[p][i] *= math.Abs(v)
				} else {
					towards[p][i] *= b.size[p]
				}
			}
		}
		change := func(t float64) float64 {
			for p, x := range b.x {
				floats.AddScaledTo(x, b.given[p], t, towards[p])
				b.wrote(p, 0, len(x))
			}
			return b.ask()
		}
		b.noise = math.Max(b.noise, extrapolate.Noise(change, b.f0))
		b.scale = math.Max(b.scale, extrapolate.Slope(change))
	}
	b.goTo(b.given)
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
	finite := false
	for t := range c.targets() {
		finite = finite || t.known()
	}
	flat, zero := true, true
	for p := range c.params {
		flat = flat && c.params[p].flat() && c.params[p].elsewhere == 0
		zero = zero && floats.Norm(c.params[p].gradient, 1) == 0
	}
	switch {
	case !finite:
		return notFinite("the loss is not finite where any variable is displaced")
	case flat && !zero:
		return ErrUnread
	}
	return nil
}

func rms(v []float64) float64 {
	return floats.Norm(v, 2) / math.Sqrt(math.Max(1, float64(len(v))))
}
