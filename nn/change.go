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
// an error relative to that of the loss: what gradcheck.Settings asks for.
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
