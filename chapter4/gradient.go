package chapter4

import (
	"math"
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

// GradientAscent repeats x += lr·∂f/∂x, towards a maximum. It is
// [GradientDescent] with the learning rate −lr.
func GradientAscent(f func(x []float64) float64, start []float64, lr float64, steps int) (x []float64, history [][]float64) {
	return GradientDescent(f, start, -lr, steps)
}

// Saddle returns x0² − x1² for x [2]. The origin is a saddle point: a minimum
// along x0 and a maximum along x1.
func Saddle(x []float64) float64 {
	return float64(x[0]*x[0]) - float64(x[1]*x[1])
}

// LongBowl returns x0²/20 + x1² for x [2], a bowl that is 20 times as steep
// along x1.
func LongBowl(x []float64) float64 {
	return float64(x[0]*x[0])/20 + float64(x[1]*x[1])
}

// TwoValleys returns (x0² − 1)² + x0/4 + x1² for x [2]. It has its minimum near
// (−1.03, 0), and a local minimum near (0.97, 0).
func TwoValleys(x []float64) float64 {
	d := float64(x[0]*x[0]) - 1
	return float64(d*d) + x[0]/4 + float64(x[1]*x[1])
}

// Plateau returns 1 − exp(−(x0² + x1²)/2) for x [2], a hole in a plain that is
// almost flat.
func Plateau(x []float64) float64 {
	return 1 - math.Exp(-Function2(x)/2)
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

// LossAndAccuracy returns the mean of the loss over the rows of x [N×2] with the
// labels t [N], 0 to 2, and the share of rows where the highest score is the
// label's.
func (n *SimpleNet) LossAndAccuracy(x *mat.Dense, t []int) (mean, accuracy float64) {
	right := 0
	for i, label := range t {
		scores := n.Predict(x.RawRowView(i))
		mean += loss.NegLogSoftmax(scores, label) / float64(len(t))
		if floats.MaxIdx(scores) == label {
			right++
		}
	}
	return mean, float64(right) / float64(len(t))
}

// Gradient returns ∂L/∂W [2×3], the numerical gradient of a loss of the net,
// such as net.Loss(x, t).
func (n *SimpleNet) Gradient(loss func() float64) *mat.Dense {
	return mat.NewDense(2, 3, grad.InPlace(nil, loss, n.W.RawMatrix().Data, nil))
}
