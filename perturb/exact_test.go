package perturb

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
	"numgrad/nn"
)

// The tests compute the net in numbers of 150 digits, without any shortcut, so that
// they can subtract two losses at any step. More than 60 digits of a result are
// right, even for a loss of 1e-50 that changes by 1e-6 of itself.
const bits = 512

func number(v float64) *big.Float     { return new(big.Float).SetPrec(bits).SetFloat64(v) }
func sum(a, b *big.Float) *big.Float  { return number(0).Add(a, b) }
func diff(a, b *big.Float) *big.Float { return number(0).Sub(a, b) }
func prod(a, b *big.Float) *big.Float { return number(0).Mul(a, b) }
func quo(a, b *big.Float) *big.Float  { return number(0).Quo(a, b) }

func float(v *big.Float) float64 {
	f, _ := v.Float64()
	return f
}

// bigExp is the series of exp at v/2¹⁶, squared 16 times.
func bigExp(v *big.Float) *big.Float {
	const halvings = 16
	small := number(0).SetMantExp(v, -halvings)
	term, result := number(1), number(1)
	for n := 1.0; term.Sign() != 0 && term.MantExp(nil) > -bits; n++ {
		term = quo(prod(term, small), number(n))
		result = sum(result, term)
	}
	for range halvings {
		result = prod(result, result)
	}
	return result
}

// bigLog solves exp(y) = v by Halley's method. Each step triples the digits.
func bigLog(v *big.Float) *big.Float {
	mantissa := number(0)
	exponent := v.MantExp(mantissa)
	y := number(math.Log(float(mantissa)) + float64(exponent)*math.Ln2)
	for range 4 {
		e := bigExp(y)
		y = sum(y, prod(number(2), quo(diff(v, e), sum(v, e))))
	}
	return y
}

// bigLog1p is log(1+v), for a small v by its series.
func bigLog1p(v *big.Float) *big.Float {
	if v.Sign() == 0 || v.MantExp(nil) > -100 {
		return bigLog(sum(number(1), v))
	}
	power, result := v, v
	for n := 2.0; n <= 6; n++ {
		power = prod(power, number(0).Neg(v))
		result = sum(result, quo(power, number(n)))
	}
	return result
}

// exactLoss returns the loss of s with the weights v, up to a constant, and the side of
// the kink for each ReLU.
func (s sample) exactLoss(v []*big.Float) (total *big.Float, sides []bool) {
	total = number(0)
	for n, label := range s.t {
		var z []*big.Float
		for _, x := range s.x.RawRowView(n) {
			z = append(z, number(x))
		}
		rest := v
		for l, layer := range s.net.Layers {
			inputs, units := layer.W.Dims()
			w, b := rest[:inputs*units], rest[inputs*units:][:units]
			rest = rest[(inputs+1)*units:]
			a := make([]*big.Float, units)
			for j := range a {
				a[j] = b[j]
				for i := range z {
					a[j] = sum(a[j], prod(z[i], w[i*units+j]))
				}
				switch {
				case l == len(s.net.Layers)-1:
				case s.net.Activation != nn.ReLU:
					a[j] = quo(number(1), sum(number(1), bigExp(number(0).Neg(a[j]))))
				default:
					sides = append(sides, a[j].Sign() > 0)
					if a[j].Sign() < 0 {
						a[j] = number(0)
					}
				}
			}
			z = a
		}
		others := number(0)
		for k := range z {
			if k != label {
				others = sum(others, bigExp(diff(z[k], z[label])))
			}
		}
		if s.net.BookLoss {
			y := quo(number(1), sum(number(1), others))
			total = diff(total, bigLog1p(quo(y, number(loss.Delta)))) // without the constant −log δ
		} else {
			total = sum(total, bigLog1p(others))
		}
	}
	return quo(total, number(float64(len(s.t)))), sides
}

// exactDifference returns (L(w+right) − L(w−left)) / divisor for every weight. kinked
// reports whether a displacement moves a ReLU across its kink.
func (s sample) exactDifference(right, left, divisor float64) (result *nn.Params, kinked bool) {
	v := make([]*big.Float, len(s.net.Vector))
	for i, w := range s.net.Vector {
		v[i] = number(w)
	}
	_, here := s.exactLoss(v)
	result = nn.NewParams(s.net.Sizes()...)
	for i, w := range v {
		v[i] = sum(w, number(right))
		up, sides := s.exactLoss(v)
		kinked = kinked || !slices.Equal(sides, here)
		v[i] = diff(w, number(left))
		down, sides := s.exactLoss(v)
		kinked = kinked || !slices.Equal(sides, here)
		v[i] = w
		result.Vector[i] = float(quo(diff(up, down), number(divisor)))
	}
	return result, kinked
}

// wrongLogits bounds the rounding errors of the logits.
func (s sample) wrongLogits() float64 {
	most := 0.0
	for n := range s.t {
		_, errors := rowErrors(s.net, s.x.RawRowView(n), nil)
		most = max(most, floats.Max(errors[len(errors)-1]))
	}
	return most
}

// The engine is exact up to rounding. The error of each element is at most 1e-14 of the
// size of its array: of the largest element or sum of absolute terms. The rounding of
// the logits, some 2⁻⁵³·Σ|z·W|, adds to it, since probabilities are exponentials of
// differences of logits. The error of the big numbers is 2⁻⁴⁰⁰.
//
// If a displacement moves a ReLU across its kink, the rounding of the pre-activation
// moves the kink, and lossError bounds the effect.
func TestExact(t *testing.T) {
	samples := 16
	if long() {
		samples = 960
	}
	closest, kinks := 0.0, 0
	for i := range samples {
		s, h := smallSample(i)
		got := nn.NewParams(s.net.Sizes()...)
		right, left, divisor := h, h, 2*h
		var e Engine
		switch i / 8 % 3 {
		case 0:
			e.Gradient(got, s.net, s.x, s.t, &grad.Settings{Step: h})
		case 1:
			left, divisor = 0, h
			e.Gradient(got, s.net, s.x, s.t, &grad.Settings{Formula: grad.Forward, Step: h})
		default:
			right, left, divisor = -h, 0, 1
			e.Changes(got.Vector, s.net, s.x, s.t, -h)
		}
		want, kinked := s.exactDifference(right, left, divisor)
		beyond := 0x1p-400 / divisor
		if kinked {
			kinks++
			beyond += 2 * s.lossError(nil) / divisor
		}
		share := 1e-14 + 2*s.wrongLogits()
		sizes := terms(s.net, s.x, s.t)
		for k, a := range want.Arrays() {
			size := max(largest(a.Data), divisor/(right+left)*largest(sizes.Arrays()[k].Data))
			bound := share*size + beyond
			worst := floats.Distance(got.Arrays()[k].Data, a.Data, math.Inf(1))
			closest = max(closest, worst/bound)
			if !(worst <= bound) {
				t.Errorf("sample %d, %v %s, book's loss %v, h %v, logits wrong by %.2g, kinked %v: %s is wrong by %.2g, at most %.2g",
					i, s.net.Sizes(), s.net.Activation, s.net.BookLoss, h, s.wrongLogits(), kinked, a.Name, worst, bound)
			}
		}
	}
	t.Logf("at most %.2g of the bound; a kink within the displacements of %d of %d samples", closest, kinks, samples)
	if kinks > samples/2 {
		t.Errorf("%d of %d samples have a kink within the displacements: they prove little", kinks, samples)
	}
}

// smallSample draws a net of one to four small hidden layers and a step. i selects the
// activation, and one of four sorts: as drawn, large inputs, last weights of scale 100
// with right answers, and the same with any answers.
func smallSample(i int) (s sample, h float64) {
	r := rand.New(rand.NewPCG(11, uint64(i)))
	h = []float64{1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.5, 3}[r.IntN(7)]
	sizes := []int{1 + r.IntN(3)}
	for range 1 + r.IntN(4) {
		sizes = append(sizes, 2+r.IntN(2))
	}
	sizes = append(sizes, 2+r.IntN(3))
	s = newSample(r, []nn.Activation{nn.Sigmoid, nn.ReLU}[i%2], 1, 1+r.IntN(2), normal, sizes...)
	s.net.BookLoss = r.IntN(2) == 1
	switch i / 2 % 4 {
	case 1:
		s.x.Scale(20, s.x)
		s.net.Layers[0].W.Scale(0.05, s.net.Layers[0].W)
	case 2, 3:
		last := s.net.Layers[len(s.net.Layers)-1].W
		last.Scale(100, last)
		if i/2%4 == 2 {
			s.answer()
		}
	}
	return s, h
}

// In a saturated net tiny changes keep their digits: none is lost in 1 − z or 1 − y. The
// relative error comes from rounding an exponent of some hundreds.
func TestExactSaturated(t *testing.T) {
	const h, bound = 1e-5, 1e-12
	worst, smallest := 0.0, 1.0
	for classes := 2; classes < 9; classes++ {
		r := rand.New(rand.NewPCG(12, uint64(classes)))
		s := newSample(r, nn.Sigmoid, 20, 1, normal, 3, 2, 2, classes)
		s.answer()
		got := s.engine(&grad.Settings{Step: h})
		want, _ := s.exactDifference(h, h, 2*h)
		for i, w := range want.Vector {
			e := math.Abs(got.Vector[i]-w) / math.Abs(w)
			worst, smallest = max(worst, e), min(smallest, math.Abs(w))
			if !(e <= bound) {
				t.Errorf("%d classes: %s is %v, want %v, wrong by %.2g of it", classes, weightName(want, i), got.Vector[i], w, e)
			}
		}
	}
	t.Logf("wrong by %.2g of an element, at most %.2g; the smallest element is %.2g", worst, bound, smallest)
	if !(smallest < 1e-30) {
		t.Errorf("the smallest element is %v: the net is not sure enough for this test", smallest)
	}
}

// If y is far below the book's 1e-7, changes of the book's loss are tiny even where
// changes of −log y are large. Without a hidden layer the logits are the biases, and the
// relative error of a change is a few roundings.
func TestExactBookLoss(t *testing.T) {
	for _, distance := range []float64{10, 20, 90} {
		for _, h := range []float64{1e-6, 0.4, 2, 9} {
			for _, label := range []int{0, 1} {
				s := sample{net: &nn.Net{Params: nn.NewParams(1, 3), BookLoss: true}, x: mat.NewDense(1, 1, []float64{1}), t: []int{label}}
				copy(s.net.Layers[0].B, []float64{0, distance, 1})
				for _, step := range []float64{h, -h} {
					got := make([]float64, len(s.net.Vector))
					new(Engine).Changes(got, s.net, s.x, s.t, step)
					want, _ := s.exactDifference(step, 0, 1)
					for i, w := range want.Vector {
						if bound := 100 * ulp * math.Abs(w); !(math.Abs(got[i]-w) <= bound) {
							t.Errorf("logits %v, label %d, step %v: %s changes by %v, want %v within %.2g",
								s.net.Layers[0].B, label, step, weightName(want, i), got[i], w, bound)
						}
					}
				}
			}
		}
	}
}
