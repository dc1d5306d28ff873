package grad_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
)

// Section 4.3.2: the derivative of 0.01x² + 0.1x at 5 is 0.2.
func ExampleDerivative() {
	f := func(x float64) float64 { return 0.01*x*x + 0.1*x }
	fmt.Printf("central %.6f\n", grad.Derivative(f, 5, nil))
	fmt.Printf("forward %.6f\n", grad.Derivative(f, 5, &grad.Settings{Formula: grad.Forward}))
	// Output:
	// central 0.200000
	// forward 0.200001
}

// Section 4.3.3: the partial derivative of x0² + x1² for x1, at (3, 4).
func ExamplePartial() {
	x := []float64{3, 4}
	f := func() float64 { return x[0]*x[0] + x[1]*x[1] }
	fmt.Printf("%.6f at %v\n", grad.Partial(f, x, 1, nil), x)
	// Output: 8.000000 at [3 4]
}

// Section 4.4: the gradient of x0² + x1² at (3, 4).
func ExampleGradient() {
	f := func(x []float64) float64 { return x[0]*x[0] + x[1]*x[1] }
	fmt.Printf("%.6f\n", grad.Gradient(nil, f, []float64{3, 4}, nil))
	// Output: [6.000000 8.000000]
}

// Gradient descent of section 4.4.1, with a function that reads x directly.
func ExampleInPlace() {
	x := []float64{-3, 4}
	f := func() float64 { return x[0]*x[0] + x[1]*x[1] }
	g := make([]float64, len(x))
	for range 100 {
		grad.InPlace(g, f, x, nil)
		for i := range x {
			x[i] -= 0.1 * g[i]
		}
	}
	fmt.Printf("%.1e\n", x)
	// Output: [-6.1e-10 8.1e-10]
}

// Each worker has its own copy of x, and an f that reads the copy.
func ExampleParallel() {
	at := []float64{3, 4}
	g := grad.Parallel(nil, func() (func() float64, []float64) {
		x := append([]float64(nil), at...)
		return func() float64 { return x[0]*x[0] + x[1]*x[1] }, x
	}, &grad.Settings{Workers: 2})
	fmt.Printf("%.6f\n", g)
	// Output: [6.000000 8.000000]
}

// The slope of x0·x1 at (3, 4), for a step in the direction of (1, 1).
func ExampleDirectional() {
	x := []float64{3, 4}
	f := func() float64 { return x[0] * x[1] }
	fmt.Printf("%.6f\n", grad.Directional(f, x, []float64{1, 1}, nil))
	// Output: 7.000000
}

// From polar to Cartesian coordinates, at radius 2 and angle 0.
func ExampleJacobian() {
	cartesian := func(y, x []float64) {
		y[0], y[1] = x[0]*math.Cos(x[1]), x[0]*math.Sin(x[1])
	}
	j := grad.Jacobian(mat.NewDense(2, 2, nil), cartesian, []float64{2, 0}, nil)
	fmt.Printf("%.4f\n", mat.Formatted(j))
	// Output:
	// ⎡1.0000  0.0000⎤
	// ⎣0.0000  2.0000⎦
}

// The derivative of exp at 1 is e. The book's step leaves an error of 5e-9,
// the best difference one of less than 1e-11, and says so.
func ExampleExtrapolate() {
	e := grad.Extrapolate(math.Exp, 1)
	fmt.Printf("off by %.0e, or less than 1e-11: %v, %v\n", grad.Derivative(math.Exp, 1, nil)-math.E,
		math.Abs(e.Value-math.E) < 1e-11, e.Truncation+e.Roundoff < 1e-11)
	// Output: off by 5e-09, or less than 1e-11: true, true
}
