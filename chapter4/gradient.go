package chapter4

import (
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
)

// NumericalGradient is numerical_gradient of section 4.4: the gradient of f at
// x [D], with h = 1e-4.
func NumericalGradient(f func(x []float64) float64, x []float64) []float64 {
	return grad.Gradient(nil, f, x, nil)
}

// GradientDescent is gradient_descent of section 4.4.1: from start [D], it
// repeats x −= lr·∂f/∂x. It returns the last x, and the x before each step.
func GradientDescent(f func(x []float64) float64, start []float64, lr float64, steps int) (x []float64, history [][]float64) {
	x = slices.Clone(start)
	for range steps {
		history = append(history, slices.Clone(x))
		for i, g := range NumericalGradient(f, x) {
			x[i] -= float64(lr * g)
		}
	}
	return x, history
}

// SimpleNet is simpleNet of section 4.4.2: a net of one matrix.
type SimpleNet struct {
	W *mat.Dense // [2×3]
}

// NewSimpleNet returns the net with the weights that the book prints. The
// book's own code draws them at random.
func NewSimpleNet() *SimpleNet {
	return &SimpleNet{mat.NewDense(2, 3, []float64{
		0.47355232, 0.9977393, 0.84668094,
		0.85557411, 0.03563661, 0.69422093,
	})}
}

// Predict returns the scores x·W [3] for x [2].
func (n *SimpleNet) Predict(x []float64) []float64 {
	var a mat.Dense
	a.Mul(mat.NewDense(1, len(x), x), n.W)
	return a.RawRowView(0)
}

// Loss returns the cross entropy for x [2] and the one-hot label t [3], as in
// the book's first edition.
func (n *SimpleNet) Loss(x, t []float64) float64 {
	return loss.NegLogSoftmax(n.Predict(x), floats.MaxIdx(t))
}

// PublishedLoss is [SimpleNet.Loss] as in the book's published code, which adds
// 1e-7 in the logarithm.
func (n *SimpleNet) PublishedLoss(x, t []float64) float64 {
	return CrossEntropyError(loss.Softmax(nil, n.Predict(x)), t)
}

// Gradient returns ∂L/∂W [2×3], the numerical gradient of a loss of the net,
// such as net.Loss(x, t).
func (n *SimpleNet) Gradient(loss func() float64) *mat.Dense {
	return mat.NewDense(2, 3, grad.InPlace(nil, loss, n.W.RawMatrix().Data, nil))
}
