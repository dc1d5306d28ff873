package nn

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Params are the weights of a net, or one number for each weight, such as a
// gradient. The four arrays are views of one vector, so that a loop over
// Vector reaches every weight.
type Params struct {
	Vector []float64 // W1, b1, W2 and b2 one after the other, by rows

	W1 *mat.Dense // [D×H]
	B1 []float64  // [H]
	W2 *mat.Dense // [H×K]
	B2 []float64  // [K]
}

// NewParams returns zeros for a net of inputSize (D) inputs, hiddenSize (H)
// hidden units and outputSize (K) classes. It panics unless all are positive.
func NewParams(inputSize, hiddenSize, outputSize int) *Params {
	if inputSize < 1 || hiddenSize < 1 || outputSize < 1 {
		panic(fmt.Sprintf("nn: net of %d inputs, %d hidden units and %d classes, want at least one of each",
			inputSize, hiddenSize, outputSize))
	}
	w1 := inputSize * hiddenSize
	b1 := w1 + hiddenSize
	w2 := b1 + hiddenSize*outputSize
	b2 := w2 + outputSize
	v := make([]float64, b2)
	return &Params{
		Vector: v,
		W1:     mat.NewDense(inputSize, hiddenSize, v[:w1:w1]),
		B1:     v[w1:b1:b1],
		W2:     mat.NewDense(hiddenSize, outputSize, v[b1:w2:w2]),
		B2:     v[w2:b2:b2],
	}
}

// Sizes returns the numbers of inputs (D), hidden units (H) and classes (K).
func (p *Params) Sizes() (inputSize, hiddenSize, outputSize int) {
	inputSize, hiddenSize = p.W1.Dims()
	return inputSize, hiddenSize, len(p.B2)
}

// Clone returns a copy that shares nothing with p.
func (p *Params) Clone() *Params {
	c := NewParams(p.Sizes())
	copy(c.Vector, p.Vector)
	return c
}

// sameShape panics unless q has the shapes of p.
func (p *Params) sameShape(function string, q *Params) {
	d, h, k := p.Sizes()
	if r, s, u := q.Sizes(); r != d || s != h || u != k {
		panic(fmt.Sprintf("nn: %s of a %d-%d-%d net into a %d-%d-%d one", function, d, h, k, r, s, u))
	}
}

// grow returns s with length n and unspecified content, reusing its memory.
func grow[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }
