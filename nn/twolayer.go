package nn

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
)

// TwoLayer is the book's TwoLayerNet: the weights, and what can be asked of
// them. A TwoLayer made as &TwoLayer{Params: p} is ready for use.
//
// A TwoLayer keeps scratch memory for its gradients, so that a step of
// training allocates nothing: one goroutine at a time may ask it for one. The
// other methods only read the weights, and may be called concurrently.
type TwoLayer struct {
	*Params

	back    backprop
	numeric numerical
}

// NewTwoLayer returns a net whose W1 and W2 are drawn from N(0, std²) and
// whose biases are zero. The book's std, weight_init_std, is 0.01.
func NewTwoLayer(inputSize, hiddenSize, outputSize int, std float64, src rand.Source) *TwoLayer {
	p := NewParams(inputSize, hiddenSize, outputSize)
	random := rand.New(src)
	for _, w := range []*mat.Dense{p.W1, p.W2} {
		w.Apply(func(_, _ int, _ float64) float64 { return std * random.NormFloat64() }, w)
	}
	return &TwoLayer{Params: p}
}

// Predict returns y [N×K], the probability of each class for each row of
// x [N×D]. The result is put in dst [N×K]; if dst is nil, in a new matrix.
func (n *TwoLayer) Predict(dst, x *mat.Dense) *mat.Dense {
	y := n.logits(dst, x)
	rows, _ := y.Dims()
	for i := range rows {
		a2 := y.RawRowView(i)
		loss.Softmax(a2, a2)
	}
	return y
}

// Loss returns the mean cross entropy of the answers to x [N×D] with labels
// t [N], in nats.
func (n *TwoLayer) Loss(x *mat.Dense, t []int) float64 {
	return loss.CrossEntropy(n.logits(nil, x), t)
}

// Accuracy returns the share, 0 to 1, of the rows of x [N×D] whose most
// probable class is the label in t [N].
func (n *TwoLayer) Accuracy(x *mat.Dense, t []int) float64 {
	return float64(n.Correct(x, t)) / float64(len(t))
}

// Correct returns the number of the rows of x [N×D] whose most probable class
// is the label in t [N].
func (n *TwoLayer) Correct(x *mat.Dense, t []int) int {
	n.checkBatch("Correct", x, t)
	a2 := n.logits(nil, x) // the softmax keeps the order
	right := 0
	for i, label := range t {
		if floats.MaxIdx(a2.RawRowView(i)) == label {
			right++
		}
	}
	return right
}

// logits returns a2 [N×K] in dst, or in a new matrix if dst is nil.
func (n *TwoLayer) logits(dst, x *mat.Dense) *mat.Dense {
	d, h, k := n.Sizes()
	rows, cols := x.Dims()
	if cols != d {
		panic(fmt.Sprintf("nn: x is [%d×%d], want %d columns", rows, cols, d))
	}
	if dst == nil {
		dst = mat.NewDense(rows, k, nil)
	}
	if r, c := dst.Dims(); r != rows || c != k {
		panic(fmt.Sprintf("nn: y is [%d×%d], want [%d×%d]", r, c, rows, k))
	}
	var nonzero sparse
	z1 := make([]float64, h)
	for i := range rows {
		nonzero.affine(z1, x.RawRowView(i), n.W1, n.B1)
		for j, a1 := range z1 {
			z1[j], _ = sigmoid(a1)
		}
		nonzero.affine(dst.RawRowView(i), z1, n.W2, n.B2)
	}
	return dst
}

// checkBatch panics unless x and t fit the net and each other.
func (n *TwoLayer) checkBatch(function string, x *mat.Dense, t []int) {
	d, _, k := n.Sizes()
	rows, cols := x.Dims()
	if cols != d || len(t) != rows {
		panic(fmt.Sprintf("nn: %s of x [%d×%d] and t [%d], want x [N×%d] and t [N]", function, rows, cols, len(t), d))
	}
	for i, label := range t {
		if label < 0 || label >= k {
			panic(fmt.Sprintf("nn: %s: label %d of row %d is not in 0…%d", function, label, i, k-1))
		}
	}
}
