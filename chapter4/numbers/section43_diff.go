package numbers

import (
	"numgrad/chapter4"
	"numgrad/grad"
)

func diffRows() []Row {
	tiny := 1e-50
	forward := grad.Derivative(chapter4.Function1, 5, &grad.Settings{Formula: grad.Forward})
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
			Ours:      []float64{chapter4.BadNumericalDiff(chapter4.Function1, 5)},
		}, {
			Section: "4.3.1", What: "(f(5+h) − f(5)) / h, h = 1e-4",
			Published: published("forward difference of 0.01x^2+0.1x at 5 with h=1e-4"),
			Ours:      []float64{forward},
		}, {
			Section: "4.3.2", What: "numerical_diff(function_1, 5)",
			Printed:   "0.1999999999990898",
			Published: published("numerical_diff(0.01x^2+0.1x, 5)"),
			Ours:      []float64{chapter4.NumericalDiff(chapter4.Function1, 5)},
		}, {
			Section: "4.3.2", What: "numerical_diff(function_1, 10)",
			Printed:   "0.2999999999986347",
			Published: published("numerical_diff(0.01x^2+0.1x, 10)"),
			Ours:      []float64{chapter4.NumericalDiff(chapter4.Function1, 10)},
		}, {
			Section: "4.3.3", What: "∂f/∂x0 of x0² + x1² at (3, 4)",
			Printed:   "6.00000000000378",
			Published: published("partial derivative of x0^2+4^2 at x0=3"),
			Ours:      []float64{chapter4.PartialDiff(chapter4.Function2, at, 0)},
		}, {
			Section: "4.3.3", What: "∂f/∂x1 of x0² + x1² at (3, 4)",
			Printed:   "7.999999999999119",
			Published: published("partial derivative of 3^2+x1^2 at x1=4"),
			Ours:      []float64{chapter4.PartialDiff(chapter4.Function2, at, 1)},
		},
	}
}
