package loss_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
)

// The probabilities of section 3.5.2.
func ExampleSoftmax() {
	fmt.Printf("%.4f\n", loss.Softmax(nil, []float64{0.3, 2.9, 4.0}))
	fmt.Printf("%.4f\n", loss.Softmax(nil, []float64{1010, 1000, 990}))
	// Output:
	// [0.0182 0.2452 0.7366]
	// [1.0000 0.0000 0.0000]
}

func ExampleLogSumExp() {
	fmt.Printf("%.4f\n", loss.LogSumExp([]float64{1000, 1000}))
	// Output: 1000.6931
}

// Two samples of three classes. The net is sure of the first, rightly, and of
// the second, wrongly.
func ExampleCrossEntropy() {
	logits := mat.NewDense(2, 3, []float64{
		8, 0, 0,
		0, 0, 8,
	})
	fmt.Printf("%.4f\n", loss.CrossEntropy(logits, []int{0, 1}))
	// Output: 4.0007
}

// A loss far below the spacing of numbers near 1 keeps its digits.
func ExampleNegLogSoftmax() {
	fmt.Printf("%.6g\n", loss.NegLogSoftmax([]float64{50, 0, 0}, 0))
	// Output: 3.8575e-22
}

// The answer of section 4.2.2: the label has the highest probability.
func ExampleCrossEntropyError() {
	y := mat.NewDense(1, 10, []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0})
	fmt.Printf("%.6f\n", loss.CrossEntropyError(y, []int{2}))
	// Output: 0.510825
}

// The same answer in section 4.2.1.
func ExampleSumSquaredError() {
	y := mat.NewDense(1, 10, []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0})
	fmt.Printf("%.4f\n", loss.SumSquaredError(y, loss.OneHot([]int{2}, 10)))
	// Output: 0.0975
}

func ExampleOneHot() {
	fmt.Println(mat.Formatted(loss.OneHot([]int{2, 0}, 3)))
	// Output:
	// ⎡0  0  1⎤
	// ⎣1  0  0⎦
}

func ExampleIndices() {
	t, err := loss.Indices(mat.NewDense(2, 3, []float64{
		0, 0, 1,
		1, 0, 0,
	}))
	fmt.Println(t, err)
	_, err = loss.Indices(mat.NewDense(1, 3, []float64{0, 0.5, 0.5}))
	fmt.Println(err)
	// Output:
	// [2 0] <nil>
	// loss: row 0 is not one-hot: element 1 is 0.5
}
