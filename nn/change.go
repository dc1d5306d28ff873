package nn

import (
	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
)

// Changes fills dst [as Vector] with L(w + h·e_i) − L(w) for each weight i,
// where L is the loss of the batch x [N×D], t [N], and h of either sign. They
// are right relative to their own size, where a difference of two losses has
// an error relative to that of the loss: what [grad.CheckSettings] asks for.
//
// Changes panics if dst does not have the length of Vector, or h is zero.
func (n *TwoLayer) Changes(dst []float64, x *mat.Dense, t []int, h float64) {
	sign := 1.0
	if h < 0 {
		sign = -1
	}
	change := NewParams(n.Sizes())
	n.NumericalGradient(change, x, t, &grad.Settings{
		Formula: fd.Formula{Stencil: []fd.Point{{Loc: sign, Coeff: 1}}, Derivative: 1},
		Step:    sign * h,
	})
	floats.ScaleTo(dst, sign*h, change.Vector)
}

// Check pairs the weights with a gradient of theirs, for [grad.Check].
func (p *Params) Check(gradient *Params) []grad.Param {
	p.sameShape("Check", gradient)
	d, h, k := p.Sizes()
	return []grad.Param{
		{Name: "W1", X: p.W1.RawMatrix().Data, Gradient: gradient.W1.RawMatrix().Data, Shape: []int{d, h}},
		{Name: "b1", X: p.B1, Gradient: gradient.B1},
		{Name: "W2", X: p.W2.RawMatrix().Data, Gradient: gradient.W2.RawMatrix().Data, Shape: []int{h, k}},
		{Name: "b2", X: p.B2, Gradient: gradient.B2},
	}
}
