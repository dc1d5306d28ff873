// 4.4.2 The book's simpleNet: the scores x·W, and the cross entropy of their softmax.
//
// solutions.Softmax and solutions.CrossEntropyError are given.
//
// 本の simpleNet。スコアは x·W、損失はそのソフトマックスの交差エントロピー誤差。
//
// solutions.Softmax と solutions.CrossEntropyError は与えられている。

package yours

import "gonum.org/v1/gonum/mat"

// SimpleNet has the weights W [2×3]. / 重み W [2×3] をもつ。
type SimpleNet struct{ W *mat.Dense }

// Predict returns the scores of the three classes for x [2]. / x [2] のスコアを返す。
func (n *SimpleNet) Predict(x []float64) []float64 {
	panic("not yet") // your code here / ここにコードを書く
}

// Loss returns the cross entropy for the one-hot t [3]. / 交差エントロピー誤差を返す。
func (n *SimpleNet) Loss(x, t []float64) float64 {
	panic("not yet") // your code here / ここにコードを書く
}
