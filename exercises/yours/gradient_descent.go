// 4.4.1 Take the given number of steps from start against the gradient: x = x − lr·grad.
//
// solutions.NumericalGradient is given. In the book, x0² + x1² from (-3, 4) with lr = 0.1
// ends at (-6.11e-10, 8.15e-10) after 100 steps.
//
// start から始めて、勾配に学習率を掛けた分だけ逆方向に進む。これを steps 回繰り返す。x = x − lr·grad。
//
// solutions.NumericalGradient は与えられている。本では、x0² + x1² を (-3, 4) から lr = 0.1 で
// 100回更新すると (-6.11e-10, 8.15e-10) になる。

package yours

// GradientDescent returns the final x [D] and the starting point of each step.
// / 最後の x と、各ステップの出発点を返す。
func GradientDescent(f func(x []float64) float64, start []float64, lr float64, steps int) (x []float64, history [][]float64) {
	panic("not yet") // your code here / ここにコードを書く
}
