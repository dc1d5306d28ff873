package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Params holds the weights of a net, or a gradient: one number for each weight.
type Params struct {
	// Vector holds W1, b1, W2, b2, … in sequence, each by rows.
	Vector []float64
	// Layers are views of Vector, from the first layer to the last.
	Layers []Layer
}

// Layer holds the weights of one layer, which computes z·W + b from z.
type Layer struct {
	W *mat.Dense // [inputs×outputs]
	B []float64  // [outputs]
}

// NewParams returns zeros for a net with the given sizes: the number of inputs, the
// number of units of each hidden layer, and the number of classes. It panics unless
// there are at least two sizes and all are positive.
func NewParams(sizes ...int) *Params {
	if len(sizes) < 2 || slices.Min(sizes) < 1 {
		panic(fmt.Sprintf("nn: net of sizes %v, want inputs, hidden layers and classes, at least one of each size", sizes))
	}
	total := 0
	for l, outputs := range sizes[1:] {
		total += (sizes[l] + 1) * outputs
	}
	p := &Params{Vector: make([]float64, total)}
	rest := p.Vector
	take := func(n int) []float64 {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	for l, outputs := range sizes[1:] {
		w := mat.NewDense(sizes[l], outputs, take(sizes[l]*outputs))
		p.Layers = append(p.Layers, Layer{W: w, B: take(outputs)})
	}
	return p
}

// Sizes returns the arguments of [NewParams].
func (p *Params) Sizes() []int {
	inputs, _ := p.Layers[0].W.Dims()
	sizes := []int{inputs}
	for _, l := range p.Layers {
		sizes = append(sizes, len(l.B))
	}
	return sizes
}

// Form returns sizes in the usual form, such as 784-50-10.
func Form(sizes []int) string {
	words := make([]string, len(sizes))
	for i, n := range sizes {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, "-")
}

// Inputs returns the number of inputs, D.
func (p *Params) Inputs() int { return p.Layers[0].W.RawMatrix().Rows }

// Classes returns the number of classes, K.
func (p *Params) Classes() int { return len(p.Layers[len(p.Layers)-1].B) }

// Array is a weight array with the book's name, such as W1 or b1.
type Array struct {
	Name  string
	Shape []int     // [inputs, outputs] of a W, [outputs] of a b
	Data  []float64 // by rows; a view of the Vector
}

// Arrays returns W1, b1, W2, b2, … in the order of Vector.
func (p *Params) Arrays() []Array {
	var arrays []Array
	for l, layer := range p.Layers {
		w := layer.W.RawMatrix()
		arrays = append(arrays,
			Array{fmt.Sprintf("W%d", l+1), []int{w.Rows, w.Cols}, w.Data},
			Array{fmt.Sprintf("b%d", l+1), []int{w.Cols}, layer.B})
	}
	return arrays
}

// Clone returns a copy of p.
func (p *Params) Clone() *Params {
	c := NewParams(p.Sizes()...)
	copy(c.Vector, p.Vector)
	return c
}

// MustMatch panics unless q has the sizes of p. The message begins with function.
func (p *Params) MustMatch(function string, q *Params) {
	if !slices.EqualFunc(p.Layers, q.Layers, sameShape) {
		panic(fmt.Sprintf("%s of a %s net into a %s one", function, Form(p.Sizes()), Form(q.Sizes())))
	}
}

func sameShape(a, b Layer) bool {
	inputs, outputs := a.W.Dims()
	rows, columns := b.W.Dims()
	return inputs == rows && outputs == columns
}
