package chapter4_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"numgrad/chapter4"
)

// Section 4.2.1: the net says 2, and the label is 2.
func ExampleSumSquaredError() {
	y := []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	fmt.Printf("%.17g\n", chapter4.SumSquaredError(y, t))
	// Output: 0.097500000000000031
}

// Section 4.2.2: the net says 7, and the label is 2.
func ExampleCrossEntropyError() {
	y := []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	fmt.Printf("%.13f\n", chapter4.CrossEntropyError(y, t))
	// Output: 2.3025840929945
}

// Section 4.3.2: the true slopes are 0.2 and 0.3.
func ExampleNumericalDiff() {
	fmt.Println(chapter4.NumericalDiff(chapter4.Function1, 5))
	fmt.Println(chapter4.NumericalDiff(chapter4.Function1, 10))
	// Output:
	// 0.1999999999990898
	// 0.2999999999986347
}

// Section 4.3.1: 5 + 10e-50 is 5, and float32 does not even have 1e-50.
func ExampleBadNumericalDiff() {
	h := 1e-50
	fmt.Println(float32(h))
	fmt.Println(chapter4.BadNumericalDiff(chapter4.Function1, 5))
	// Output:
	// 0
	// 0
}

// Figure 4-7: the tangents at 5 and at 10, at the left edge, where they touch,
// and at the right edge.
func ExampleTangentLine() {
	for _, x := range []float64{5, 10} {
		tangent := chapter4.TangentLine(chapter4.Function1, x)
		fmt.Printf("at %v: %.4f %.4f %.4f\n", x, tangent(0), tangent(x), tangent(20))
	}
	// Output:
	// at 5: -0.2500 0.7500 3.7500
	// at 10: -1.0000 2.0000 5.0000
}

// Section 4.3.3, at (3, 4).
func ExamplePartialDiff() {
	x := []float64{3, 4}
	fmt.Println(chapter4.PartialDiff(chapter4.Function2, x, 0))
	fmt.Println(chapter4.PartialDiff(chapter4.Function2, x, 1))
	// Output:
	// 6.00000000000378
	// 7.999999999999119
}

// Section 4.4.
func ExampleNumericalGradient() {
	for _, x := range [][]float64{{3, 4}, {0, 2}, {3, 0}} {
		fmt.Println(chapter4.NumericalGradient(chapter4.Function2, x))
	}
	// Output:
	// [6.00000000000378 7.999999999999119]
	// [0 4.000000000004]
	// [6.000000000012662 0]
}

// Section 4.4.1: a rate that fits, one too large, and one too small.
func ExampleGradientDescent() {
	for _, lr := range []float64{0.1, 10, 1e-10} {
		x, _ := chapter4.GradientDescent(chapter4.Function2, []float64{-3, 4}, lr, 100)
		fmt.Println(x)
	}
	// Output:
	// [-6.111107928998789e-10 8.148143905314271e-10]
	// [-2.5898374737328363e+13 -1.2952486168965398e+12]
	// [-2.999999939999995 3.9999999199999934]
}

// Section 4.4.2: the loss falls fastest where W moves against dW.
func ExampleSimpleNet() {
	net := chapter4.NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	fmt.Printf("%.8f\n", net.Predict(x))
	fmt.Printf("%.8f\n", net.Loss(x, t))

	dW := net.Gradient(func() float64 { return net.Loss(x, t) })
	fmt.Printf("%.8f\n", mat.Formatted(dW))
	// Output:
	// [1.05414809 0.63071653 1.13280740]
	// 0.92806854
	// ⎡ 0.21924763   0.14356247  -0.36281009⎤
	// ⎣ 0.32887144   0.21534370  -0.54421514⎦
}

// The loss of the first edition, and of the code as published today.
func ExampleSimpleNet_PublishedLoss() {
	net := chapter4.NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	fmt.Printf("%.8f\n%.8f\n", net.Loss(x, t), net.PublishedLoss(x, t))
	// Output:
	// 0.92806854
	// 0.92806829
}
