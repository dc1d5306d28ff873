package perturb

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// The engine computes what the page that explains it does.
func TestPlain(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		sizes := []int{1 + r.IntN(40), 1 + r.IntN(20), 2 + r.IntN(9)}
		net := nn.New(sizes, nn.Xavier, r)
		x, labels := mat.NewDense(1+r.IntN(20), sizes[0], nil), make([]int, 0)
		x.Apply(func(_, _ int, _ float64) float64 { return math.Max(0, 3*r.Float64()-1) }, x)
		for range x.RawMatrix().Rows {
			labels = append(labels, r.IntN(sizes[2]))
		}
		h := []float64{grad.BookStep, 1e-5}[seed%2]
		plain, engine := nn.NewParams(sizes...), nn.NewParams(sizes...)
		plainGradient(plain, net, x, labels, h)
		new(Engine).Gradient(engine, net, x, labels, &grad.Settings{Step: h})
		if apart := floats.Distance(plain.Vector, engine.Vector, math.Inf(1)); !(apart <= 1e-13*floats.Norm(plain.Vector, math.Inf(1))) {
			t.Errorf("%v, h %v: %.2g apart", sizes, h, apart)
		}
	}
}
