// 3.5, 4.2 Softmax and the two losses.
//
// Softmax turns scores into probabilities. It must not overflow for large scores.
// SumSquaredError is half the sum of the squared differences (4.2.1).
// CrossEntropyError is the mean of -log(y + 1e-7) at the label (4.2.2, 4.2.4).
//
// ソフトマックス関数と2つの損失関数。
//
// Softmax はスコアを確率に変える。スコアが大きくてもオーバーフローしないこと。
// SumSquaredError は差の2乗の総和を 2 で割ったもの（4.2.1）。
// CrossEntropyError は正解ラベルの位置での -log(y + 1e-7) の平均（4.2.2、4.2.4）。

package yours

import "gonum.org/v1/gonum/mat"

// Softmax returns the probabilities of the scores a [K]. / スコア a [K] の確率を返す。
func Softmax(a []float64) []float64 {
	panic("not yet") // your code here / ここにコードを書く
}

// SumSquaredError returns ½ Σ (y − t)² for y [K] and the one-hot t [K]. / 2乗和誤差。
func SumSquaredError(y, t []float64) float64 {
	panic("not yet") // your code here / ここにコードを書く
}

// CrossEntropyError returns the mean of −log(y + 1e-7) at the labels t [N], for
// y [N×K] with a sample in each row. / ラベル t の位置での −log(y + 1e-7) の平均。
func CrossEntropyError(y *mat.Dense, t []int) float64 {
	panic("not yet") // your code here / ここにコードを書く
}
