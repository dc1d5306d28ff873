package perturb

import (
	"numgrad/internal/kernel"
	"numgrad/nn"
)

// row is a sample of the batch at the undisturbed weights, layer by layer, and
// what the displacements of its units do to its loss.
type row struct {
	answer
	x      []float64
	layers []rowLayer
}

// rowLayer is one layer of a row. The bias is the weight of one more input that
// is always 1.
type rowLayer struct {
	in    sparse  // the inputs that are not zero, and the 1
	far   float64 // the largest |input|
	begin []int   // where each task of the sums begins in the inputs

	a, z, c []float64 // [units] of a hidden layer

	rung  *rung
	pairs int // of values of Λ, of which the differences are sums
	// factors [2·pairs×inputs] has what the values count for.
	factors []float64
	// own [units] marks a unit for which each input is displaced by itself.
	own    []bool
	anyOwn bool
}

// newRow returns memory for a row of a net of those sizes.
func newRow(sizes []int) row {
	classes := sizes[len(sizes)-1]
	r := row{answer: answer{
		a: make([]float64, classes), y: make([]float64, classes),
		others: make([]float64, classes-1),
	}}
	for _, units := range sizes[1:] {
		r.layers = append(r.layers, rowLayer{
			a: make([]float64, units), z: make([]float64, units), c: make([]float64, units),
			own: make([]bool, units),
		})
	}
	return r
}

// forward sends x through the net.
func (r *row) forward(net *nn.Net, act activation, x []float64) {
	z := x
	for i := range r.layers {
		l, w := &r.layers[i], net.Layers[i]
		l.far = l.in.set(z)
		a := l.a
		if i == len(r.layers)-1 {
			a = r.a
		}
		copy(a, w.B)
		kernel.AddRows(a, l.in.inputs(), w.W.RawMatrix().Data)
		if i < len(r.layers)-1 {
			act.values(l.z, l.c, a)
			z = l.z
		}
	}
}

// grow returns s with length n and unspecified content, reusing its memory.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
