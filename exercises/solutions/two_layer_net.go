// 4.5.1 The loss of the book's TwoLayerNet: affine, sigmoid, affine, softmax, cross entropy.
//
// solutions.Softmax and solutions.CrossEntropyError are given.
//
// 本の TwoLayerNet の損失。順に Affine、Sigmoid、Affine、Softmax、交差エントロピー誤差を計算する。
//
// solutions.Softmax と solutions.CrossEntropyError は与えられている。

package solutions

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// TwoLayerNet has the weights W1 [D×H], B1 [H], W2 [H×K] and B2 [K].
type TwoLayerNet struct {
	W1 *mat.Dense
	B1 []float64
	W2 *mat.Dense
	B2 []float64
}

// Predict returns the probabilities [N×K] for x [N×D]. / x [N×D] の確率 [N×K] を返す。
func (n *TwoLayerNet) Predict(x *mat.Dense) *mat.Dense {
	var z, a mat.Dense
	z.Mul(x, n.W1)
	z.Apply(func(_, j int, v float64) float64 { return 1 / (1 + math.Exp(-v-n.B1[j])) }, &z)
	a.Mul(&z, n.W2)
	a.Apply(func(_, k int, v float64) float64 { return v + n.B2[k] }, &a)
	rows, _ := a.Dims()
	for i := range rows {
		a.SetRow(i, Softmax(a.RawRowView(i)))
	}
	return &a
}

// Loss returns the mean cross entropy for the labels t [N]. / ラベル t [N] の交差エントロピー誤差の平均。
func (n *TwoLayerNet) Loss(x *mat.Dense, t []int) float64 {
	return CrossEntropyError(n.Predict(x), t)
}
