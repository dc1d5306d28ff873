package gradcheck

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"numgrad/internal/extrapolate"
	"numgrad/internal/number"
)

// ErrUnread is the fault of a loss that does not depend on the variables.
var ErrUnread = errors.New("the loss does not change with any variable, however far they are moved; does it read the very memory that is displaced?")

// ErrNotFinite is the fault of a loss that is NaN or infinite at the variables
// as they are given, or wherever they are displaced. A loss that fails returns
// NaN.
var ErrNotFinite = errors.New("want a finite number")

var errChanges = errors.New("the loss changes the variables that it is to read")

// diagnose finds what makes a loss unfit for differences, before any is taken,
// and measures its noise. It returns the loss at x.
func (c *checker) diagnose() (float64, error) {
	b := c.box
	for p, x := range b.x {
		for i, v := range x {
			if math.IsNaN(v - v) {
				return math.NaN(), fmt.Errorf("%s is %v, want finite variables", c.names[p].Name+number.Index(i, c.shape(p)), v)
			}
		}
	}
	b.f0 = b.loss()
	if !b.sameBits() {
		b.restore()
		return b.f0, errChanges
	}
	if math.IsNaN(b.f0 - b.f0) {
		return b.f0, fmt.Errorf("the loss is %v, %w", b.f0, ErrNotFinite)
	}
	if again := b.loss(); again != b.f0 {
		return b.f0, fmt.Errorf("the loss is %v, and when asked again %v; leave out dropout, or fix its seed", b.f0, again)
	}
	b.measureNoise(c.random)
	return b.f0, nil
}

// checkChanges compares a few of the changes with the loss itself: a mistake
// that they shared with the backward pass would otherwise pass.
func (c *checker) checkChanges() error {
	if c.changes == nil {
		return nil
	}
	const perParameter = 3
	for p, x := range c.box.x {
		for range min(perParameter, len(x)) {
			i := c.random.IntN(len(x))
			const h, blunder = changesStep, 1e-4
			got := c.changes.at(h).change[c.changes.starts[p]+i]
			want, step, noise := c.box.element(p, i).At(h)
			bound := 6*noise + blunder*(math.Abs(got)+c.changes.at(h).rms)
			if !(math.Abs(got-want*h/step) <= bound) {
				return fmt.Errorf("at %s + %.3g the loss changes by %v, but Changes says by %v",
					c.names[p].Name+number.Index(i, c.shape(p)), h, want, got)
			}
		}
	}
	return nil
}

func (c *checker) shape(p int) []int {
	if s := c.names[p].Shape; s != nil {
		return s
	}
	return []int{len(c.names[p].X)}
}

// aftermath finds what only shows after all losses have been asked.
func (c *checker) aftermath(r *Report) error {
	b := c.box
	again := b.loss()
	if !b.sameBits() {
		b.restore()
		return errChanges
	}
	if again != b.f0 {
		return fmt.Errorf("the loss was %v, and is %v at the end, at the same variables; does it keep something between calls?", b.f0, again)
	}
	for p := range r.Params {
		if !r.Params[p].flat {
			return nil
		}
	}
	if b.reach(func(int, int) bool { return true }) == 0 {
		return ErrUnread
	}
	return nil
}

// coarse tells whether the loss has less than the digits of a float64.
func (b *blackBox) coarse() bool { return b.noise > extrapolate.Doubtful(b.f0) }

// reach moves the variables that moves names by as much as their own size, or
// by one, and then up to 512 times as far. It returns the mean slope over the
// first move that changes the loss, or zero if none does.
func (b *blackBox) reach(moves func(p, i int) bool) float64 {
	defer b.restore()
	random := rand.New(rand.NewPCG(1, 1))
	for _, far := range []float64{1, 1, 8, 8, 64, 64, 512, 512} {
		way := 0.0
		for p, x := range b.saved {
			for i, v := range x {
				if moves(p, i) {
					s := far * extrapolate.Unit(v) * random.NormFloat64()
					b.x[p][i] = v + s
					way = math.Hypot(way, s)
				}
			}
			b.wrote(p, 0, len(x))
			b.wrote(p, 0, len(b.x[p]))
		}
		if change := b.loss() - b.f0; change != 0 {
			return math.Abs(change) / way
		}
	}
	return 0
}
