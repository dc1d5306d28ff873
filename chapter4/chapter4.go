// Package chapter4 has the functions of chapter 4 of "Deep Learning from
// Scratch" in Go, under the book's names and in its order. The packages loss,
// grad, nn and train do the work. docs/chapter4.md shows the functions section
// by section, with the numbers and figures of cmd/chapter4.
//
// Some products are converted to float64. A compiler must not fuse such a
// product into a sum, so the result is bit-identical to NumPy's.
package chapter4

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/loss"
	"numgrad/train"
)

// SumSquaredError is sum_squared_error of section 4.2.1: ½ Σ (y − t)² for the
// probabilities y [K] and the one-hot label t [K]. It adds the terms in NumPy's
// order, and panics if the lengths differ.
func SumSquaredError(y, t []float64) float64 {
	d := floats.SubTo(make([]float64, len(y)), y, t)
	floats.Mul(d, d)
	return 0.5 * sum(d)
}

// sum adds up to 15 numbers in the order of np.sum: the first eight in pairs,
// then the others one by one. The order changes the last digit.
func sum(v []float64) float64 {
	total := 0.0
	if len(v) >= 8 {
		total = ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]))
		v = v[8:]
	}
	for _, term := range v {
		total += term
	}
	return total
}

// CrossEntropyError is cross_entropy_error of section 4.2.2: −log(y + 1e-7) at
// the class that the one-hot label t [K] marks, for the probabilities y [K]. It
// panics if the lengths differ.
func CrossEntropyError(y, t []float64) float64 {
	return loss.CrossEntropyError(mat.NewDense(1, len(t), y), []int{floats.MaxIdx(t)})
}

// ForwardDiff returns the forward difference of f at x with step h,
// (f(x+h) − f(x)) / h, in the arithmetic of T.
func ForwardDiff[T float32 | float64](f func(T) T, x, h T) T {
	return (f(x+h) - f(x)) / h
}

// CentralDiff returns the central difference of f at x with step h,
// (f(x+h) − f(x−h)) / 2h, in the arithmetic of T.
func CentralDiff[T float32 | float64](f func(T) T, x, h T) T {
	return (f(x+h) - f(x-h)) / (2 * h)
}

// BadNumericalDiff is the book's first numerical_diff (section 4.3.1): the
// forward difference with h = 10e-50. It returns 0, because x + h is x.
func BadNumericalDiff(f func(float64) float64, x float64) float64 {
	return grad.Derivative(f, x, &grad.Settings{Formula: grad.Forward, Step: 10e-50})
}

// NumericalDiff is numerical_diff of section 4.3.1: the central difference of f
// at x with h = 1e-4.
func NumericalDiff(f func(float64) float64, x float64) float64 {
	return grad.Derivative(f, x, nil)
}

// Function1 is function_1 of section 4.3.2, 0.01x² + 0.1x.
func Function1(x float64) float64 {
	return float64(0.01*float64(x*x)) + float64(0.1*x)
}

// TangentLine returns the tangent of f at x, with the slope from NumericalDiff
// (figure 4-7).
func TangentLine(f func(float64) float64, x float64) func(float64) float64 {
	slope := NumericalDiff(f, x)
	return func(t float64) float64 { return f(x) + slope*(t-x) }
}

// Function2 is function_2 of section 4.3.3, x0² + x1², for x [2].
func Function2(x []float64) float64 {
	return float64(x[0]*x[0]) + float64(x[1]*x[1])
}

// PartialDiff returns ∂f/∂x[i] at x [D] (section 4.3.3). It displaces x[i] in
// place, and puts the old value back.
func PartialDiff(f func(x []float64) float64, x []float64, i int) float64 {
	return grad.Partial(func() float64 { return f(x) }, x, i, nil)
}

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

// Run holds the curves of a training (figures 4-11 and 4-12).
type Run struct {
	Before train.Epoch   // accuracies of the initial weights, epoch 0
	Losses []float64     // loss of the mini-batch of each iteration, in nats
	Log    []train.Epoch // accuracies after each epoch
}

// TrainNeuralNet is train_neuralnet.py of section 4.5.2. With [train.Book] as
// settings, it takes the book's steps by numerical gradients. It calls report
// after each epoch. If the loss leaves the finite numbers, it returns a
// [*train.DivergedError].
func TrainNeuralNet(settings train.Settings, images, test *dataset.Set, report func(train.Epoch)) (Run, error) {
	t := train.New(settings, images, test, 0)
	before := train.Epoch{TrainAcc: t.Accuracy(images), TestAcc: t.Accuracy(test)}
	for epochs := 0; !t.Done(); {
		if _, err := t.Step(); err != nil {
			return Run{}, err
		}
		if len(t.Log) > epochs {
			report(t.Log[epochs])
			epochs = len(t.Log)
		}
	}
	return Run{before, t.Losses, t.Log}, nil
}

// Curves returns the accuracies by epoch, from epoch 0 on.
func (r Run) Curves() (trainAcc, testAcc []float64) {
	trainAcc, testAcc = []float64{r.Before.TrainAcc}, []float64{r.Before.TestAcc}
	for _, e := range r.Log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	return trainAcc, testAcc
}
