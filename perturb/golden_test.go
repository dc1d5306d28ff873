package perturb_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/internal/npz"
	"numgrad/nn"
)

// golden is what the book's published code computes under NumPy for a small net
// and 20 images of MNIST: its loss, with 1e-7 in the logarithm, and its numerical
// gradient of that at h = 1e-4. The file has the exact derivatives of the loss
// without the 1e-7 as well.
type golden struct {
	sample
	lossBook, lossExact          float64
	numericalBook, gradientExact *nn.Params
}

var goldenFiles = []struct {
	name       string
	activation nn.Activation
	sizes      []int
}{
	{"twolayer-784-12-10", nn.Sigmoid, []int{784, 12, 10}},
	{"multilayer-784-9-7-10-sigmoid", nn.Sigmoid, []int{784, 9, 7, 10}},
	{"multilayer-784-9-7-10-relu", nn.ReLU, []int{784, 9, 7, 10}},
}

func eachGolden(t *testing.T, test func(t *testing.T, g golden)) {
	for _, file := range goldenFiles {
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
			g := golden{
				sample:        sample{net: &nn.Net{Params: params(""), Activation: file.activation}, x: mat.NewDense(20, 784, read("x"))},
				lossBook:      read("loss_book")[0],
				lossExact:     read("loss_exact")[0],
				numericalBook: params("numgrad_book_"),
				gradientExact: params("grad_exact_"),
			}
			if g.t, _, err = f.Ints("t"); err != nil {
				t.Fatal(err)
			}
			test(t, g)
		})
	}
}

// The loss without the 1e-7, its gradient by backpropagation, and the engine's,
// whose truncation error falls with h². Within ±h of its kinks a rectified net
// has a larger one, which the engine shares with the book's loop.
func TestGoldenExact(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		if got := g.net.Loss(g.x, g.t); !(math.Abs(got-g.lossExact) <= 1e-14) {
			t.Errorf("loss %v, want %v", got, g.lossExact)
		}
		backprop := nn.NewParams(g.net.Sizes()...)
		if got := g.net.Gradient(backprop, g.x, g.t); !(math.Abs(got-g.lossExact) <= 1e-14) {
			t.Errorf("Gradient returns the loss %v, want %v", got, g.lossExact)
		}
		checkVector(t, "backprop", backprop, g.gradientExact, 1e-14)
		if g.net.Activation == nn.ReLU {
			checkVector(t, "at a step below the kinks", g.engine(&grad.Settings{Step: 1e-8}), g.gradientExact, 1e-13)
			return
		}
		checkVector(t, "at the book's step", g.engine(nil), g.gradientExact, 1e-9)
		checkVector(t, "at a smaller step", g.engine(&grad.Settings{Step: 1e-6}), g.gradientExact, 1e-13)
	})
}

// The book's loss and its numerical gradient: by the engine, and element by
// element by the definition, of which one in ten of W1 is enough.
func TestGoldenBook(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		exact := g.engine(nil)
		g.net.BookLoss = true
		if got := g.net.Loss(g.x, g.t); !(math.Abs(got-g.lossBook) <= 1e-14) {
			t.Errorf("loss %v, want %v", got, g.lossBook)
		}
		// Each of NumPy's two losses is wrong by some ten roundings.
		bound := 20 * ulp * g.lossBook / grad.BookStep
		checkVector(t, "engine", g.engine(nil), g.numericalBook, bound)

		bookLoss := func() float64 { return g.net.Loss(g.x, g.t) }
		for i, want := range g.numericalBook.Vector {
			if i%10 != 0 && i < len(g.net.Layers[0].W.RawMatrix().Data) {
				continue
			}
			if got := grad.Partial(bookLoss, g.net.Vector, i, nil); !(math.Abs(got-want) <= bound) {
				t.Errorf("definition: %s is %v, want %v within %.2g", weightName(exact, i), got, want, bound)
			}
		}

		// The 1e-7 makes a difference, and one far above the roundings.
		if apart := floats.Distance(exact.Vector, g.numericalBook.Vector, math.Inf(1)); !(apart > 1000*bound) {
			t.Errorf("without the 1e-7: only %.2g apart", apart)
		}
	})
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
