package chapter4

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
)

// SimpleNet is the book's simpleNet (section 4.4.2), a net of weights alone.
type SimpleNet struct {
	W *mat.Dense // [2×3]
}

// NewSimpleNet returns the net with the weights that the book prints. Its own
// are random.
func NewSimpleNet() *SimpleNet {
	return &SimpleNet{mat.NewDense(2, 3, []float64{
		0.47355232, 0.9977393, 0.84668094,
		0.85557411, 0.03563661, 0.69422093,
	})}
}

// Predict returns the scores x·W of the three classes for x [2].
func (n *SimpleNet) Predict(x []float64) []float64 {
	var a mat.Dense
	a.Mul(sample(x), n.W)
	return a.RawRowView(0)
}

// Loss returns the cross entropy of the answer to x [2], for the one-hot label
// t [3], as the book's first edition prints it.
func (n *SimpleNet) Loss(x, t []float64) float64 {
	return loss.NegLogSoftmax(n.Predict(x), floats.MaxIdx(t))
}

// PublishedLoss is [SimpleNet.Loss] as the book's published code computes it
// today: with 1e-7 in the logarithm.
func (n *SimpleNet) PublishedLoss(x, t []float64) float64 {
	return CrossEntropyError(loss.Softmax(nil, n.Predict(x)), t)
}

// Gradient returns dW [2×3], the numerical gradient for W of a loss of the
// net, such as net.Loss(x, t).
func (n *SimpleNet) Gradient(loss func() float64) *mat.Dense {
	return mat.NewDense(2, 3, grad.InPlace(nil, loss, n.W.RawMatrix().Data, nil))
}
