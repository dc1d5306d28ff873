package perturb

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
	"numgrad/nn"
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

// A kind describes samples to draw.
type kind struct {
	name  string
	sizes []int
	scale float64                                  // as in newSample; 1 if zero
	rows  int                                      // 6 if zero
	pixel func(*rand.Rand) float64                 // grey if nil
	edit  func(r *rand.Rand, s *sample, h float64) // changes a sample, for the step h
}

// kinds has nets of many shapes on batches of many sorts.
var kinds = []kind{
	{name: "no hidden layer", sizes: []int{5, 4}},
	{name: "one hidden layer", sizes: []int{6, 5, 3}},
	{name: "two hidden layers", sizes: []int{6, 5, 4, 3}},
	{name: "three hidden layers", sizes: []int{5, 4, 5, 3, 4}},
	{name: "four hidden layers", sizes: []int{5, 4, 3, 5, 4, 3}},
	{name: "any sizes", sizes: []int{1, 2}, edit: func(r *rand.Rand, s *sample, _ float64) {
		sizes := []int{1 + r.IntN(9)}
		for range 1 + r.IntN(4) {
			sizes = append(sizes, 1+r.IntN(7))
		}
		*s = newSample(r, s.net.Activation, 0.5+r.Float64(), 1+r.IntN(9), grey, append(sizes, 2+r.IntN(5))...)
	}},
	{name: "layers of very different widths", sizes: []int{2, 30, 1, 17, 3}},
	{name: "all layers of one unit", sizes: []int{1, 1, 1, 1, 2}},
	{name: "one class", sizes: []int{4, 3, 3, 1}},
	{name: "thirteen classes", sizes: []int{4, 3, 3, 13}},
	{name: "one row", sizes: []int{7, 6, 5, 4}, rows: 1, pixel: normal},
	{name: "several chunks of rows", sizes: []int{4, 3, 3, 3}, rows: 260},
	{name: "a class that never occurs", sizes: []int{6, 5, 4, 4}, edit: func(_ *rand.Rand, s *sample, _ float64) {
		for i := range s.t {
			s.t[i] = 3 * (s.t[i] % 2)
		}
	}},
	{name: "initial weights", sizes: []int{9, 6, 5, 4}, scale: 0.01},
	{name: "saturated units", sizes: []int{6, 5, 4, 3}, scale: 30, pixel: normal},
	{name: "dead units", sizes: []int{6, 5, 4, 3}, edit: func(_ *rand.Rand, s *sample, _ float64) {
		s.net.Layers[0].B[1], s.net.Layers[1].B[0] = -60, -60
	}},
	{name: "all units dead", sizes: []int{6, 5, 4, 3}, edit: func(_ *rand.Rand, s *sample, _ float64) {
		floats.AddConst(-60, s.net.Layers[1].B)
	}},
	{name: "kinks within h", sizes: []int{5, 8, 8, 8, 3}, rows: 3, pixel: normal, edit: kinks},
	{name: "inputs of either sign", sizes: []int{8, 5, 4, 4}, scale: 0.5, pixel: normal},
	{name: "inputs to 255", sizes: []int{8, 5, 4, 3}, scale: 0.02, pixel: func(r *rand.Rand) float64 { return float64(r.IntN(256)) }},
	{name: "zeros, a -0, ones and subnormal numbers", sizes: []int{9, 5, 4, 4}, edit: func(_ *rand.Rand, s *sample, _ float64) {
		for i, v := range []float64{0, math.Copysign(0, -1), 1, math.SmallestNonzeroFloat64} {
			for j := range 9 {
				s.x.Set(i, j, v)
			}
		}
		s.x.Set(4, 2, math.Copysign(0, -1))
	}},
	{name: "columns of a wider matrix", sizes: []int{9, 5, 4}, edit: func(_ *rand.Rand, s *sample, _ float64) {
		wide := mat.NewDense(8, 14, nil)
		wide.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, wide)
		window := wide.Slice(1, 7, 3, 12).(*mat.Dense)
		window.Copy(s.x)
		s.x = window
	}},
	{name: "last weights of scale 100, right answers", sizes: []int{6, 5, 4, 4}, edit: sure},
	{name: "last weights of scale 100, wrong answers", sizes: []int{6, 5, 4, 4}, edit: func(r *rand.Rand, s *sample, h float64) {
		sure(r, s, h)
		for i, k := range s.t {
			s.t[i] = (k + 1) % s.net.Classes()
		}
	}},
}

func (k *kind) draw(r *rand.Rand, act nn.Activation, h float64) sample {
	pixel := k.pixel
	if pixel == nil {
		pixel = grey
	}
	s := newSample(r, act, cmp.Or(k.scale, 1), cmp.Or(k.rows, 6), pixel, k.sizes...)
	if k.edit != nil {
		k.edit(r, &s, h)
	}
	return s
}

// sure makes the net certain of its answers, and sets the labels to them.
func sure(_ *rand.Rand, s *sample, _ float64) {
	last := s.net.Layers[len(s.net.Layers)-1].W
	last.Scale(100, last)
	s.answer()
}

// answer sets the labels to the most probable classes.
func (s sample) answer() {
	y := s.net.Predict(s.x)
	for i := range s.t {
		s.t[i] = floats.MaxIdx(y.RawRowView(i))
	}
}

// kinks moves pre-activations of each hidden layer, for the first row, to −h, 0, h
// and other places near 0: rectified units change their side when the weights of
// their own layer or an earlier one move by h.
func kinks(_ *rand.Rand, s *sample, h float64) {
	z := s.x.RawRowView(0)
	for _, layer := range s.net.Layers[:3] {
		a := sums(z, layer)
		for j, share := range []float64{0, 1, -1, 0.5, -0.5, 1.5, 0.01} {
			layer.B[j] += share*h - a[j]
			a[j] = share * h
		}
		z = activate(s.net, a)
	}
}

// activate replaces pre-activations by activations.
func activate(net *nn.Net, a []float64) []float64 {
	for j, v := range a {
		if net.Activation == nn.ReLU {
			a[j] = math.Max(0, v)
		} else {
			a[j] = 1 / (1 + math.Exp(-v))
		}
	}
	return a
}

func normal(r *rand.Rand) float64 { return 2 * r.NormFloat64() }

// grey draws a pixel like MNIST's: mostly black, else one of 255 shades.
func grey(r *rand.Rand) float64 {
	if r.IntN(3) > 0 {
		return 0
	}
	return float64(1+r.IntN(255)) / 255
}

// newSample draws a net and n rows. The standard deviation is scale for biases and
// scale/√inputs for a W, so that pre-activations have about the size scale.
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
// losses, and a step h drawn from steps.
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

// engine returns the gradient by a new engine.
func (s sample) engine(settings *grad.Settings) *nn.Params {
	g := nn.NewParams(s.net.Sizes()...)
	var e Engine
	e.Gradient(g, s.net, s.x, s.t, settings)
	return g
}

// formulas are finite differences of several kinds.
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

func toBits(x []float64) []uint64 {
	bits := make([]uint64, len(x))
	for i, v := range x {
		bits[i] = math.Float64bits(v)
	}
	return bits
}

// weightName returns the name of element i of a vector, such as W1[2,0].
func weightName(p *nn.Params, i int) string {
	for _, a := range p.Arrays() {
		switch {
		case i >= len(a.Data):
			i -= len(a.Data)
		case len(a.Shape) == 2:
			return fmt.Sprintf("%s[%d,%d]", a.Name, i/a.Shape[1], i%a.Shape[1])
		default:
			return fmt.Sprintf("%s[%d]", a.Name, i)
		}
	}
	return "?"
}

// long selects more samples of each kind.
func long() bool { return os.Getenv("NUMGRAD_LONG") != "" }

// terms returns the gradient by backpropagation with the absolute values of all terms
// of all sums. It bounds rounding errors where terms of the gradient cancel.
func terms(net *nn.Net, x *mat.Dense, t []int) *nn.Params {
	result := nn.NewParams(net.Sizes()...)
	for n, label := range t {
		z := [][]float64{x.RawRowView(n)}
		var d []float64 // by the pre-activations: |y − t| for the logits
		for l, layer := range net.Layers {
			a := sums(z[l], layer)
			d = loss.Softmax(nil, a)
			z = append(z, activate(net, a))
		}
		d[label] = floats.Sum(d) - d[label]
		for l := len(net.Layers) - 1; l >= 0; l-- {
			layer, before := result.Layers[l], make([]float64, len(z[l]))
			for j, v := range d {
				layer.B[j] += v / float64(len(t))
				for i, in := range z[l] {
					layer.W.Set(i, j, layer.W.At(i, j)+math.Abs(in)*v/float64(len(t)))
					slope := 1.0
					if net.Activation != nn.ReLU {
						slope = in * (1 - in)
					} else if in == 0 {
						slope = 0
					}
					before[i] += slope * math.Abs(net.Layers[l].W.At(i, j)) * v
				}
			}
			d = before
		}
	}
	return result
}
