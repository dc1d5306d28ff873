package nn_test

import (
	"math"
	"slices"
	"testing"

	"codeberg.org/sbinet/npyio/npz"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
	"numgrad/nn"
)

// golden is what the book's code computes under NumPy 1.24 for a net of 12
// hidden units and 20 images of MNIST. The file also holds the exact
// derivatives of the cross entropy without the book's 1e-7.
type golden struct {
	sample
	lossBook, lossExact          float64
	numericalBook, gradientExact *nn.Params
}

func readGolden(t *testing.T) golden {
	t.Helper()
	r, err := npz.Open("testdata/twolayer-784-12-10.npz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	read := func(dst any, name string) {
		t.Helper()
		if err := r.Read(name+".npy", dst); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	params := func(prefix string) *nn.Params {
		p := nn.NewParams(784, 12, 10)
		at := 0
		for _, name := range []string{"W1", "b1", "W2", "b2"} {
			var values []float64
			read(&values, prefix+name)
			at += copy(p.Vector[at:], values)
		}
		if at != len(p.Vector) {
			t.Fatalf("%d weights, want %d", at, len(p.Vector))
		}
		return p
	}

	var g golden
	g.net = &nn.TwoLayer{Params: params("")}
	g.numericalBook, g.gradientExact = params("numgrad_book_"), params("grad_exact_")
	read(&g.lossBook, "loss_book")
	read(&g.lossExact, "loss_exact")
	var x []float64
	read(&x, "x")
	g.x = mat.NewDense(20, 784, x)
	var labels []int64
	read(&labels, "t")
	for _, label := range labels {
		g.t = append(g.t, int(label))
	}
	return g
}

func TestGoldenExact(t *testing.T) {
	g := readGolden(t)
	if got := g.net.Loss(g.x, g.t); math.Abs(got-g.lossExact) > 1e-14 {
		t.Errorf("loss %v, want %v", got, g.lossExact)
	}
	backprop := nn.NewParams(784, 12, 10)
	g.net.Gradient(backprop, g.x, g.t)
	checkVector(t, "backprop", backprop.Vector, g.gradientExact.Vector, 1e-14)
	checkVector(t, "numerical", g.numerical(nil).Vector, g.gradientExact.Vector, 1e-9)
	// What is left is the truncation error, which falls with h².
	checkVector(t, "at a smaller step", g.numerical(&grad.Settings{Step: 1e-6}).Vector, g.gradientExact.Vector, 1e-13)
}

// The book's loss has 1e-7 in its logarithm, and so has its numerical
// gradient. The textbook's loop in Go on the same loss gives the same, up to
// some ten roundings of each loss, divided by h. One in ten of the 784×12
// elements of W1 is enough.
func TestGoldenBook(t *testing.T) {
	g := readGolden(t)
	bookLoss := func() float64 { return loss.CrossEntropyError(g.net.Predict(nil, g.x), g.t) }
	if got := bookLoss(); math.Abs(got-g.lossBook) > 1e-14 {
		t.Errorf("loss %v, want %v", got, g.lossBook)
	}
	var got, want []float64
	for i, v := range g.numericalBook.Vector {
		if i >= 784*12 || i%10 == 0 {
			got = append(got, grad.Partial(bookLoss, g.net.Vector, i, nil))
			want = append(want, v)
		}
	}
	checkVector(t, "in place", got, want, 10*ulp*g.lossBook/grad.BookStep)

	// The 1e-7 is all that keeps the exact loss from the same gradient.
	exact := g.numerical(nil).Vector
	checkVector(t, "without the 1e-7", exact, g.numericalBook.Vector, 5e-7)
	if slices.Equal(exact, g.numericalBook.Vector) {
		t.Error("the 1e-7 makes no difference")
	}
}
