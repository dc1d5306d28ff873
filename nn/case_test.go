package nn_test

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// ulp is the largest relative error of one rounding.
const ulp = 0x1p-53

// A sample is a net and a batch for it.
type sample struct {
	name string
	net  *nn.TwoLayer
	x    *mat.Dense
	t    []int
}

// samples are nets of many shapes on batches of many kinds.
func samples() []sample {
	normal := func(r *rand.Rand) float64 { return 2 * r.NormFloat64() }
	raw := func(r *rand.Rand) float64 { return float64(r.IntN(256)) }
	list := []sample{
		newSample("a small book", 20, 7, 10, 9, 0.3, grey),
		newSample("initial weights", 20, 7, 10, 9, 0.01, grey),
		newSample("one input", 1, 4, 3, 5, 1, grey),
		newSample("one hidden unit", 6, 1, 3, 5, 1, grey),
		newSample("one class", 6, 4, 1, 5, 1, grey),
		newSample("two classes", 6, 4, 2, 5, 1, grey),
		newSample("thirteen classes", 6, 4, 13, 5, 1, grey),
		newSample("one of each", 1, 1, 1, 1, 1, normal),
		newSample("one row", 12, 8, 3, 1, 1, grey),
		newSample("three blocks of rows", 5, 3, 3, 300, 1, grey),
		newSample("17 pixels and units", 17, 17, 3, 5, 1, grey),
		newSample("saturated sigmoids", 8, 4, 3, 6, 50, normal),
		newSample("any inputs", 9, 5, 4, 6, 0.5, normal),
		newSample("inputs to 255", 9, 5, 4, 6, 0.02, raw),
	}

	images := newSample("black, white and plain images", 9, 5, 4, 4, 1, grey)
	for i, v := range []float64{0, 1, 0.5, math.Copysign(0, -1)} {
		for j := range 9 {
			images.x.Set(i, j, v)
		}
	}
	hugeW2 := newSample("huge W2", 9, 5, 4, 6, 0.5, grey)
	hugeW2.net.W2.Scale(1e3, hugeW2.net.W2)
	absent := newSample("a class that never occurs", 9, 5, 4, 6, 1, grey)
	for i := range absent.t {
		absent.t[i] %= 2
	}
	window := newSample("columns of a wider matrix", 9, 5, 4, 6, 1, grey)
	wide := mat.NewDense(8, 14, nil)
	wide.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, wide)
	view := wide.Slice(1, 7, 3, 12).(*mat.Dense)
	view.Copy(window.x)
	window.x = view
	return append(list, images, hugeW2, absent, window)
}

// grey is a pixel as MNIST has it: mostly black, else one of 255 shades, here
// of few, so that some are shared.
func grey(r *rand.Rand) float64 {
	if r.IntN(3) > 0 {
		return 0
	}
	return float64(1+r.IntN(8)*36) / 255
}

func newSample(name string, d, h, k, n int, std float64, pixel func(*rand.Rand) float64) sample {
	src := rand.NewPCG(uint64(d), uint64(h))
	random := rand.New(src)
	s := sample{name, nn.NewTwoLayer(d, h, k, std, src), mat.NewDense(n, d, nil), make([]int, n)}
	for i := range h {
		s.net.B1[i] = std * random.NormFloat64()
	}
	for i := range k {
		s.net.B2[i] = std * random.NormFloat64()
	}
	s.x.Apply(func(_, _ int, _ float64) float64 { return pixel(random) }, s.x)
	for i := range s.t {
		s.t[i] = random.IntN(k)
	}
	return s
}

// numerical returns the gradient by [nn.TwoLayer.NumericalGradient], made with
// new memory.
func (s sample) numerical(settings *grad.Settings) *nn.Params {
	g := nn.NewParams(s.net.Sizes())
	(&nn.TwoLayer{Params: s.net.Params}).NumericalGradient(g, s.x, s.t, settings)
	return g
}

// inPlace returns the gradient by the textbook's loop.
func (s sample) inPlace(settings *grad.Settings) []float64 {
	return grad.InPlace(nil, func() float64 { return s.net.Loss(s.x, s.t) }, s.net.Vector, settings)
}

// scale bounds the derivatives of the loss: the n-th by a weight is at most
// about scaleⁿ.
func (s sample) scale() float64 {
	input := math.Max(mat.Max(s.x), -mat.Min(s.x))
	w2 := floats.Norm(s.net.W2.RawMatrix().Data, math.Inf(1))
	return math.Max(1, input) * math.Max(1, w2)
}

// lossError bounds what the roundings add to a loss, or to a probability, when
// a weight has moved by up to reach. With u = 2⁻⁵³:
//
//   - a chain of n fused multiply-adds is wrong by n·u times the sum of its
//     absolute values: that gives a1, and a2 with what the error of z1 adds;
//   - the sigmoid, of slope at most ¼, adds 4u;
//   - the loss moves by at most twice the largest error of a logit, and adds
//     (K+4)u of its own size, at most twice the largest logit + log K.
func (s sample) lossError(reach float64) float64 {
	d, hidden, k := s.net.Sizes()
	weight := floats.Norm(s.net.Vector, math.Inf(1)) + reach
	sums := mat.Norm(s.net.W2, 1) // the largest sum of a column

	a1 := mat.Norm(s.x, math.Inf(1))*weight + weight // the norm is the largest sum of a row
	errZ1 := float64(d+1)*ulp*a1/4 + 4*ulp
	a2 := sums + weight
	errA2 := float64(hidden+1)*ulp*a2 + sums*errZ1
	return 2*errA2 + float64(k+4)*ulp*(2*a2+math.Log(float64(k)))
}

// roundOff bounds the difference of numerical and inPlace: both make the
// errors of the loss; the displaced weight w + h is rounded by u·|w + h|, and
// the loss moves with it; an increment goes through K+16 roundings of its own.
func (s sample) roundOff(formula fd.Formula, h float64) float64 {
	_, _, k := s.net.Sizes()
	reach, coefficients := 0.0, 0.0
	for _, point := range formula.Stencil {
		reach = math.Max(reach, h*math.Abs(point.Loc))
		coefficients += math.Abs(point.Coeff)
	}
	weight := floats.Norm(s.net.Vector, math.Inf(1)) + reach
	moved := s.scale() * ulp * (weight + reach*float64(k+16))
	return coefficients * (2*s.lossError(reach) + moved) / h
}
