package nn

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/kernel"
)

// sparse is a row of inputs without the zeros: four in five pixels of MNIST
// are zero.
type sparse struct {
	values  []float64
	offsets []int // of the weights of each value in the matrix that it meets
}

// set takes the inputs x for a matrix of weights with the given stride.
func (s *sparse) set(x []float64, stride int) {
	s.values, s.offsets = grow(s.values, len(x)), grow(s.offsets, len(x))
	n := 0
	for i, v := range x {
		s.values[n], s.offsets[n] = v, i*stride
		if v != 0 {
			n++
		}
	}
	s.values, s.offsets = s.values[:n], s.offsets[:n]
}

// affine fills dst with x·W + b for one sample x.
func (s *sparse) affine(dst, x []float64, w *mat.Dense, b []float64) {
	raw := w.RawMatrix()
	s.set(x, raw.Stride)
	copy(dst, b)
	kernel.AddRows(dst, s.values, s.offsets, raw.Data)
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
