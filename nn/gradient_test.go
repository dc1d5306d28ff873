package nn_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"numgrad/nn"
)

// Backpropagation against gonum's central difference, whose truncation error
// is at most h²/6 of the third derivative.
func TestGradientIsGonums(t *testing.T) {
	for _, s := range samples() {
		g := nn.NewParams(s.net.Sizes())
		for i := range g.Vector {
			g.Vector[i] = math.NaN() // whatever dst holds is gone
		}
		loss := s.net.Gradient(g, s.x, s.t)
		if want := s.net.Loss(s.x, s.t); math.Abs(loss-want) > 2*s.lossError(0) {
			t.Errorf("%s: loss %v, want %v", s.name, loss, want)
		}

		net := nn.TwoLayer{Params: s.net.Clone()}
		settings := &fd.Settings{Formula: fd.Central, Step: 1e-4 / s.scale()}
		want := fd.Gradient(nil, func(v []float64) float64 {
			copy(net.Vector, v)
			return net.Loss(s.x, s.t)
		}, s.net.Vector, settings)
		truncation := settings.Step * settings.Step / 6 * math.Pow(s.scale(), 3)
		checkVector(t, s.name, g.Vector, want, truncation+s.roundOff(fd.Central, settings.Step))
	}
}

// The same net may be asked for batches of any size, one after the other.
func TestGradientSameBits(t *testing.T) {
	var shared nn.TwoLayer
	list := samples()
	for i := range 2 * len(list) {
		s := list[i%len(list)]
		want, got := nn.NewParams(s.net.Sizes()), nn.NewParams(s.net.Sizes())
		(&nn.TwoLayer{Params: s.net.Params}).Gradient(want, s.x, s.t)
		shared.Params = s.net.Params
		shared.Gradient(got, s.x, s.t)
		for k := range want.Vector {
			if got.Vector[k] != want.Vector[k] {
				t.Fatalf("%s: element %d is %v, want %v", s.name, k, got.Vector[k], want.Vector[k])
			}
		}
	}
}
