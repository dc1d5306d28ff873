// Package nn is the net of section 4.5 of "Deep Learning from Scratch", with any
// number of hidden layers. It predicts, and it computes the loss and the gradient,
// numerically (section 4.5.2) or by backpropagation (section 5.7.2).
//
// The code follows the book's two_layer_net.py. Its numerical gradient is the
// definition and takes as long as the book's. Package numgrad/perturb computes the
// same numbers thousands of times faster, with arithmetic of its own.
//
// Rows of a matrix are samples: x is [N×D], labels t are class indices [N].
package nn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
)

// Activation names the function of the hidden units.
type Activation string

// The activations of sections 3.2.4 and 3.2.7.
const (
	Sigmoid Activation = "sigmoid" // 1/(1+exp(−a)); also the empty string
	ReLU    Activation = "relu"    // max(0, a)
)

// of returns the activation z of a unit with the pre-activation a.
func (s Activation) of(a float64) float64 {
	if s == ReLU {
		return math.Max(0, a)
	}
	return 1 / (1 + math.Exp(-a))
}

// slope returns dz/da of a unit with the activation z (sections 5.5.1 and 5.5.2).
func (s Activation) slope(z float64) float64 {
	if s == ReLU {
		if z > 0 {
			return 1
		}
		return 0
	}
	return z * (1 - z)
}

// Net is the book's TwoLayerNet (section 4.5.1), with any number of hidden
// layers. &Net{Params: p} is ready for use. No method but [Net.NumericalGradient]
// writes to the weights; it restores them.
type Net struct {
	*Params
	// Activation is the function of the hidden units. The zero value is
	// Sigmoid.
	Activation Activation
	// BookLoss selects the loss −log(y + 1e-7) of the book's
	// cross_entropy_error. The zero value is −log y.
	BookLoss bool
}

// Predict is the book's predict: it returns y [N×K], the probability of each class for
// each row of x [N×D].
func (n *Net) Predict(x *mat.Dense) *mat.Dense {
	_, a := n.forward(x)
	return softmax(a)
}

// forward returns the inputs of each layer, x, z1, z2, …, and the logits [N×K].
func (n *Net) forward(x *mat.Dense) (z []*mat.Dense, a *mat.Dense) {
	z = []*mat.Dense{x}
	for l, layer := range n.Layers {
		a = affine(z[l], layer) // a1 = x·W1 + b1
		if l < len(n.Layers)-1 {
			a.Apply(func(_, _ int, v float64) float64 { return n.Activation.of(v) }, a) // z1 = sigmoid(a1)
			z = append(z, a)
		}
	}
	return z, a
}

// affine returns z·W + b.
func affine(z *mat.Dense, l Layer) *mat.Dense {
	var a mat.Dense
	a.Mul(z, l.W)
	rows, _ := a.Dims()
	for i := range rows {
		floats.Add(a.RawRowView(i), l.B)
	}
	return &a
}

// softmax turns each row of logits into probabilities, in place.
func softmax(a *mat.Dense) *mat.Dense {
	rows, _ := a.Dims()
	for i := range rows {
		loss.Softmax(a.RawRowView(i), a.RawRowView(i))
	}
	return a
}

// Loss is the book's loss: it returns the mean loss over the rows of x [N×D] with the
// labels t [N], in nats. It panics if x and t do not fit the net.
func (n *Net) Loss(x *mat.Dense, t []int) float64 {
	n.MustFit("nn: Loss", x, t)
	_, a := n.forward(x)
	return n.lossOf(a, t)
}

// lossOf returns the mean loss of the logits a [N×K].
func (n *Net) lossOf(a *mat.Dense, t []int) float64 {
	if n.BookLoss {
		return loss.CrossEntropyError(softmax(mat.DenseCopyOf(a)), t)
	}
	return loss.CrossEntropy(a, t)
}

// Accuracy returns the proportion, 0 to 1, of the rows of x [N×D] for which the
// most probable class is the label in t [N]. It panics if x and t do not fit the net.
func (n *Net) Accuracy(x *mat.Dense, t []int) float64 {
	n.MustFit("nn: Accuracy", x, t)
	_, a := n.forward(x) // softmax does not change the order
	right := 0
	for i, label := range t {
		if floats.MaxIdx(a.RawRowView(i)) == label {
			right++
		}
	}
	return float64(right) / float64(len(t))
}

// NumericalGradient is the book's numerical_gradient (section 4.5.2): it fills dst with
// the finite differences of the loss of the batch x [N×D], t [N] for every weight. It
// displaces one weight after the other in place and computes the loss again. Nil
// settings select the book's: central, h = 1e-4. It panics if dst, x or t does not fit
// the net. Package numgrad/perturb computes the same numbers faster.
func (n *Net) NumericalGradient(dst *Params, x *mat.Dense, t []int, settings *grad.Settings) {
	n.Params.MustMatch("nn: NumericalGradient", dst)
	lossW := func() float64 { return n.Loss(x, t) }
	grad.InPlace(dst.Vector, lossW, n.Vector, settings)
}

// MustFit panics unless x [N×D] and t [N] fit the net and each other. The message
// begins with function.
func (n *Net) MustFit(function string, x *mat.Dense, t []int) {
	rows, cols := x.Dims()
	if cols != n.Inputs() || len(t) != rows {
		panic(fmt.Sprintf("%s of x [%d×%d] and t [%d], want x [N×%d] and t [N]", function, rows, cols, len(t), n.Inputs()))
	}
	for i, label := range t {
		if label < 0 || label >= n.Classes() {
			panic(fmt.Sprintf("%s: label %d of row %d is not in 0…%d", function, label, i, n.Classes()-1))
		}
	}
}
