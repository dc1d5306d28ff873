// 4.4 All partial derivatives of f at x, with h = 1e-4.
//
// f may ignore its argument and read x itself, as the book's lambda W: net.loss(x, t)
// does: so move x in place, and put each element back.
//
// x におけるすべての偏微分を返す。h は 1e-4 とする。
//
// f は引数を使わず x そのものを読むことがある（本の lambda W: net.loss(x, t) がそうである）。
// そこで x をその場で動かし、要素ごとに元に戻す。

package yours

// NumericalGradient returns the partial derivatives of f at x [D]. A matrix W is
// passed as its numbers, row by row. / x [D] における偏微分をすべて返す。
func NumericalGradient(f func(x []float64) float64, x []float64) []float64 {
	panic("not yet") // your code here / ここにコードを書く
}
