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
	indices []int // of the values in the row
}

// set takes the row x.
func (s *sparse) set(x []float64) {
	s.values, s.indices = grow(s.values, len(x)), grow(s.indices, len(x))
	n := 0
	for i, v := range x {
		s.values[n], s.indices[n] = v, i
		if v != 0 {
			n++
		}
	}
	s.values, s.indices = s.values[:n], s.indices[:n]
}

// add appends a value.
func (s *sparse) add(index int, value float64) {
	s.values, s.indices = append(s.values, value), append(s.indices, index)
}

// affine fills dst with x·W + b for one sample x.
func (s *sparse) affine(dst, x []float64, w *mat.Dense, b []float64) {
	s.set(x)
	copy(dst, b)
	kernel.AddRows(dst, s.values, s.indices, w.RawMatrix().Data)
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
