// Package loss has the losses of chapter 4.2 of "Deep Learning from Scratch".
//
// A row is one sample with a value for each of the K classes: logits a before the
// softmax, or probabilities y after it. Labels t are class indices in 0…K−1;
// [Indices] and [OneHot] convert from and to one-hot rows.
//
// The net trains on [CrossEntropy], which is exact. The book's [CrossEntropyError]
// adds 1e-7 inside the logarithm to avoid log 0. The 1e-7 changes a gradient by up to
// 5e-7 at any step: too much for checking another gradient.
package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// CrossEntropy returns the mean over the rows n of a of
//
//	−log softmax(a[n])[t[n]] = logsumexp(a[n]) − a[n][t[n]],
//
// where a [N×K] holds logits and t [N] class indices. It is finite and accurate for
// any finite logits: nothing overflows, and no probability is rounded to 0. If a logit
// is NaN, the result is NaN; if one is +Inf, it is NaN or +Inf.
//
// CrossEntropy panics if t does not have N entries or one is not in 0…K−1.
func CrossEntropy(a *mat.Dense, t []int) float64 {
	n := checkLabels("CrossEntropy", a, t)
	sum := 0.0
	for i, label := range t {
		sum += NegLogSoftmax(a.RawRowView(i), label)
	}
	return sum / float64(n)
}

// NegLogSoftmax returns −log softmax(a)[t], the cross entropy of one sample
// with logits a [K] and label t. It panics if t is not in 0…K−1.
func NegLogSoftmax(a []float64, t int) float64 {
	max, rest := maxAndRest(a)
	return (max - a[t]) + math.Log1p(rest)
}

// Delta is the book's delta, which [CrossEntropyError] adds to a probability to avoid
// log 0 (section 4.2.2).
const Delta = 1e-7

// CrossEntropyError is the book's cross_entropy_error (section 4.2.4): the
// mean over the rows n of y of −log(y[n][t[n]] + Delta), where y [N×K] holds
// probabilities and t [N] class indices.
//
// CrossEntropyError panics if t does not have N entries or one is not in 0…K−1.
func CrossEntropyError(y *mat.Dense, t []int) float64 {
	n := checkLabels("CrossEntropyError", y, t)
	sum := 0.0
	for i, label := range t {
		sum -= math.Log(y.At(i, label) + Delta)
	}
	return sum / float64(n)
}

// checkLabels panics unless there is one label in range for each row of a.
func checkLabels(function string, a *mat.Dense, t []int) (rows int) {
	rows, classes := a.Dims()
	if len(t) != rows {
		panic(fmt.Sprintf("loss: %s of %d rows with %d labels", function, rows, len(t)))
	}
	for i, label := range t {
		if label < 0 || label >= classes {
			panic(fmt.Sprintf("loss: %s: label %d of row %d is not in 0…%d", function, label, i, classes-1))
		}
	}
	return rows
}

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
