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

package solutions

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Softmax returns the probabilities of the scores a [K]. / スコア a [K] の確率を返す。
func Softmax(a []float64) []float64 {
	y := make([]float64, len(a))
	sum := 0.0
	for k, v := range a {
		y[k] = math.Exp(v - slices.Max(a)) // exp(v) would overflow
		sum += y[k]
	}
	for k := range y {
		y[k] /= sum
	}
	return y
}

// SumSquaredError returns ½ Σ (y − t)² for y [K] and the one-hot t [K]. / 2乗和誤差。
func SumSquaredError(y, t []float64) float64 {
	sum := 0.0
	for k := range y {
		sum += (y[k] - t[k]) * (y[k] - t[k])
	}
	return 0.5 * sum
}

// CrossEntropyError returns the mean of −log(y + 1e-7) at the labels t [N], for
// y [N×K] with a sample in each row. / ラベル t の位置での −log(y + 1e-7) の平均。
func CrossEntropyError(y *mat.Dense, t []int) float64 {
	sum := 0.0
	for i, label := range t {
		sum -= math.Log(y.At(i, label) + 1e-7)
	}
	return sum / float64(len(t))
}
