package perturb

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
	"numgrad/nn"
)

// polynomialBound is the rounding error that the polynomials may add, relative to
// the size of an array.
const polynomialBound = 16 * 0x1p-52

// layers calls test with gradients in which displacements of all sizes occur: in
// the last layer they are as large as the step, and large inputs enlarge them in
// the first.
func layers(samples int, test func(s sample, settings *grad.Settings)) {
	for i := range samples {
		r := rand.New(rand.NewPCG(21, uint64(i)))
		sizes := []int{3 + r.IntN(20)}
		for range 1 + r.IntN(4) {
			sizes = append(sizes, 2+r.IntN(10))
		}
		most := []float64{1, 3, 255}[r.IntN(3)]
		input := func(r *rand.Rand) float64 { return most * max(-0.2, r.Float64()-0.3) }
		scale := math.Exp(r.Float64() * math.Log(10)) // 1 to 10 times Xavier's
		s := newSample(r, nn.Sigmoid, scale, 1+r.IntN(4), input, append(sizes, 2+r.IntN(9))...)
		if i%3 == 0 {
			s.net.Activation = nn.ReLU
		}
		s.net.BookLoss = i%5 == 0
		if i%4 == 0 { // larger displacements of units than of logits
			last := s.net.Layers[len(s.net.Layers)-1].W
			last.Scale(1e-3, last)
		}
		if most == 255 { // raw pixels
			s.net.Layers[0].W.Scale(1./255, s.net.Layers[0].W)
		}
		h := math.Pow(10, -5+5*r.Float64()) // 1e-5 … 1
		s.name = fmt.Sprintf("sample %d, %v, h %.2g, scale %.2g, x to %v", i, s.net.Sizes(), h, scale, most)
		test(s, &grad.Settings{Formula: formulas[r.IntN(len(formulas))].Formula, Step: h, Workers: 1})
	}
}

// The sums over a few nodes agree with a displacement for each input, up to
// rounding, on every node set.
func TestPolynomial(t *testing.T) {
	samples := 150
	if long() {
		samples = 6000
	}
	var used [5]int // by node set; the last counts layers without one
	worst := 0.0
	layers(samples, func(s sample, settings *grad.Settings) {
		var e Engine
		got := nn.NewParams(s.net.Sizes()...)
		e.Gradient(got, s.net, s.x, s.t, settings)
		for i := range e.chunk {
			for l := range e.chunk[i].layers {
				used[setOf(&e.chunk[i].layers[l])]++
			}
		}
		apart := s.furthest(got, settings)
		worst = max(worst, apart)
		if !(apart <= polynomialBound) {
			t.Errorf("%s: %.2g of the largest element apart, at most %.2g", s.name, apart, polynomialBound)
		}
	})
	t.Logf("at most %.2g·2⁻⁵² of the largest element; layers on each node set %v, on none %d", worst/0x1p-52, used[:4], used[4])
	for i, n := range used {
		if n < samples/20 {
			t.Errorf("node set %d is used for %d layers", i, n)
		}
	}
}

// TestPolynomial fails without the limits of the node sets: with four nodes at
// h = 1e-2, and with any node set in place of the next.
func TestLimitsMatter(t *testing.T) {
	for i := range nodeSets {
		worst := 0.0
		layers(60, func(s sample, settings *grad.Settings) {
			if i == 0 {
				settings.Step = 1e-2
			}
			var got *nn.Params
			withLimits(nodeSets[i:i+1], math.Inf(1), func() { got = s.engine(settings) })
			worst = max(worst, s.furthest(got, settings))
		})
		t.Logf("without the limit of node set %d: %.2g of the largest element apart", i, worst)
		if !(worst > 1000*polynomialBound) {
			t.Errorf("without the limit of node set %d: only %.2g of the largest element apart", i, worst)
		}
	}
}

// withLimits calls f while the node sets have another limit.
func withLimits(sets []nodeSet, limit float64, f func()) {
	saved := append([]nodeSet(nil), sets...)
	defer copy(sets, saved)
	for i := range sets {
		sets[i].limit = limit
	}
	f()
}

// setOf returns the index of a layer's node set, or their number if it has none.
func setOf(l *rowLayer) int {
	for i := range nodeSets {
		if l.nodes == &nodeSets[i] {
			return i
		}
	}
	return len(nodeSets)
}

// furthest returns the largest difference of got from the gradient without node
// sets, relative to the size of its array: the largest element, or the largest sum
// of absolute terms.
func (s sample) furthest(got *nn.Params, settings *grad.Settings) float64 {
	var want *nn.Params
	withLimits(nodeSets, -1, func() { want = s.engine(settings) })
	sizes, most := terms(s.net, s.x, s.t), 0.0
	for i, a := range want.Arrays() {
		apart := floats.Distance(got.Arrays()[i].Data, a.Data, math.Inf(1))
		if apart > 0 || math.IsNaN(apart) {
			most = math.Max(most, apart/math.Max(largest(a.Data), largest(sizes.Arrays()[i].Data)))
		}
	}
	return most
}
