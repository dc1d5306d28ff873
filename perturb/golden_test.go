package perturb

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/internal/npz"
	"numgrad/nn"
)

// For a small net and 20 images of MNIST, golden files hold the loss and the
// numerical gradient at h = 1e-4 by the book's published code under NumPy, with 1e-7
// in the logarithm, and the exact loss and derivatives without it.
func TestGolden(t *testing.T) {
	for _, file := range []struct {
		name       string
		activation nn.Activation
		sizes      []int
	}{
		{"twolayer-784-12-10", nn.Sigmoid, []int{784, 12, 10}},
		{"multilayer-784-9-7-10-sigmoid", nn.Sigmoid, []int{784, 9, 7, 10}},
		{"multilayer-784-9-7-10-relu", nn.ReLU, []int{784, 9, 7, 10}},
	} {
		t.Run(file.name, func(t *testing.T) {
			f, err := npz.Open("../nn/testdata/" + file.name + ".npz")
			if err != nil {
				t.Fatal(err)
			}
			read := func(name string) []float64 {
				t.Helper()
				data, _, err := f.Floats(name)
				if err != nil {
					t.Fatal(err)
				}
				return data
			}
			params := func(prefix string) *nn.Params {
				t.Helper()
				p := nn.NewParams(file.sizes...)
				for _, a := range p.Arrays() {
					if n := copy(a.Data, read(prefix+a.Name)); n != len(a.Data) {
						t.Fatalf("%s%s has %d elements, want %d", prefix, a.Name, n, len(a.Data))
					}
				}
				return p
			}
			labels, _, err := f.Ints("t")
			if err != nil {
				t.Fatal(err)
			}
			s := sample{net: &nn.Net{Params: params(""), Activation: file.activation}, x: mat.NewDense(20, 784, read("x")), t: labels}
			s.checkExact(t, read("loss_exact")[0], params("grad_exact_"))
			s.checkBook(t, read("loss_book")[0], params("numgrad_book_"))
		})
	}
}

// checkExact compares backpropagation and the engine, whose truncation error falls
// with h², with the exact derivatives. Within ±h of its kinks a rectified net has a
// larger truncation error.
func (s sample) checkExact(t *testing.T, loss float64, want *nn.Params) {
	backprop := nn.NewParams(s.net.Sizes()...)
	if got := s.net.Gradient(backprop, s.x, s.t); !(math.Abs(got-loss) <= 1e-14) {
		t.Errorf("loss %v, want %v", got, loss)
	}
	checkVector(t, "backprop", backprop, want, 1e-14)
	if s.net.Activation == nn.ReLU {
		checkVector(t, "at a step below the kinks", s.engine(&grad.Settings{Step: 1e-8}), want, 1e-13)
		return
	}
	checkVector(t, "at the book's step", s.engine(nil), want, 1e-9)
	checkVector(t, "at a smaller step", s.engine(&grad.Settings{Step: 1e-6}), want, 1e-13)
}

// checkBook compares the engine, and the definition for one in ten elements, with
// the book's numerical gradient.
func (s sample) checkBook(t *testing.T, loss float64, want *nn.Params) {
	exact := s.engine(nil)
	s.net.BookLoss = true
	if got := s.net.Loss(s.x, s.t); !(math.Abs(got-loss) <= 1e-14) {
		t.Errorf("the book's loss %v, want %v", got, loss)
	}
	bound := 20 * ulp * loss / grad.BookStep // some ten roundings of each of NumPy's two losses
	checkVector(t, "engine", s.engine(nil), want, bound)
	for i := 0; i < len(want.Vector); i += 10 {
		got := grad.Partial(func() float64 { return s.net.Loss(s.x, s.t) }, s.net.Vector, i, nil)
		if w := want.Vector[i]; !(math.Abs(got-w) <= bound) {
			t.Errorf("definition: %s is %v, want %v within %.2g", weightName(want, i), got, w, bound)
		}
	}
	if apart := floats.Distance(exact.Vector, want.Vector, math.Inf(1)); !(apart > 1000*bound) {
		t.Errorf("the loss without the 1e-7 has a gradient only %.2g apart", apart)
	}
}

func checkVector(t *testing.T, name string, got, want *nn.Params, bound float64) {
	t.Helper()
	worst := 0.0
	for i, w := range want.Vector {
		apart := math.Abs(got.Vector[i] - w)
		worst = max(worst, apart)
		if !(apart <= bound) {
			t.Errorf("%s: %s is %v, want %v: %.2g apart, at most %.2g", name, weightName(want, i), got.Vector[i], w, apart, bound)
			return
		}
	}
	t.Logf("%s: %.2g apart, at most %.2g", name, worst, bound)
}
