package nn_test

import (
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// allocSizes are inputs, hidden units, classes and rows: the book's, and few.
var allocSizes = [][4]int{{784, 50, 10, 100}, {50, 9, 10, 20}}

func TestAllocsOfNumericalGradient(t *testing.T) {
	for _, size := range allocSizes {
		s := newSample("", size[0], size[1], size[2], size[3], 0.3, grey)
		gradient := nn.NewParams(s.net.Sizes())
		for _, settings := range []*grad.Settings{
			{Workers: 1},
			{Workers: 2},
			{Workers: 3, Formula: grad.Forward, Step: 0.5}, // beyond the kernels
		} {
			allocs := testing.AllocsPerRun(10, func() { s.net.NumericalGradient(gradient, s.x, s.t, settings) })
			if allocs != 0 {
				t.Errorf("%v, %+v: %v allocations", size, *settings, allocs)
			}
		}
	}
}

// What Gradient allocates is what gonum does to start goroutines for a large
// product, of which the book's net has one: xᵀ·da1.
func TestAllocsOfGradient(t *testing.T) {
	for _, size := range allocSizes {
		s := newSample("", size[0], size[1], size[2], size[3], 0.3, grey)
		gradient := nn.NewParams(s.net.Sizes())
		got := testing.AllocsPerRun(20, func() { s.net.Gradient(gradient, s.x, s.t) })

		da1 := mat.NewDense(size[3], size[1], nil)
		gonums := testing.AllocsPerRun(20, func() {
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, s.x.RawMatrix(), da1.RawMatrix(), 0, gradient.W1.RawMatrix())
		})
		if got != gonums {
			t.Errorf("%v: %v allocations, of which %v are gonum's", size, got, gonums)
		}
	}
}
