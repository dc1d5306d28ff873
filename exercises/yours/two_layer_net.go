// 4.5.1 The loss of the book's TwoLayerNet: affine, sigmoid, affine, softmax, cross entropy.
//
// solutions.Softmax and solutions.CrossEntropyError are given.
//
// 本の TwoLayerNet の損失。順に Affine、Sigmoid、Affine、Softmax、交差エントロピー誤差を計算する。
//
// solutions.Softmax と solutions.CrossEntropyError は与えられている。

package yours

import "gonum.org/v1/gonum/mat"

// TwoLayerNet has the weights W1 [D×H], B1 [H], W2 [H×K] and B2 [K].
type TwoLayerNet struct {
	W1 *mat.Dense
	B1 []float64
	W2 *mat.Dense
	B2 []float64
}

// Predict returns the probabilities [N×K] for x [N×D]. / x [N×D] の確率 [N×K] を返す。
func (n *TwoLayerNet) Predict(x *mat.Dense) *mat.Dense {
	panic("not yet") // your code here / ここにコードを書く
}

// Loss returns the mean cross entropy for the labels t [N]. / ラベル t [N] の交差エントロピー誤差の平均。
func (n *TwoLayerNet) Loss(x *mat.Dense, t []int) float64 {
	panic("not yet") // your code here / ここにコードを書く
}
