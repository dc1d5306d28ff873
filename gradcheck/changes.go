package gradcheck

import (
	"math"

	"numgrad/internal/extrapolate"
)

// changes asks an objective that knows its displaced losses for all variables
// at once.
type changes struct {
	fill   func(dst []float64, h float64)
	box    *blackBox
	starts []int // of each parameter, and the end
	known  map[float64]*displaced
}

// displaced are the changes for one step.
type displaced struct {
	change []float64
	rms    float64
}

func newChanges(fill func([]float64, float64), box *blackBox) *changes {
	c := &changes{fill, box, []int{0}, map[float64]*displaced{}}
	for _, v := range box.x {
		c.starts = append(c.starts, c.starts[len(c.starts)-1]+len(v))
	}
	return c
}

func (c *changes) elsewhere(to place) (there prober, back func()) {
	c.box.move(to)
	return newChanges(c.fill, c.box), c.box.restore
}

func (c *changes) at(s float64) *displaced {
	if d, ok := c.known[s]; ok {
		return d
	}
	d := &displaced{change: make([]float64, c.starts[len(c.starts)-1])}
	c.fill(d.change, s)
	d.rms = rms(d.change)
	c.known[s] = d
	return d
}

// changesStep is small, for what the changes keep of their digits does not
// depend on the step.
const changesStep = 0x1p-12

func (c *changes) element(p, i int) extrapolate.Line {
	return extrapolate.Line{
		At: func(s float64) (change, step, noise float64) {
			d := c.at(s)
			change = d.change[c.starts[p]+i]
			return change, s, roundings * Float64 * (math.Abs(change) + d.rms)
		},
		First: changesStep,
		Last:  extrapolate.Nearest * c.box.precision,
	}
}

func (c *changes) meanSlope(p int) float64 {
	plus, minus := c.at(changesStep).change, c.at(-changesStep).change
	sum := 0.0
	for i := c.starts[p]; i < c.starts[p+1]; i++ {
		sum = math.Hypot(sum, (plus[i]-minus[i])/(2*changesStep))
	}
	return sum / math.Sqrt(math.Max(1, float64(c.starts[p+1]-c.starts[p])))
}
