package nn_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
	"numgrad/nn"
)

// The net once more, in numbers of 240 bits and without any shortcut, so that
// a central difference of two whole losses can be taken at any step.

func number(v float64) *big.Float     { return new(big.Float).SetPrec(240).SetFloat64(v) }
func sum(a, b *big.Float) *big.Float  { return number(0).Add(a, b) }
func diff(a, b *big.Float) *big.Float { return number(0).Sub(a, b) }
func prod(a, b *big.Float) *big.Float { return number(0).Mul(a, b) }
func quo(a, b *big.Float) *big.Float  { return number(0).Quo(a, b) }

func float(v *big.Float) float64 {
	f, _ := v.Float64()
	return f
}

// exp is the series of exp at v/2¹⁶, squared 16 times.
func exp(v *big.Float) *big.Float {
	const halvings = 16
	small := number(0).SetMantExp(v, -halvings)
	term, result := number(1), number(1)
	for n := 1.0; n < 25; n++ {
		term = quo(prod(term, small), number(n))
		result = sum(result, term)
	}
	for range halvings {
		result = prod(result, result)
	}
	return result
}

// log is the root y of exp(y) = v by Halley's method, whose digits triple with
// each step.
func log(v *big.Float) *big.Float {
	y := number(math.Log(float(v)))
	for range 3 {
		e := exp(y)
		y = sum(y, prod(number(2), quo(diff(v, e), sum(v, e))))
	}
	return y
}

// exactLoss is the loss of s with weights v.
func (s sample) exactLoss(v []*big.Float) *big.Float {
	inputs, hidden, classes := s.net.Sizes()
	w1, v := v[:inputs*hidden], v[inputs*hidden:]
	b1, v := v[:hidden], v[hidden:]
	w2, b2 := v[:hidden*classes], v[hidden*classes:]
	total := number(0)
	for n, label := range s.t {
		z1 := make([]*big.Float, hidden)
		for j := range z1 {
			a1 := b1[j]
			for i, x := range s.x.RawRowView(n) {
				a1 = sum(a1, prod(number(x), w1[i*hidden+j]))
			}
			z1[j] = quo(number(1), sum(number(1), exp(number(0).Neg(a1))))
		}
		exps := number(0)
		var right *big.Float
		for k := range classes {
			a2 := b2[k]
			for j, z := range z1 {
				a2 = sum(a2, prod(z, w2[j*classes+k]))
			}
			exps = sum(exps, exp(a2))
			if k == label {
				right = a2
			}
		}
		total = sum(total, diff(log(exps), right))
	}
	return quo(total, number(float64(len(s.t))))
}

// exactDifference is (L(w+h) − L(w−h)) / 2h for every weight.
func (s sample) exactDifference(h float64) []float64 {
	v := make([]*big.Float, len(s.net.Vector))
	for i, w := range s.net.Vector {
		v[i] = number(w)
	}
	result := make([]float64, len(v))
	for i, w := range v {
		v[i] = sum(w, number(h))
		right := s.exactLoss(v)
		v[i] = diff(w, number(h))
		left := s.exactLoss(v)
		v[i] = w
		result[i] = float(quo(diff(right, left), number(2*h)))
	}
	return result
}

// fewRoundings is what a gradient of elements below one may be wrong by when
// its increments are never rounded to the size of the loss: each goes through
// about ten roundings of its own size.
const fewRoundings = 10 * ulp

// The increments are more than an equal of the textbook's loop: they are
// nearer to what both approximate.
func TestNumericalGradientIsExact(t *testing.T) {
	for _, s := range []sample{
		newSample("two hidden units", 3, 2, 3, 2, 1, grey),
		newSample("one row", 2, 3, 2, 1, 1, grey),
	} {
		for _, h := range []float64{1e-12, 1e-8, 1e-4, 1e-3, 0.5, 3} {
			settings := &grad.Settings{Step: h}
			want, got := s.exactDifference(h), s.numerical(settings).Vector
			checkVector(t, fmt.Sprintf("%s, step %v", s.name, h), got, want, fewRoundings)
			if h > 1e-4 {
				continue // where the loop has few roundings as well
			}
			worst := floats.Distance(got, want, math.Inf(1))
			inPlace := floats.Distance(s.inPlace(settings), want, math.Inf(1))
			t.Logf("%s, step %v: in place %.2g", s.name, h, inPlace)
			if !(worst < inPlace/100) {
				t.Errorf("%s, step %v: wrong by %v, and the textbook's loop by %v", s.name, h, worst, inPlace)
			}
		}
	}
}

// A net that is sure of all it says has tiny increments, of which none is lost
// in 1 − z1 or 1 − y: each is right relative to its own size, but for the
// roundings of a1 and a2, some hundreds, of which it is an exponential.
func TestNumericalGradientOfSaturatedNet(t *testing.T) {
	const h, bound = 1e-5, 1e-12
	worst := 0.0
	for classes := 2; classes < 12; classes++ {
		s := newSample("", 3, 2, classes, 1, 10, (*rand.Rand).NormFloat64)
		got, want := s.numerical(&grad.Settings{Step: h}).Vector, s.exactDifference(h)
		for i := range want {
			e := math.Abs(got[i]-want[i]) / math.Abs(want[i])
			worst = math.Max(worst, e)
			if !(e <= bound) {
				t.Errorf("%d classes, weight %d: got %v, want %v, wrong by %.2g of it", classes, i, got[i], want[i], e)
			}
		}
	}
	t.Logf("wrong by %.2g of an element, at most %.2g", worst, bound)
}

// At a step of 2⁻⁶⁰ what a central difference leaves out is far below the last
// bit of the derivative.
func TestGradientIsExact(t *testing.T) {
	s := newSample("", 3, 2, 3, 2, 1, grey)
	g := nn.NewParams(s.net.Sizes())
	s.net.Gradient(g, s.x, s.t)
	checkVector(t, "backprop", g.Vector, s.exactDifference(0x1p-60), fewRoundings)
}
