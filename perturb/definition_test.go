package perturb_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
)

// The engine computes what the textbook's loop does, up to the noise of two
// losses that are subtracted and divided by h.
func TestDefinition(t *testing.T) {
	var e perturb.Engine
	for _, sizes := range [][]int{{6, 3}, {6, 5, 3}, {9, 7, 6, 4}, {9, 7, 6, 5, 4}, {9, 7, 6, 5, 5, 4}} {
		for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
			for _, book := range []bool{false, true} {
				for _, h := range []float64{1e-4, 1e-2, 0.3, 3} {
					for _, f := range []grad.Settings{{Formula: grad.Central, Step: h}, {Formula: grad.Forward, Step: h}} {
						net := nn.New(sizes, nn.Normal(0.7), rand.NewPCG(1, 2))
						net.Activation, net.BookLoss = act, book
						r := rand.New(rand.NewPCG(3, 4))
						n := 7
						x := mat.NewDense(n, sizes[0], nil)
						x.Apply(func(_, _ int, _ float64) float64 { return max(0, r.NormFloat64()) }, x)
						labels := make([]int, n)
						for i := range labels {
							labels[i] = r.IntN(sizes[len(sizes)-1])
						}
						want, got := nn.NewParams(sizes...), nn.NewParams(sizes...)
						net.NumericalGradient(want, x, labels, &f)
						l := e.Gradient(got, net, x, labels, &f)
						if w := net.Loss(x, labels); math.Abs(l-w) > 1e-14 {
							t.Errorf("loss %v %v", l, w)
						}
						worst := 0.0
						for i := range want.Vector {
							worst = math.Max(worst, math.Abs(want.Vector[i]-got.Vector[i]))
						}
						if bound := 4e-15 / h; !(worst <= bound) {
							t.Errorf("%v %s, book %v, h %v, %d points: %v apart, at most %v", sizes, act, book, h, len(f.Formula.Stencil), worst, bound)
						}
					}
				}
			}
		}
	}
}
