package chapter4

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
)

// SumSquaredError is the book's sum_squared_error (section 4.2.1), ½ Σ (y − t)²,
// for the answer y [K] of a net and the one-hot label t [K]. It is
// [loss.SumSquaredError] of one sample, with the terms added in NumPy's order,
// and panics if the lengths differ.
func SumSquaredError(y, t []float64) float64 {
	d := floats.SubTo(make([]float64, len(y)), y, t)
	floats.Mul(d, d)
	return 0.5 * sum(d)
}

// sum adds up to 15 numbers in the order of np.sum: the first eight by pairs,
// then the others one by one. The order decides over the last digit.
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

// CrossEntropyError is the book's cross_entropy_error (section 4.2.2),
// −log(y + 1e-7) at the class that the one-hot t [K] marks, for the answer
// y [K] of a net.
func CrossEntropyError(y, t []float64) float64 {
	return loss.CrossEntropyError(sample(y), []int{floats.MaxIdx(t)})
}

// sample returns v as a batch of one.
func sample(v []float64) *mat.Dense { return mat.NewDense(1, len(v), v) }
