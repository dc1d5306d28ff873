package gradcheck

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// A line is the loss along one line through x.
type line struct {
	// at tells how much the loss changes for a displacement by about s, the
	// displacement that was really made, and the standard deviation of the
	// change's round-off.
	at func(s float64) (change, step, noise float64)
	// unit is the size of what is displaced, or one if that is small.
	unit float64
	// first is the first step to try.
	first float64
}

// A prober knows the loss along lines.
type prober interface {
	// line is the line along element i of parameter p.
	line(p, i int) line
	// elsewhere calls do with a prober of the loss at another point.
	elsewhere(to place, do func(prober))
}

// blackBox asks the loss, with elements of x displaced in place.
type blackBox struct {
	loss  func() float64
	x     [][]float64
	saved [][]float64
	f0    float64
	noise float64 // of one loss
	step  float64 // where x is of size one
}

func newBlackBox(loss func() float64, x [][]float64) *blackBox {
	b := &blackBox{loss: loss, x: x}
	for _, v := range x {
		b.saved = append(b.saved, append([]float64(nil), v...))
	}
	return b
}

func (b *blackBox) restore() {
	for p, v := range b.saved {
		copy(b.x[p], v)
	}
}

func (b *blackBox) line(p, i int) line {
	at, saved := &b.x[p][i], b.x[p][i]
	return b.from(binary(saved), func(s float64) (change, step float64) {
		defer func() { *at = saved }()
		*at = saved + s
		step = *at - saved
		return b.loss() - b.f0, step
	})
}

func (b *blackBox) from(unit float64, change func(s float64) (change, step float64)) line {
	return line{
		at: func(s float64) (float64, float64, float64) {
			change, step := change(s)
			return change, step, b.noise
		},
		unit:  unit,
		first: b.step * unit,
	}
}

// binary returns the size of x, at least one, as a power of two: a sum with a
// power of two loses no bits of x, or few.
func binary(x float64) float64 {
	_, exponent := math.Frexp(math.Max(1, math.Abs(x)) - 0.25)
	return math.Ldexp(1, exponent)
}

// A place is a point to compare with x.
type place struct {
	// scale is the factor of all variables.
	scale float64
	// rounding is by how much of itself each is moved up or down, as the seed
	// has it.
	rounding float64
	seed     uint64
}

// move moves the variables to another place.
func (b *blackBox) move(to place) {
	random := rand.New(rand.NewPCG(to.seed, 0))
	for p, x := range b.x {
		for i, v := range b.saved[p] {
			x[i] = to.scale * (v + float64(1-2*random.IntN(2))*to.rounding*v)
		}
	}
}

func (b *blackBox) elsewhere(to place, do func(prober)) {
	b.moved(to, func(b *blackBox) { do(b) })
}

func (b *blackBox) moved(to place, do func(*blackBox)) {
	defer b.restore()
	b.move(to)
	other := newBlackBox(b.loss, b.x)
	other.noise, other.step = b.noise, b.step // and its f0 is zero: central differences need none
	do(other)
}

// direction is the line along the given unit vector for elements from first
// on of parameter p.
func (b *blackBox) direction(p, first int, unit []float64) line {
	x, saved := b.x[p][first:][:len(unit)], b.saved[p][first:][:len(unit)]
	// Many elements share the way: it can be longer than that of one.
	return b.from(binary(math.Sqrt(float64(len(unit)))/16), func(s float64) (change, step float64) {
		defer copy(x, saved)
		floats.AddScaledTo(x, saved, s, unit)
		return b.loss() - b.f0, s
	})
}

// measureNoise finds the round-off of the loss near x, and the step that goes
// with it.
//
// The distance at which losses are compared grows until they are seen to
// differ, as they do late where the loss is computed in float32. At the first
// such distance their roundings may still be alike: two more are looked at,
// unless they are so long that the loss itself would bend.
func (b *blackBox) measureNoise(random *rand.Rand) {
	b.noise = Float64 * math.Abs(b.f0)
	towards := make([][]float64, len(b.x))
	for p, x := range b.x {
		towards[p] = make([]float64, len(x))
		for i, v := range x {
			// A round number would go through the loss with the same roundings
			// at each point.
			towards[p][i] = binary(v) * (2*random.Float64() - 1)
		}
	}
	defer b.restore()
	seen := 0
	for distance := 0x1p-44; seen == 0 && distance < 1 || seen < 3 && distance < 0x1p-24; distance *= 16 {
		sigma, differ := b.noiseAlong(towards, distance)
		if sigma <= math.MaxFloat64 {
			b.noise = math.Max(b.noise, sigma)
		}
		if differ {
			seen++
		}
	}
	// The sixth-order difference of the estimate is best where the truncation,
	// h⁶, is as large as the round-off, noise/h.
	relative := Float64
	if b.f0 != 0 {
		relative = math.Min(0x1p-10, b.noise/math.Abs(b.f0))
	}
	b.step = math.Exp2(math.Round(math.Log2(relative)/7) - 1)
}

// noiseAlong estimates the standard deviation of the round-off from losses at
// points of equal distance. They differ by something smooth and by round-off;
// a fourth difference leaves nothing of the one, and √70 times the other
// (Moré and Wild, Estimating Computational Noise, SIAM J. Sci. Comput. 33,
// 2011). Whether the losses differ is that most do from the one before.
func (b *blackBox) noiseAlong(towards [][]float64, distance float64) (sigma float64, differ bool) {
	const points, order = 12, 4
	var f [points]float64
	steps := 0
	for k := range f {
		for p, x := range b.x {
			floats.AddScaledTo(x, b.saved[p], distance*float64(k-points/2), towards[p])
		}
		f[k] = b.loss() - b.f0
		if k > 0 && f[k] != f[k-1] {
			steps++
		}
	}
	for n := range order {
		for k := range points - 1 - n {
			f[k] = f[k+1] - f[k]
		}
	}
	return rms(f[:points-order]) / math.Sqrt(70), steps >= points/2
}

// changes asks an objective that knows its displaced losses for all variables
// at once.
type changes struct {
	fill   func(dst []float64, h float64)
	box    *blackBox
	starts []int // of each parameter, and the end
	known  map[float64]*displaced
	others map[place]*changes
}

// displaced are the changes for one step.
type displaced struct {
	change []float64
	rms    float64
}

func newChanges(fill func([]float64, float64), box *blackBox) *changes {
	c := &changes{fill, box, []int{0}, map[float64]*displaced{}, map[place]*changes{}}
	for _, v := range box.x {
		c.starts = append(c.starts, c.starts[len(c.starts)-1]+len(v))
	}
	return c
}

func (c *changes) elsewhere(to place, do func(prober)) {
	if c.others[to] == nil {
		c.others[to] = newChanges(func(dst []float64, h float64) {
			defer c.box.restore()
			c.box.move(to)
			c.fill(dst, h)
		}, c.box)
	}
	do(c.others[to])
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

func (c *changes) line(p, i int) line {
	return line{
		at: func(s float64) (change, step, noise float64) {
			d := c.at(s)
			change = d.change[c.starts[p]+i]
			return change, s, roundings * Float64 * (math.Abs(change) + d.rms)
		},
		unit:  1,
		first: changesStep,
	}
}

func rms(v []float64) float64 {
	return floats.Norm(v, 2) / math.Sqrt(math.Max(1, float64(len(v))))
}
