package nn_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
	"numgrad/nn"
)

// Backpropagation against gonum's central difference, which knows nothing of
// the net but a function of a vector. At h = 1e-4 the truncation error of these
// nets, with weights of size one, is some h², and the roundings of a loss some
// 1e-15/h.
func TestGradientIsGonums(t *testing.T) {
	const h, bound = 1e-4, 1e-8
	eachSample(func(s sample) {
		g := nn.NewParams(s.net.Sizes()...)
		for i := range g.Vector {
			g.Vector[i] = math.NaN() // whatever dst holds is gone
		}
		if got, want := s.net.Gradient(g, s.x, s.t), s.net.Loss(s.x, s.t); got != want {
			t.Errorf("%s: Gradient returns the loss %v, want %v", s.name, got, want)
		}

		moved := *s.net
		moved.Params = s.net.Clone()
		want := fd.Gradient(nil, func(v []float64) float64 {
			copy(moved.Vector, v)
			return moved.Loss(s.x, s.t)
		}, s.net.Vector, &fd.Settings{Formula: fd.Central, Step: h})
		if worst := floats.Distance(g.Vector, want, math.Inf(1)); !(worst <= bound) {
			t.Errorf("%s: %.2g apart, at most %v", s.name, worst, bound)
		}
	})
}

// The definition is gonum's difference as well, for its formulas and steps,
// and puts the saved weights back.
func TestNumericalGradientIsGonums(t *testing.T) {
	eachSample(func(s sample) {
		for _, formula := range []fd.Formula{grad.Central, grad.Forward} {
			before := slices.Clone(s.net.Vector)
			g := nn.NewParams(s.net.Sizes()...)
			s.net.NumericalGradient(g, s.x, s.t, &grad.Settings{Formula: formula, Step: 1e-3})
			if !slices.Equal(s.net.Vector, before) {
				t.Errorf("%s: the weights have changed", s.name)
			}
			moved := *s.net
			moved.Params = s.net.Clone()
			want := fd.Gradient(nil, func(v []float64) float64 {
				copy(moved.Vector, v)
				return moved.Loss(s.x, s.t)
			}, s.net.Vector, &fd.Settings{Formula: formula, Step: 1e-3})
			if worst := floats.Distance(g.Vector, want, math.Inf(1)); !(worst <= 1e-12) {
				t.Errorf("%s: %.2g apart, at most 1e-12", s.name, worst)
			}
		}
	})
}
