package perturb

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
	"numgrad/nn"
)

// The engine agrees with the page that explains it.
func TestPlain(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := newSample(r, nn.Sigmoid, 1, 1+r.IntN(20), grey, 1+r.IntN(40), 1+r.IntN(20), 2+r.IntN(9))
		h := []float64{grad.BookStep, 1e-5}[seed%2]
		plain := nn.NewParams(s.net.Sizes()...)
		plainGradient(plain, s.net, s.x, s.t, h)
		engine := s.engine(&grad.Settings{Step: h})
		if apart := floats.Distance(plain.Vector, engine.Vector, math.Inf(1)); !(apart <= 1e-13*largest(plain.Vector)) {
			t.Errorf("%v, h %v: %.2g apart", s.net.Sizes(), h, apart)
		}
	}
}
