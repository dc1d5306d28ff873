// 4.4.1 Steps from start, each against the gradient: x = x − lr·grad.
//
// solutions.NumericalGradient is given. The book finds (-6.11e-10, 8.15e-10) for x0² + x1²
// from (-3, 4) with lr = 0.1 and 100 steps.
//
// start から勾配と逆の向きに steps 回進む。x = x − lr·grad。
//
// solutions.NumericalGradient は与えられている。x0² + x1² を (-3, 4) から lr = 0.1 で
// 100 回進めると、本では (-6.11e-10, 8.15e-10) になる。

package solutions

import (
	"slices"
)

// GradientDescent returns the end x [D], and the point at which each step began.
// / 終点 x と、各ステップの出発点を返す。
func GradientDescent(f func(x []float64) float64, start []float64, lr float64, steps int) (x []float64, history [][]float64) {
	x = slices.Clone(start)
	for range steps {
		history = append(history, slices.Clone(x))
		for i, g := range NumericalGradient(f, x) {
			x[i] -= lr * g
		}
	}
	return x, history
}
