package perturb_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
)

// ulp is the largest relative error of one rounding.
const ulp = 0x1p-53

// A sample is a net and a batch for it.
type sample struct {
	name string
	net  *nn.Net
	x    *mat.Dense
	t    []int
}

// A kind of sample is drawn for a net with that activation and loss, and for a
// step h.
type kind struct {
	name string
	draw func(r *rand.Rand, act nn.Activation, h float64) sample
}

// kinds has nets of many shapes on batches of many sorts.
var kinds = []kind{
	{"no hidden layer", sized(5, 4)},
	{"one hidden layer", sized(6, 5, 3)},
	{"two hidden layers", sized(6, 5, 4, 3)},
	{"three hidden layers", sized(5, 4, 5, 3, 4)},
	{"four hidden layers", sized(5, 4, 3, 5, 4, 3)},
	{"any sizes", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		sizes := []int{1 + r.IntN(9)}
		for range 1 + r.IntN(4) {
			sizes = append(sizes, 1+r.IntN(7))
		}
		return newSample(r, act, 0.5+r.Float64(), 1+r.IntN(9), grey, append(sizes, 2+r.IntN(5))...)
	}},
	{"layers of very different widths", sized(2, 30, 1, 17, 3)},
	{"all layers of one unit", sized(1, 1, 1, 1, 2)},
	{"one class", sized(4, 3, 3, 1)},
	{"thirteen classes", sized(4, 3, 3, 13)},
	{"one row", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 1, 1, normal, 7, 6, 5, 4)
	}},
	{"several blocks of rows", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 1, 260, grey, 4, 3, 3, 3)
	}},
	{"a class that never occurs", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		s := newSample(r, act, 1, 6, grey, 6, 5, 4, 4)
		for i := range s.t {
			s.t[i] = 3 * (s.t[i] % 2)
		}
		return s
	}},
	{"initial weights", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 0.01, 6, grey, 9, 6, 5, 4)
	}},
	{"saturated units", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 30, 5, normal, 6, 5, 4, 3)
	}},
	{"dead units", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		s := newSample(r, act, 1, 6, grey, 6, 5, 4, 3)
		s.net.Layers[0].B[1], s.net.Layers[1].B[0] = -60, -60
		return s
	}},
	{"all units dead", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		s := newSample(r, act, 1, 4, grey, 6, 5, 4, 3)
		floats.AddConst(-60, s.net.Layers[1].B)
		return s
	}},
	{"kinks within h", kinks},
	{"inputs of either sign", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 0.5, 6, normal, 8, 5, 4, 4)
	}},
	{"inputs to 255", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 0.02, 5, func(r *rand.Rand) float64 { return float64(r.IntN(256)) }, 8, 5, 4, 3)
	}},
	{"zeros, a -0, ones and subnormal numbers", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		s := newSample(r, act, 1, 5, grey, 9, 5, 4, 4)
		for i, v := range []float64{0, math.Copysign(0, -1), 1, math.SmallestNonzeroFloat64} {
			for j := range 9 {
				s.x.Set(i, j, v)
			}
		}
		s.x.Set(4, 2, math.Copysign(0, -1))
		return s
	}},
	{"columns of a wider matrix", func(r *rand.Rand, act nn.Activation, _ float64) sample {
		s := newSample(r, act, 1, 6, grey, 9, 5, 4)
		wide := mat.NewDense(8, 14, nil)
		wide.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, wide)
		window := wide.Slice(1, 7, 3, 12).(*mat.Dense)
		window.Copy(s.x)
		s.x = window
		return s
	}},
	{"last weights of scale 100, right answers", sure},
	{"last weights of scale 100, wrong answers", func(r *rand.Rand, act nn.Activation, h float64) sample {
		s := sure(r, act, h)
		for i, k := range s.t {
			s.t[i] = (k + 1) % s.net.Classes()
		}
		return s
	}},
}

func sized(sizes ...int) func(*rand.Rand, nn.Activation, float64) sample {
	return func(r *rand.Rand, act nn.Activation, _ float64) sample {
		return newSample(r, act, 1, 7, grey, sizes...)
	}
}

// sure is a net that is certain of its answers, which are the labels.
func sure(r *rand.Rand, act nn.Activation, _ float64) sample {
	s := newSample(r, act, 1, 5, grey, 6, 5, 4, 4)
	last := s.net.Layers[len(s.net.Layers)-1].W
	last.Scale(100, last)
	s.answer()
	return s
}

// answer makes the net's answers the labels.
func (s sample) answer() {
	y := s.net.Predict(s.x)
	for i := range s.t {
		s.t[i] = floats.MaxIdx(y.RawRowView(i))
	}
}

// kinks has a row for which units of each hidden layer have pre-activations
// from −1.5·h to 1.5·h, ±h and 0 among them: rectified units change their side
// under displacements of the first layer's weights, and those of the later layers.
func kinks(r *rand.Rand, act nn.Activation, h float64) sample {
	s := newSample(r, act, 1, 3, normal, 5, 8, 8, 8, 3)
	z := s.x.RawRowView(0)
	for _, layer := range s.net.Layers[:3] {
		next := make([]float64, len(layer.B))
		for j := range next {
			sum := 0.0
			for i, v := range z {
				sum += v * layer.W.At(i, j)
			}
			if share := []float64{0, 1, -1, 0.5, -0.5, 1.5, 0.01}; j < len(share) {
				layer.B[j] = share[j]*h - sum
			}
			if sum += layer.B[j]; act == nn.ReLU {
				next[j] = max(0, sum)
			} else {
				next[j] = 1 / (1 + math.Exp(-sum))
			}
		}
		z = next
	}
	return s
}

func normal(r *rand.Rand) float64 { return 2 * r.NormFloat64() }

// grey is a pixel as MNIST has it: mostly black, else one of 255 shades.
func grey(r *rand.Rand) float64 {
	if r.IntN(3) > 0 {
		return 0
	}
	return float64(1+r.IntN(255)) / 255
}

// newSample draws a net and n rows for it. The standard deviation of the biases
// is scale, that of a W scale/√inputs, so that the pre-activations are of about
// that size.
func newSample(r *rand.Rand, act nn.Activation, scale float64, n int, pixel func(*rand.Rand) float64, sizes ...int) sample {
	xavier := func(inputs int) float64 { return scale * nn.Xavier(inputs) }
	s := sample{net: nn.New(sizes, xavier, r), x: mat.NewDense(n, sizes[0], nil), t: make([]int, n)}
	s.net.Activation = act
	for _, l := range s.net.Layers {
		for j := range l.B {
			l.B[j] = scale * r.NormFloat64()
		}
	}
	s.x.Apply(func(_, _ int, _ float64) float64 { return pixel(r) }, s.x)
	for i := range s.t {
		s.t[i] = r.IntN(sizes[len(sizes)-1])
	}
	return s
}

// eachSample calls test with samples of every kind, both activations and both
// losses, for the step h that is drawn from steps.
func eachSample(seed uint64, steps []float64, test func(r *rand.Rand, s sample, h float64)) {
	for i, k := range kinds {
		for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
			for _, book := range []bool{false, true} {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				h := steps[r.IntN(len(steps))]
				s := k.draw(r, act, h)
				s.net.BookLoss = book
				s.name = fmt.Sprintf("%s, %v %s, book's loss %v, seed %d, h %v", k.name, s.net.Sizes(), act, book, seed, h)
				test(r, s, h)
			}
		}
	}
}

// engine returns the gradient by an engine with new memory.
func (s sample) engine(settings *grad.Settings) *nn.Params {
	g := nn.NewParams(s.net.Sizes()...)
	var e perturb.Engine
	e.Gradient(g, s.net, s.x, s.t, settings)
	return g
}

// formulas has some of gonum's kind.
var formulas = []struct {
	name string
	fd.Formula
}{
	{"central", grad.Central},
	{"forward", grad.Forward},
	{"backward", fd.Backward},
	{"four points", fd.Formula{
		Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -2. / 3}, {Loc: 1, Coeff: 2. / 3}, {Loc: 2, Coeff: -1. / 12}},
		Derivative: 1,
	}},
	{"on one side", fd.Formula{
		Stencil:    []fd.Point{{Loc: 0, Coeff: -1.5}, {Loc: 1, Coeff: 2}, {Loc: 2, Coeff: -0.5}},
		Derivative: 1,
	}},
}

// largest returns the largest |v|.
func largest(v []float64) float64 { return floats.Norm(v, math.Inf(1)) }
