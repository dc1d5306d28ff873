// 4.4 All partial derivatives of f at x, with h = 1e-4.
//
// f may ignore its argument and read x itself, like the book's lambda W: net.loss(x, t).
// So displace the elements of x in place, and restore each.
//
// x におけるすべての偏微分を返す。h は 1e-4 とする。
//
// 本の lambda W: net.loss(x, t) のように、f は引数を使わず x そのものを読むことがある。
// そこで x の要素を1つずつその場で動かし、そのつど元に戻す。

package solutions

// NumericalGradient returns the partial derivatives of f at x [D]. For a matrix W, x
// has its elements, row by row. / x [D] における偏微分をすべて返す。
func NumericalGradient(f func(x []float64) float64, x []float64) []float64 {
	h, grad := 1e-4, make([]float64, len(x))
	for i, tmp := range x {
		x[i] = tmp + h
		fxh1 := f(x)
		x[i] = tmp - h
		fxh2 := f(x)
		grad[i] = (fxh1 - fxh2) / (2 * h)
		x[i] = tmp
	}
	return grad
}
