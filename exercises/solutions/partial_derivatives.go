// 4.3.3 Partial derivatives of f(x0, x1) = x0² + x1² at x0 = 3, x1 = 4.
//
// FunctionTmp1 is f as a function of x0, with x1 = 4.
// FunctionTmp2 is f as a function of x1, with x0 = 3.
// PartialDiff is the derivative with respect to x[i]: displace only x[i], by ±1e-4, and
// restore it. The book's numbers are 6.00000000000378 and 7.999999999999119.
//
// x0 = 3、x1 = 4 における f(x0, x1) = x0² + x1² の偏微分。
//
// FunctionTmp1 は x1 を 4 に固定した x0 の関数。
// FunctionTmp2 は x0 を 3 に固定した x1 の関数。
// PartialDiff は x[i] に関する微分。x[i] だけを ±1e-4 動かし、終わったら x を元に戻す。
// 本での値は 6.00000000000378 と 7.999999999999119。

package solutions

// FunctionTmp1 is x0² + x1² with x1 = 4. / x1 を 4 に固定した関数。
func FunctionTmp1(x0 float64) float64 {
	return x0*x0 + 4*4
}

// FunctionTmp2 is x0² + x1² with x0 = 3. / x0 を 3 に固定した関数。
func FunctionTmp2(x1 float64) float64 {
	return 3*3 + x1*x1
}

// PartialDiff returns the derivative of f at x [D] with respect to x[i]. / x[i] に関する微分を返す。
func PartialDiff(f func(x []float64) float64, x []float64, i int) float64 {
	h, tmp := 1e-4, x[i]
	x[i] = tmp + h
	fxh1 := f(x)
	x[i] = tmp - h
	fxh2 := f(x)
	x[i] = tmp
	return (fxh1 - fxh2) / (2 * h)
}
