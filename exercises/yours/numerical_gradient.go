// 4.4 All partial derivatives of f at x, with h = 1e-4.
//
// f may ignore its argument and read x itself, like the book's lambda W: net.loss(x, t).
// So displace the elements of x in place, and restore each.
//
// x におけるすべての偏微分を返す。h は 1e-4 とする。
//
// 本の lambda W: net.loss(x, t) のように、f は引数を使わず x そのものを読むことがある。
// そこで x の要素を1つずつその場で動かし、そのつど元に戻す。

package yours

// NumericalGradient returns the partial derivatives of f at x [D]. For a matrix W, x
// has its elements, row by row. / x [D] における偏微分をすべて返す。
func NumericalGradient(f func(x []float64) float64, x []float64) []float64 {
	panic("not yet") // your code here / ここにコードを書く
}
