package gradcheck

import (
	"errors"
	"fmt"
	"math"
)

var errChanges = errors.New("the loss changes the variables that it is to read")

// diagnose finds what makes a loss unfit for differences, before any is taken,
// and measures its noise. It returns the loss at x.
func (c *checker) diagnose() (float64, error) {
	b := c.box
	b.f0 = b.loss()
	if !b.sameBits() {
		b.restore()
		return b.f0, errChanges
	}
	if math.IsNaN(b.f0) || math.IsInf(b.f0, 0) {
		return b.f0, fmt.Errorf("the loss is %v", b.f0)
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
			want, step, noise := c.box.line(p, i).at(h)
			bound := 6*noise + blunder*(math.Abs(got)+c.changes.at(h).rms)
			if !(math.Abs(got-want*h/step) <= bound) {
				return fmt.Errorf("at %s + %.3g the loss changes by %v, but Changes says by %v",
					elementName(c.names[p].Name, c.shape(p), i), h, want, got)
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
	moved := false
	for _, p := range r.Params {
		for _, e := range p.Elements {
			if math.IsNaN(e.Difference) {
				return fmt.Errorf("the loss is not finite at %s ± h, for any h from %.2g down", p.ElementName(e), e.Step)
			}
			moved = moved || e.slope != 0
		}
	}
	if !moved {
		return errors.New("the loss does not change with any variable; does it read the very memory that is displaced?")
	}
	return nil
}
