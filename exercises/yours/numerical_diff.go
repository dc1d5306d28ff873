// 4.3.1 The derivative of f at x by the central difference, with h = 1e-4.
//
// The book finds 0.1999999999990898 for 0.01x² + 0.1x at x = 5.
//
// 中心差分による f の x における微分。h は 1e-4 とする。
//
// 0.01x² + 0.1x の x = 5 での値は、本では 0.1999999999990898。

package yours

// NumericalDiff returns the derivative of f at x. / f の x における微分を返す。
func NumericalDiff(f func(float64) float64, x float64) float64 {
	panic("not yet") // your code here / ここにコードを書く
}
