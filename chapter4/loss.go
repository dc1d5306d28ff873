// Package chapter4 has the functions of chapter 4 of "Deep Learning from
// Scratch" in Go, under the book's names: loss.go for section 4.2, diff.go for
// 4.3, gradient.go for 4.4 and training.go for 4.5. The packages loss, grad, nn
// and train do the work. docs/chapter4.md shows the functions section by
// section, with the numbers and figures of cmd/chapter4.
//
// Some products are converted to float64. A compiler must not fuse such a
// product into a sum, so the result is bit-identical to NumPy's.
package chapter4

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
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
