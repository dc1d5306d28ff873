package numbers

import (
	"slices"

	"numgrad/chapter4"
)

func gradientRows() []Row {
	return []Row{
		{
			Section: "4.4", What: "numerical_gradient at (3, 4)",
			Printed:   "[6.0000000000037801, 7.9999999999991189]",
			Published: published("numerical_gradient(x0^2+x1^2, [3.0, 4.0])"),
			Ours:      chapter4.NumericalGradient(chapter4.Function2, []float64{3, 4}),
		}, {
			Section: "4.4", What: "numerical_gradient at (0, 2)",
			Printed:   "[0., 4.]",
			Published: published("numerical_gradient(x0^2+x1^2, [0.0, 2.0])"),
			Ours:      chapter4.NumericalGradient(chapter4.Function2, []float64{0, 2}),
		}, {
			Section: "4.4", What: "numerical_gradient at (3, 0)",
			Printed:   "[6., 0.]",
			Published: published("numerical_gradient(x0^2+x1^2, [3.0, 0.0])"),
			Ours:      chapter4.NumericalGradient(chapter4.Function2, []float64{3, 0}),
		},
	}
}

func descentRows() []Row {
	after100 := func(lr float64) []float64 {
		x, _ := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, lr, 100)
		return x
	}
	_, path := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, 0.1, 20)
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
