// 4.4 All partial derivatives of f at x, with h = 1e-4.
//
// f may ignore its argument and read x itself, as the book's lambda W: net.loss(x, t)
// does: so move x in place, and put each element back.
//
// x におけるすべての偏微分を返す。h は 1e-4 とする。
//
// f は引数を使わず x そのものを読むことがある（本の lambda W: net.loss(x, t) がそうである）。
// そこで x をその場で動かし、要素ごとに元に戻す。

package solutions

// NumericalGradient returns the partial derivatives of f at x [D]. A matrix W is
// passed as its numbers, row by row. / x [D] における偏微分をすべて返す。
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
