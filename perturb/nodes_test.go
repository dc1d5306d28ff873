package perturb

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// polynomialBound is what the polynomials may cost, in terms of the size of an
// array: roundings.
const polynomialBound = 16 * 0x1p-52

// layers has gradients of nets in which displacements of all sizes occur: those
// of the last layer are as large as the step, and those of the first are larger,
// by large inputs.
func layers(samples int, test func(name string, net *nn.Net, x *mat.Dense, t []int, s *grad.Settings)) {
	formulas := []fd.Formula{grad.Central, grad.Forward, {
		Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -2. / 3}, {Loc: 1, Coeff: 2. / 3}, {Loc: 2, Coeff: -1. / 12}},
		Derivative: 1,
	}}
	for i := range samples {
		r := rand.New(rand.NewPCG(21, uint64(i)))
		sizes := []int{3 + r.IntN(20)}
		for range 1 + r.IntN(4) {
			sizes = append(sizes, 2+r.IntN(10))
		}
		sizes = append(sizes, 2+r.IntN(9))
		scale := math.Exp(r.Float64() * math.Log(10)) // 1 to 10 times Xavier's
		net := nn.New(sizes, func(inputs int) float64 { return scale * nn.Xavier(inputs) }, r)
		if i%3 == 0 {
			net.Activation = nn.ReLU
		}
		net.BookLoss = i%5 == 0
		if i%4 == 0 { // larger displacements of units than of logits
			last := net.Layers[len(net.Layers)-1].W
			last.Scale(1e-3, last)
		}
		far := []float64{1, 3, 255}[r.IntN(3)]
		if far == 255 { // as raw pixels have it
			net.Layers[0].W.Scale(1./255, net.Layers[0].W)
		}
		x := mat.NewDense(1+r.IntN(4), sizes[0], nil)
		x.Apply(func(_, _ int, _ float64) float64 { return far * max(-0.2, r.Float64()-0.3) }, x)
		t := make([]int, x.RawMatrix().Rows)
		for n := range t {
			t[n] = r.IntN(net.Classes())
		}
		h := math.Pow(10, -5+5*r.Float64()) // 1e-5 … 1
		f := formulas[r.IntN(len(formulas))]
		name := fmt.Sprintf("sample %d, %v, h %.2g, scale %.2g, x to %v", i, sizes, h, scale, far)
		test(name, net, x, t, &grad.Settings{Formula: f, Step: h, Workers: 1})
	}
}

// The sums over a few nodes are those over each input's own displacement, up to
// roundings, on every node set.
func TestPolynomial(t *testing.T) {
	samples := 150
	if Long() {
		samples = 6000
	}
	var used [5]int // by node set; the last is none
	worst := 0.0
	layers(samples, func(name string, net *nn.Net, x *mat.Dense, labels []int, s *grad.Settings) {
		var e Engine
		got, want := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
		e.Gradient(got, net, x, labels, s)
		var here [5]int
		for i := range e.chunk {
			for l := range e.chunk[i].layers {
				here[setOf(&e.chunk[i].layers[l])]++
			}
		}
		for i, n := range here {
			used[i] += n
		}
		withLimits(-1, 4, func() { e.Gradient(want, net, x, labels, s) })
		apart := furthest(got, want, Terms(net, x, labels))
		worst = max(worst, apart)
		if !(apart <= polynomialBound) {
			t.Errorf("%s, nodeSets %v: %.2g of the largest element apart, at most %.2g", name, here, apart, polynomialBound)
		}
	})
	t.Logf("at most %.2g·2⁻⁵² of the largest element; layers on each node set %v, on none %d", worst/0x1p-52, used[:4], used[4])
	for i, n := range used {
		if n < samples/20 {
			t.Errorf("node set %d is used for %d layers", i, n)
		}
	}
}

// The bound that TestPolynomial asks for is not met without the limits of the
// nodeSets: neither by four nodes at h = 1e-2, nor by any node set one lower.
func TestLimitsMatter(t *testing.T) {
	for i := range nodeSets {
		worst := 0.0
		layers(60, func(_ string, net *nn.Net, x *mat.Dense, labels []int, s *grad.Settings) {
			var e Engine
			got, want := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
			if i == 0 {
				s.Step = 1e-2
			}
			withLimits(math.Inf(1), i+1, func() { e.Gradient(got, net, x, labels, s) })
			withLimits(-1, 4, func() { e.Gradient(want, net, x, labels, s) })
			worst = max(worst, furthest(got, want, Terms(net, x, labels)))
		})
		t.Logf("without the limit of node set %d: %.2g of the largest element apart", i, worst)
		if !(worst > 1000*polynomialBound) {
			t.Errorf("without the limit of node set %d: only %.2g of the largest element apart", i, worst)
		}
	}
}

// withLimits calls f with other limits: the first n nodeSets have none above
// what they had if limit is infinite, and are never used if it is negative.
func withLimits(limit float64, n int, f func()) {
	saved := make([]float64, len(nodeSets))
	for i := range nodeSets {
		saved[i] = nodeSets[i].limit
	}
	defer func() {
		for i := range nodeSets {
			nodeSets[i].limit = saved[i]
		}
	}()
	if limit > 0 {
		n--
		nodeSets[n].limit = limit
	} else {
		for i := range n {
			nodeSets[i].limit = limit
		}
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

// furthest returns the largest difference of two gradients, each in terms of the
// size of the array: the largest element, or the largest sum of terms that it is
// made of.
func furthest(got, want, terms *nn.Params) float64 {
	most := 0.0
	for i, a := range want.Arrays() {
		size := math.Max(floats.Norm(a.Data, math.Inf(1)), floats.Norm(terms.Arrays()[i].Data, math.Inf(1)))
		apart := floats.Distance(got.Arrays()[i].Data, a.Data, math.Inf(1))
		if apart > 0 || math.IsNaN(apart) {
			most = math.Max(most, apart/size)
		}
	}
	return most
}
