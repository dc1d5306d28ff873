package gradcheck

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/extrapolate"
)

// A prober knows the loss along lines through x, or through another place.
type prober interface {
	// element is the line along element i of parameter p.
	element(p, i int) extrapolate.Line
	// meanSlope is the root mean square of the derivatives for the elements of
	// parameter p, roughly.
	meanSlope(p int) float64
	// elsewhere is a prober of the loss at another place, until back is called.
	elsewhere(to place) (there prober, back func())
}

// A place is a point to compare with x.
type place struct {
	// factor is that of all variables.
	factor float64
	// rounding is by how much of itself each is moved up or down at most, as
	// the seed has it.
	rounding float64
	seed     uint64
}

// central is the central difference along a line at step h, with its standard
// deviation.
func central(l extrapolate.Line, h float64) (slope, noise float64) {
	plus, there, sigma := l.At(h)
	minus, back, other := l.At(-there)
	return (plus - minus) / (there - back), math.Hypot(sigma, other) / (there - back)
}

// blackBox asks the loss, with elements of x displaced in place.
type blackBox struct {
	loss  func() float64
	x     [][]float64
	saved [][]float64
	f0    float64
	noise float64 // of one loss
	step  float64 // where x is of size one
	looks int     // of effort
	// precision is the unit round-off of the backward pass.
	precision float64
	// moved is told of what is written to, unless it is nil.
	moved func(p, first, end int)
}

func newBlackBox(loss func() float64, x [][]float64, precision float64) *blackBox {
	b := &blackBox{loss: loss, x: x, precision: precision}
	for _, v := range x {
		b.saved = append(b.saved, append([]float64(nil), v...))
	}
	return b
}

// like takes over what was measured of another box.
func (b *blackBox) like(other *blackBox) *blackBox {
	b.f0, b.noise, b.step, b.looks = other.f0, other.noise, other.step, other.looks
	return b
}

func (b *blackBox) restore() {
	for p, v := range b.saved {
		copy(b.x[p], v)
		b.wrote(p, 0, len(v))
	}
}

// wrote is called after elements first…end−1 of parameter p were written to.
func (b *blackBox) wrote(p, first, end int) {
	if b.moved != nil {
		b.moved(p, first, end)
	}
}

// sameBits tells whether the variables still are what they were.
func (b *blackBox) sameBits() bool {
	for p := range b.x {
		if !floats.Same(b.x[p], b.saved[p]) {
			return false
		}
	}
	return true
}

func (b *blackBox) element(p, i int) extrapolate.Line {
	at, saved := &b.x[p][i], b.x[p][i]
	l := b.from(extrapolate.Unit(saved), func(s float64) (change, step float64) {
		defer func() {
			*at = saved
			b.wrote(p, i, i+1)
		}()
		*at = saved + s
		b.wrote(p, i, i+1)
		step = *at - saved
		return b.loss() - b.f0, step
	})
	l.Last = extrapolate.Last(saved, b.precision)
	return l
}

// from is a line whose changes are asked for. unit is the size of what is
// displaced.
func (b *blackBox) from(unit float64, change func(s float64) (change, step float64)) extrapolate.Line {
	return extrapolate.Line{
		At: func(s float64) (float64, float64, float64) {
			change, step := change(s)
			return change, step, b.noise
		},
		First:    b.step * unit,
		Last:     extrapolate.Nearest * b.precision * unit,
		Doubtful: extrapolate.Doubtful(b.f0),
	}
}

// direction is the line along the given unit vector for elements from first
// on of parameter p.
func (b *blackBox) direction(p, first int, unit []float64) extrapolate.Line {
	x := b.x[p][first:][:len(unit)]
	saved := append([]float64(nil), x...)
	// Many elements share the way: it can be longer than that of one.
	return b.from(extrapolate.Unit(math.Sqrt(float64(len(unit)))/16), func(s float64) (change, step float64) {
		defer func() {
			copy(x, saved)
			b.wrote(p, first, first+len(unit))
		}()
		floats.AddScaledTo(x, saved, s, unit)
		b.wrote(p, first, first+len(unit))
		return b.loss() - b.f0, s
	})
}

// slopeLooks is how many random directions meanSlope takes for each of
// effort.looks.
const slopeLooks = 2

// meanSlope looks along a few random directions.
func (b *blackBox) meanSlope(p int) float64 {
	d := make([]float64, slopeLooks*b.looks)
	for k := range d {
		l := b.direction(p, 0, randomUnit(len(b.x[p]), uint64(k)))
		d[k], _ = central(l, l.First)
	}
	return rms(d)
}

// farSteps is how many steps far takes to each side.
const farSteps = 5

// far is the steepest mean slope along a few random directions over the
// elements of parameter p, as far as they are moved by their own size, and the
// loss by its own or by one.
func (b *blackBox) far(p int) float64 {
	steepest := 0.0
	for k := range uint64(b.looks) {
		l := b.direction(p, 0, randomUnit(len(b.x[p]), k))
		for _, sign := range []float64{1, -1} {
			h := sign * floats.Norm(b.saved[p], 2)
			for range farSteps {
				if change, step, _ := l.At(h); math.Abs(change) <= math.Max(1, math.Abs(b.f0)) && step != 0 {
					steepest = math.Max(steepest, math.Abs(change/step))
				}
				h /= 4
			}
		}
	}
	return steepest
}

// randomUnit draws a direction from the unit sphere.
func randomUnit(n int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 0))
	unit := make([]float64, n)
	for i := range unit {
		unit[i] = random.NormFloat64()
	}
	floats.Scale(1/floats.Norm(unit, 2), unit)
	return unit
}

// move moves the variables to another place.
func (b *blackBox) move(to place) {
	random := rand.New(rand.NewPCG(to.seed, 0))
	for p, x := range b.x {
		for i, v := range b.saved[p] {
			x[i] = to.factor * (v + (2*random.Float64()-1)*to.rounding*v)
		}
		b.wrote(p, 0, len(x))
	}
}

func (b *blackBox) elsewhere(to place) (there prober, back func()) {
	b.move(to)
	box := newBlackBox(b.loss, b.x, b.precision).like(b)
	box.moved = b.moved
	return box, b.restore
}

// measureNoise finds the round-off of the loss near x, and the step that goes
// with it. It looks along two directions: along one, a loss may by chance
// change by whole last places and look smooth.
func (b *blackBox) measureNoise(random *rand.Rand) {
	defer b.restore()
	const directions = 2
	for range directions {
		b.noise = math.Max(b.noise, b.noiseTowards(random))
	}
	b.step = extrapolate.FirstStep(b.noise, b.f0)
}

// noiseTowards finds the round-off along a random direction.
func (b *blackBox) noiseTowards(random *rand.Rand) float64 {
	towards := make([][]float64, len(b.x))
	for p, x := range b.saved {
		towards[p] = make([]float64, len(x))
		for i, v := range x {
			// A round number would go through the loss with the same roundings
			// at each point.
			towards[p][i] = 2*random.Float64() - 1
			if v != 0 {
				towards[p][i] *= math.Abs(v)
			}
		}
	}
	return extrapolate.Noise(func(t float64) float64 {
		for p, x := range b.x {
			floats.AddScaledTo(x, b.saved[p], t, towards[p])
			b.wrote(p, 0, len(x))
		}
		return b.loss() - b.f0
	}, b.f0)
}

func rms(v []float64) float64 {
	return floats.Norm(v, 2) / math.Sqrt(math.Max(1, float64(len(v))))
}
