package nn

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/kernel"
)

// affine fills dst with x·W + b for one sample x. It skips the inputs that
// are zero: four in five pixels of MNIST.
func affine(dst, x []float64, w *mat.Dense, b []float64) {
	copy(dst, b)
	raw := w.RawMatrix()
	for i, v := range x {
		if v != 0 {
			kernel.Axpy(dst, v, raw.Data[i*raw.Stride:])
		}
	}
}

// sigmoid returns z = 1/(1+exp(−a)) and its complement 1−z. The complement is
// computed by itself: near z = 1 the subtraction would leave no digits of it.
func sigmoid(a float64) (z, complement float64) {
	e := math.Exp(-math.Abs(a))
	small, large := e/(1+e), 1/(1+e)
	if a < 0 {
		return small, large
	}
	return large, small
}
