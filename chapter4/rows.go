package chapter4

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
)

// Rows computes the numbers that the book prints in sections 4.2 to 4.5.1, and
// some more that its published code gives, in the book's order. Those of
// section 4.2.3 are [ImageRows], those of the training [TrainingRows].
func Rows() []Row {
	return slices.Concat(lossRows(), diffRows(), gradientRows(), descentRows(), simpleNetRows(), shapeRows())
}

// The two answers of section 4.2, and the label, 2.
var (
	right = []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}
	wrong = []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	label = []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
)

func lossRows() []Row {
	return []Row{
		{
			Section: "4.2.1", What: "sum_squared_error, 2 is likely",
			Printed:   "0.097500000000000031",
			Published: published("sum_squared_error, t = one-hot of 2, y peaks at 2"),
			Ours:      []float64{SumSquaredError(right, label)},
		}, {
			Section: "4.2.1", What: "sum_squared_error, 7 is likely",
			Printed:   "0.59750000000000003",
			Published: published("sum_squared_error, t = one-hot of 2, y peaks at 7"),
			Ours:      []float64{SumSquaredError(wrong, label)},
			Note:      "The terms are added in the order of np.sum; one after the other they give 0.5974999999999999.",
		}, {
			Section: "4.2.2", What: "cross_entropy_error, 2 is likely",
			Printed:   "0.51082545709933802",
			Published: published("cross_entropy_error (with 1e-7), y peaks at 2"),
			Ours:      []float64{CrossEntropyError(right, label)},
			Within:    ulpOfLog,
		}, {
			Section: "4.2.2", What: "cross_entropy_error, 7 is likely",
			Printed:   "2.3025840929945458",
			Published: published("cross_entropy_error (with 1e-7), y peaks at 7"),
			Ours:      []float64{CrossEntropyError(wrong, label)},
			Within:    ulpOfLog,
			Note:      "The published code ran on NumPy 1.24, whose logarithm is here one unit in the last place from the nearest number.",
		},
	}
}

// ulpOfLog is the unit in the last place of numbers from 2 to 4: no logarithm
// of a library is promised to be closer.
const ulpOfLog = 0x1p-51

func diffRows() []Row {
	tiny := 1e-50
	forward := grad.Derivative(Function1, 5, &grad.Settings{Formula: grad.Forward})
	at := []float64{3, 4}
	return []Row{
		{
			Section: "4.3.1", What: "np.float32(1e-50)",
			Printed:   "0.0",
			Published: published("float32(1e-50)"),
			Ours:      []float64{float64(float32(tiny))},
		}, {
			Section: "4.3.1", What: "(f(5+h) − f(5)) / h, h = 10e-50",
			Published: published("forward difference of 0.01x^2+0.1x at 5 with h=10e-50"),
			Ours:      []float64{BadNumericalDiff(Function1, 5)},
		}, {
			Section: "4.3.1", What: "(f(5+h) − f(5)) / h, h = 1e-4",
			Published: published("forward difference of 0.01x^2+0.1x at 5 with h=1e-4"),
			Ours:      []float64{forward},
		}, {
			Section: "4.3.2", What: "numerical_diff(function_1, 5)",
			Printed:   "0.1999999999990898",
			Published: published("numerical_diff(0.01x^2+0.1x, 5)"),
			Ours:      []float64{NumericalDiff(Function1, 5)},
		}, {
			Section: "4.3.2", What: "numerical_diff(function_1, 10)",
			Printed:   "0.2999999999986347",
			Published: published("numerical_diff(0.01x^2+0.1x, 10)"),
			Ours:      []float64{NumericalDiff(Function1, 10)},
		}, {
			Section: "4.3.3", What: "∂f/∂x0 of x0² + x1² at (3, 4)",
			Printed:   "6.00000000000378",
			Published: published("partial derivative of x0^2+4^2 at x0=3"),
			Ours:      []float64{PartialDiff(Function2, at, 0)},
		}, {
			Section: "4.3.3", What: "∂f/∂x1 of x0² + x1² at (3, 4)",
			Printed:   "7.999999999999119",
			Published: published("partial derivative of 3^2+x1^2 at x1=4"),
			Ours:      []float64{PartialDiff(Function2, at, 1)},
		},
	}
}

func gradientRows() []Row {
	return []Row{
		{
			Section: "4.4", What: "numerical_gradient at (3, 4)",
			Printed:   "[6.0000000000037801, 7.9999999999991189]",
			Published: published("numerical_gradient(x0^2+x1^2, [3.0, 4.0])"),
			Ours:      NumericalGradient(Function2, []float64{3, 4}),
		}, {
			Section: "4.4", What: "numerical_gradient at (0, 2)",
			Printed:   "[0., 4.]",
			Published: published("numerical_gradient(x0^2+x1^2, [0.0, 2.0])"),
			Ours:      NumericalGradient(Function2, []float64{0, 2}),
		}, {
			Section: "4.4", What: "numerical_gradient at (3, 0)",
			Printed:   "[6., 0.]",
			Published: published("numerical_gradient(x0^2+x1^2, [3.0, 0.0])"),
			Ours:      NumericalGradient(Function2, []float64{3, 0}),
		},
	}
}

func descentRows() []Row {
	after100 := func(lr float64) []float64 {
		x, _ := GradientDescent(Function2, []float64{-3, 4}, lr, 100)
		return x
	}
	_, path := GradientDescent(Function2, []float64{-3, 4}, 0.1, 20)
	return []Row{
		{
			Section: "4.4.1", What: "gradient_descent, lr = 0.1",
			Printed:   "[-6.11110793e-10, 8.14814391e-10]",
			Published: published("gradient_descent from (-3,4), lr 0.1, 100 steps"),
			Ours:      after100(0.1),
		}, {
			Section: "4.4.1", What: "gradient_descent, lr = 10.0",
			Printed:   "[-2.58983747e+13, -1.29524862e+12]",
			Published: published("gradient_descent from (-3,4), lr 10.0, 100 steps (too large: diverges; digits depend on rounding)"),
			Ours:      after100(10),
			Note:      "Nothing but rounding errors: the steps go too far, until x+h is x.",
		}, {
			Section: "4.4.1", What: "gradient_descent, lr = 1e-10",
			Printed:   "[-2.99999994, 3.99999992]",
			Published: published("gradient_descent from (-3,4), lr 1e-10, 100 steps (too small)"),
			Ours:      after100(1e-10),
		}, {
			Section: "4.4.1", What: "its path, 20 points, lr = 0.1",
			Published: published("path of gradient_descent from (-3,4), lr 0.1, 20 steps (figure 4-10)"),
			Ours:      slices.Concat(path...),
		},
	}
}

func simpleNetRows() []Row {
	net := NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	p := net.Predict(x)
	dW := func(loss func(x, t []float64) float64) []float64 {
		return net.Gradient(func() float64 { return loss(x, t) }).RawMatrix().Data
	}
	// The book prints W with 8 decimals, each off by up to 5e-9. The loss
	// moves with each by its derivative.
	firstDW := dW(net.Loss)
	fromW := 5e-9 * floats.Norm(firstDW, 1)
	// A loss near 1 is rounded to 2^-53, a few times, and 2h divides that.
	const fromRounding = 8 * 0x1p-53 / grad.BookStep
	return []Row{
		{
			Section: "4.4.2", What: "net.W (given; the book's is random)",
			Printed:   "[[0.47355232 0.9977393 0.84668094] [0.85557411 0.03563661 0.69422093]]",
			Published: published("simpleNet W (given)"),
			Ours:      net.W.RawMatrix().Data,
		}, {
			Section: "4.4.2", What: "net.predict(x)",
			Printed:   "[1.05414809 0.63071653 1.1328074]",
			Published: published("simpleNet predict([0.6,0.9])"),
			Ours:      p,
		}, {
			Section: "4.4.2", What: "np.argmax(p)",
			Printed: "2",
			Ours:    []float64{float64(floats.MaxIdx(p))},
		}, {
			Section: "4.4.2", What: "net.loss(x, t), first edition",
			Printed: "0.92806853663411326",
			Ours:    []float64{net.Loss(x, t)},
			Within:  fromW,
			Note:    "The first edition takes log y. Its W had 16 digits, and it prints 8: no more of the loss can be had from them.",
		}, {
			Section: "4.4.2", What: "net.loss(x, t), published code",
			Published: published("simpleNet loss, t=[0,0,1] (with 1e-7)"),
			Ours:      []float64{net.PublishedLoss(x, t)},
			Within:    2 * ulpOfLog,
			Note:      "The code as published today takes log(y + 1e-7), which lowers the loss by 1e-7/y = 2.5e-7.",
		}, {
			Section: "4.4.2", What: "dW, first edition",
			Printed: "[[0.21924763 0.14356247 -0.36281009] [0.32887144 0.2153437 -0.54421514]]",
			Ours:    firstDW,
		}, {
			Section: "4.4.2", What: "dW, published code",
			Published: published("simpleNet dW = numerical_gradient of the loss"),
			Ours:      dW(net.PublishedLoss),
			Within:    fromRounding,
		},
	}
}

// ImageRows returns the shapes of the training images (section 4.2.3).
func ImageRows(images *dataset.Set) []Row {
	n := float64(images.Len())
	return []Row{
		{Section: "4.2.3", What: "x_train.shape", Printed: "(60000, 784)", Ours: []float64{n, float64(images.Size())}},
		{Section: "4.2.3", What: "t_train.shape", Printed: "(60000, 10)", Ours: []float64{n, float64(images.Classes)}},
	}
}

// TrainingRows returns the accuracies of a training after the first epoch and
// after the 16th, the last that the book's notebook knows.
func TrainingRows(run Run) []Row {
	const note = "Other random weights and mini-batches: over eight seeds, the accuracies have a standard deviation " +
		"of up to 0.008 after 1 epoch and 0.0012 after 16. Two trainings should be within 3√2 times that."
	curve := published(publishedCurve)
	var rows []Row
	for _, at := range []struct {
		epoch     int
		deviation float64
	}{{1, 0.008}, {16, 0.0012}} {
		if len(run.Log) < at.epoch {
			continue
		}
		e := run.Log[at.epoch-1]
		rows = append(rows, Row{
			Section: "4.5.3", What: fmt.Sprintf("train acc, test acc after %d × 600 steps", at.epoch),
			Published: curve[2*at.epoch : 2*at.epoch+2],
			Ours:      []float64{e.TrainAcc, e.TestAcc},
			Within:    3 * math.Sqrt2 * at.deviation,
			Note:      note,
		})
	}
	return rows
}

func shapeRows() []Row {
	net := nn.NewParams(784, 100, 10)
	shape := func(name, printed string, ours ...int) Row {
		row := Row{Section: "4.5.1", What: "net.params['" + name + "'].shape", Printed: printed}
		for _, n := range ours {
			row.Ours = append(row.Ours, float64(n))
		}
		return row
	}
	dims := func(m mat.Matrix) []int {
		r, c := m.Dims()
		return []int{r, c}
	}
	return []Row{
		shape("W1", "(784, 100)", dims(net.W1)...),
		shape("b1", "(100,)", len(net.B1)),
		shape("W2", "(100, 10)", dims(net.W2)...),
		shape("b2", "(10,)", len(net.B2)),
	}
}
