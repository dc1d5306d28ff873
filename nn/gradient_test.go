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

// Both gradients agree with gonum's difference of a function of a vector: the
// numerical gradient up to rounding, and backpropagation up to the truncation
// error of a central difference, some h² for weights of size one, and the rounding
// of a loss, some 1e-15/h.
func TestGradientsAreGonums(t *testing.T) {
	const h = 1e-4
	eachSample(func(s sample) {
		before := slices.Clone(s.net.Vector)
		got := nn.NewParams(s.net.Sizes()...)
		for i := range got.Vector {
			got.Vector[i] = math.NaN() // to be overwritten
		}
		moved := *s.net
		moved.Params = s.net.Clone()
		compare := func(name string, formula fd.Formula, bound float64) {
			t.Helper()
			want := fd.Gradient(nil, func(v []float64) float64 {
				copy(moved.Vector, v)
				return moved.Loss(s.x, s.t)
			}, s.net.Vector, &fd.Settings{Formula: formula, Step: h})
			if worst := floats.Distance(got.Vector, want, math.Inf(1)); !(worst <= bound) {
				t.Errorf("%s, %s: %.2g apart, at most %v", s.name, name, worst, bound)
			}
		}
		if got, want := s.net.Gradient(got, s.x, s.t), s.net.Loss(s.x, s.t); got != want {
			t.Errorf("%s: Gradient returns the loss %v, want %v", s.name, got, want)
		}
		compare("backpropagation", fd.Central, 1e-8)
		for _, formula := range []fd.Formula{grad.Central, grad.Forward} {
			s.net.NumericalGradient(got, s.x, s.t, &grad.Settings{Formula: formula, Step: h})
			compare("numerical", formula, 1e-11)
		}
		if !slices.Equal(s.net.Vector, before) {
			t.Errorf("%s: the weights have changed", s.name)
		}
	})
}
