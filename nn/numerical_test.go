package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

var formulas = map[string]fd.Formula{
	"central":  grad.Central,
	"forward":  grad.Forward,
	"backward": fd.Backward,
	"four points": {
		Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -2. / 3}, {Loc: 1, Coeff: 2. / 3}, {Loc: 2, Coeff: -1. / 12}},
		Derivative: 1,
		Step:       1e-3,
	},
}

// Every element of the incremental gradient is that of the textbook's loop, up
// to the roundings of the latter.
func TestNumericalGradientIsInPlace(t *testing.T) {
	for _, s := range samples() {
		for name, formula := range formulas {
			for _, h := range []float64{1e-6, 1e-4, 1e-2, 0.5, 3} {
				settings := &grad.Settings{Formula: formula, Step: h}
				checkVector(t, fmt.Sprintf("%s, %s, step %v", s.name, name, h),
					s.numerical(settings).Vector, s.inPlace(settings), s.roundOff(formula, h))
			}
		}
	}
}

// Gonum knows nothing of the net but a function of a vector.
func TestNumericalGradientIsGonums(t *testing.T) {
	s := newSample("", 20, 7, 10, 9, 0.3, grey)
	net := nn.TwoLayer{Params: s.net.Clone()}
	want := fd.Gradient(nil, func(v []float64) float64 {
		copy(net.Vector, v)
		return net.Loss(s.x, s.t)
	}, s.net.Vector, &fd.Settings{Formula: fd.Central, Step: grad.BookStep})
	got := s.numerical(nil).Vector
	checkVector(t, "against gonum", got, want, s.roundOff(grad.Central, grad.BookStep))
}

func checkVector(t *testing.T, name string, got, want []float64, bound float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", name, len(got), len(want))
	}
	worst := 0.0
	for i := range want {
		difference := math.Abs(got[i] - want[i])
		worst = math.Max(worst, difference)
		if !(difference <= bound) {
			t.Errorf("%s: element %d is %v, want %v: %.2g apart, at most %.2g", name, i, got[i], want[i], difference, bound)
		}
	}
	t.Logf("%s: %.2g apart, at most %.2g", name, worst, bound)
}

// The central difference at the book's step is within 1e-9 of the derivative.
func TestNumericalGradientIsBackprop(t *testing.T) {
	for _, size := range [][4]int{{784, 12, 10, 5}, {30, 50, 10, 20}, {5, 3, 2, 300}} {
		s := newSample("", size[0], size[1], size[2], size[3], 0.3, grey)
		want := nn.NewParams(s.net.Sizes())
		s.net.Gradient(want, s.x, s.t)
		checkVector(t, fmt.Sprint(size), s.numerical(nil).Vector, want.Vector, 1e-9)
	}
}

// A batch whose tables do not fit into the memory of one block: 119 rows do.
func TestNumericalGradientWideBlocks(t *testing.T) {
	s := newSample("", 1000, 70, 3, 130, 0.1, grey)
	want := nn.NewParams(s.net.Sizes())
	s.net.Gradient(want, s.x, s.t)
	checkVector(t, "two blocks", s.numerical(nil).Vector, want.Vector, 1e-9)
}

// The same bits, whatever the number of workers, and whatever the net was
// asked before.
func TestNumericalGradientSameBits(t *testing.T) {
	list := samples()
	want := make([][]uint64, len(list))
	for i, s := range list {
		want[i] = toBits(s.numerical(&grad.Settings{Workers: 1}).Vector)
	}
	random := rand.New(rand.NewPCG(1, 6))
	var shared nn.TwoLayer
	for range 5 {
		for _, i := range random.Perm(len(list)) {
			s := list[i]
			shared.Params = s.net.Params
			g := nn.NewParams(s.net.Sizes())
			for k := range g.Vector {
				g.Vector[k] = math.NaN() // whatever dst holds is gone
			}
			workers := 1 + random.IntN(7)
			loss := shared.NumericalGradient(g, s.x, s.t, &grad.Settings{Workers: workers})
			if !slices.Equal(toBits(g.Vector), want[i]) {
				t.Errorf("%s: %d workers do not give the bits of one in new memory", s.name, workers)
			}
			if want := s.net.Loss(s.x, s.t); loss != want {
				t.Errorf("%s: loss %v, want %v", s.name, loss, want)
			}
		}
	}
}

func toBits(x []float64) []uint64 {
	bits := make([]uint64, len(x))
	for i, v := range x {
		bits[i] = math.Float64bits(v)
	}
	return bits
}

// Nets that share weights and batch may be asked at the same time, and none
// changes what it shares.
func TestConcurrentNets(t *testing.T) {
	for _, s := range []sample{
		newSample("", 20, 7, 10, 40, 0.3, grey),
		newSample("", 20, 7, 10, 40, 50, grey),
	} {
		weights, inputs := toBits(s.net.Vector), toBits(s.x.RawMatrix().Data)
		settings := &grad.Settings{Workers: 3}
		want := toBits(s.numerical(settings).Vector)
		wantLoss, wantRight := s.net.Loss(s.x, s.t), s.net.Correct(s.x, s.t)
		backprop := nn.NewParams(s.net.Sizes())
		s.net.Gradient(backprop, s.x, s.t)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if got := toBits(s.numerical(settings).Vector); !slices.Equal(got, want) {
					t.Error("NumericalGradient has other bits")
				}
				g := nn.NewParams(s.net.Sizes())
				(&nn.TwoLayer{Params: s.net.Params}).Gradient(g, s.x, s.t)
				if !slices.Equal(toBits(g.Vector), toBits(backprop.Vector)) {
					t.Error("Gradient has other bits")
				}
				if loss, right := s.net.Loss(s.x, s.t), s.net.Correct(s.x, s.t); loss != wantLoss || right != wantRight {
					t.Errorf("loss %v, %d right, want %v, %d", loss, right, wantLoss, wantRight)
				}
			})
		}
		wg.Wait()
		if !slices.Equal(toBits(s.net.Vector), weights) {
			t.Error("the weights have changed")
		}
		if !slices.Equal(toBits(s.x.RawMatrix().Data), inputs) {
			t.Error("the inputs have changed")
		}
	}
}

// What is not finite comes out as such, and stops nothing.
func TestNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for name, set := range map[string]func(sample){
			"x":  func(s sample) { s.x.Set(1, 2, v) },
			"W1": func(s sample) { s.net.W1.Set(2, 1, v) },
			"b1": func(s sample) { s.net.B1[1] = v },
			"W2": func(s sample) { s.net.W2.Set(1, 1, v) },
			"b2": func(s sample) { s.net.B2[1] = v },
		} {
			s := newSample("", 9, 5, 4, 6, 1, grey)
			s.x.Set(0, 2, 1)
			set(s)
			g := nn.NewParams(s.net.Sizes())
			got, want := s.net.NumericalGradient(g, s.x, s.t, nil), s.net.Loss(s.x, s.t)
			if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Errorf("%s = %v: loss %v, want %v", name, v, got, want)
			}
			if math.IsNaN(v) && !(math.IsNaN(got) && math.IsNaN(mat.Sum(g.W2))) {
				t.Errorf("%s = %v: loss %v, gradient of W2 %v, want NaN", name, v, got, mat.Formatted(g.W2))
			}
		}
	}
}
