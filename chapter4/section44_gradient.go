package chapter4

import (
	"slices"

	"numgrad/grad"
)

// NumericalGradient is the book's numerical_gradient (section 4.4): all
// partial derivatives of f at x [D].
func NumericalGradient(f func(x []float64) float64, x []float64) []float64 {
	return grad.Gradient(nil, f, x, nil)
}

// GradientDescent is the book's gradient_descent (section 4.4.1): from
// start [D], it takes steps against the gradient of f, each as long as the
// gradient times the learning rate lr. It returns where they end, and the
// points that they began at.
func GradientDescent(f func(x []float64) float64, start []float64, lr float64, steps int) (x []float64, history [][]float64) {
	x = slices.Clone(start)
	for range steps {
		history = append(history, slices.Clone(x))
		for i, g := range NumericalGradient(f, x) {
			x[i] -= float64(lr * g)
		}
	}
	return x, history
}
