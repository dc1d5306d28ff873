package loss_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
)

// Two answers to an image of a 2, from sections 4.2.1 and 4.2.2. The first has
// its peak at the 2, the second at the 7.
var (
	right = mat.NewDense(1, 10, []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0})
	wrong = mat.NewDense(1, 10, []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0})
)

// The book's code under NumPy 1.24 gave the wanted values.
func TestBook(t *testing.T) {
	label := []int{2}
	oneHot := loss.OneHot(label, 10)
	simpleNet := mat.NewDense(1, 3, []float64{1.054148091, 0.630716529, 1.132807401})
	loss.Softmax(simpleNet.RawRowView(0), simpleNet.RawRowView(0))
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"4.2.1 sum of squares, peak at 2", loss.SumSquaredError(right, oneHot), 0.09750000000000003},
		{"4.2.1 sum of squares, peak at 7", loss.SumSquaredError(wrong, oneHot), 0.5975},
		{"4.2.2 cross entropy, peak at 2", loss.CrossEntropyError(right, label), 0.510825457099338},
		{"4.2.2 cross entropy, peak at 7", loss.CrossEntropyError(wrong, label), 2.3025840929945454},
		{"4.4.2 simpleNet", loss.CrossEntropyError(simpleNet, label), 0.9280682857864075},
	} {
		// NumPy sums in another order, and its log and exp are not Go's.
		if math.Abs(test.got-test.want) > 4*ulp*test.want {
			t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
		}
	}
}

func TestCrossEntropyIsMean(t *testing.T) {
	a := mat.NewDense(3, 2, []float64{50, 0, 0, 50, 1e4, -1e4})
	labels := []int{0, 0, 1}
	want := (math.Log1p(math.Exp(-50)) + 50 + 2e4) / 3
	if got := loss.CrossEntropy(a, labels); math.Abs(got-want) > 4*ulp*want {
		t.Errorf("CrossEntropy = %v, want %v", got, want)
	}

	// A view of a wider matrix gives the same.
	view := mat.NewDense(3, 4, []float64{
		0, 50, 0, 9,
		9, 0, 50, 0,
		1, 1e4, -1e4, 2,
	}).Slice(0, 3, 1, 3).(*mat.Dense)
	if got := loss.CrossEntropy(view, labels); got != loss.CrossEntropy(a, labels) {
		t.Errorf("CrossEntropy of a view = %v, want %v", got, want)
	}
}

func TestIndicesErrors(t *testing.T) {
	for _, test := range []struct {
		row  []float64
		want string
	}{
		{[]float64{0, 0, 0}, "loss: row 1 is not one-hot: it has no 1"},
		{[]float64{1, 0, 1}, "loss: row 1 is not one-hot: element 2 is 1"},
		{[]float64{0, 0.5, 0.5}, "loss: row 1 is not one-hot: element 1 is 0.5"},
		{[]float64{-1, 0, 1}, "loss: row 1 is not one-hot: element 0 is -1"},
		{[]float64{0, 1, math.NaN()}, "loss: row 1 is not one-hot: element 2 is NaN"},
	} {
		rows := mat.NewDense(2, 3, append([]float64{0, 1, 0}, test.row...))
		if got, err := loss.Indices(rows); got != nil || err == nil || err.Error() != test.want {
			t.Errorf("Indices of row %v = %v, %v, want %q", test.row, got, err, test.want)
		}
	}
}

func TestPanics(t *testing.T) {
	a := mat.NewDense(2, 3, nil)
	for _, test := range []struct {
		call func()
		want string
	}{
		{func() { loss.CrossEntropy(a, []int{0}) }, "loss: CrossEntropy of 2 rows with 1 labels"},
		{func() { loss.CrossEntropy(a, []int{0, 3}) }, "loss: CrossEntropy: label 3 of row 1 is not in 0…2"},
		{func() { loss.CrossEntropy(a, []int{-1, 0}) }, "loss: CrossEntropy: label -1 of row 0 is not in 0…2"},
		{func() { loss.OneHot([]int{1, 3}, 3) }, "loss: OneHot: label 3 of row 1 is not in 0…2"},
		{func() { loss.SumSquaredError(a, mat.NewDense(2, 4, nil)) }, "loss: SumSquaredError of [2×3] and [2×4]"},
		{func() { loss.Softmax(make([]float64, 2), make([]float64, 3)) }, "loss: Softmax of 3 logits into 2 places"},
		{func() { loss.Softmax(nil, nil) }, "floats: zero length slice"},
		{func() { loss.NegLogSoftmax([]float64{1, 2}, 2) }, "index out of range"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, test.want) {
					t.Errorf("panic with %q, want %q", got, test.want)
				}
			}()
			test.call()
		}()
	}
}
