package loss

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// SumSquaredError is the book's sum_squared_error (section 4.2.1),
// ½ Σ (y − t)² over all elements of y [N×K] and the one-hot t [N×K]. It
// panics if the shapes differ.
func SumSquaredError(y, t *mat.Dense) float64 {
	rows, cols := y.Dims()
	if r, c := t.Dims(); r != rows || c != cols {
		panic(fmt.Sprintf("loss: SumSquaredError of [%d×%d] and [%d×%d]", rows, cols, r, c))
	}
	sum := 0.0
	for i := range rows {
		target := t.RawRowView(i)
		for k, v := range y.RawRowView(i) {
			d := v - target[k]
			sum += float64(d * d)
		}
	}
	return sum / 2
}
