package nn

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
)

// Net is the book's TwoLayerNet (section 4.5.1), with any number of hidden
// layers. A Net made as &Net{Params: p} is ready for use. Its methods only
// read the weights, save for [Net.NumericalGradient].
type Net struct {
	*Params
	// Activation is the function of the hidden units. The zero value is
	// Sigmoid.
	Activation Activation
	// BookLoss makes the loss −log(y + 1e-7), as in the book's
	// cross_entropy_error, and not −log y.
	BookLoss bool
}

// Predict returns y [N×K], the probability of each class for each row of
// x [N×D]: the book's predict.
func (n *Net) Predict(x *mat.Dense) *mat.Dense {
	_, a := n.forward(x)
	return softmax(a)
}

// forward returns what goes into each layer, x, z1, z2, …, and the logits
// [N×K], which come out of the last.
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

// Loss returns the mean loss of the answers to x [N×D] with labels t [N], in
// nats: the book's loss.
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

// Accuracy returns the share, 0 to 1, of the rows of x [N×D] whose most
// probable class is the label in t [N].
func (n *Net) Accuracy(x *mat.Dense, t []int) float64 {
	n.MustFit("nn: Accuracy", x, t)
	_, a := n.forward(x) // softmax keeps the order
	right := 0
	for i, label := range t {
		if floats.MaxIdx(a.RawRowView(i)) == label {
			right++
		}
	}
	return float64(right) / float64(len(t))
}

// NumericalGradient fills dst with the finite differences of the loss of the
// batch x [N×D], t [N] for every weight: the book's numerical_gradient (section
// 4.5.2). One weight after the other is displaced in place, and the loss is
// looked at again. Nil settings are the book's: central, h = 1e-4.
//
// This is the definition, and it takes two losses for each weight. Package
// numgrad/perturb computes the same numbers without.
func (n *Net) NumericalGradient(dst *Params, x *mat.Dense, t []int, settings *grad.Settings) {
	n.Params.MustMatch("nn: NumericalGradient", dst)
	lossW := func() float64 { return n.Loss(x, t) }
	grad.InPlace(dst.Vector, lossW, n.Vector, settings)
}

// MustFit panics unless x [N×D] and t [N] fit the net and each other, in the
// name of a function that they were given to.
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
