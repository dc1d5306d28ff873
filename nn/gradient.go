package nn

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
)

// Gradient is the book's gradient (section 5.7.2): it fills dst with ∂L/∂W by
// backpropagation and returns the loss L of the batch x [N×D], t [N]. It panics if dst,
// x or t does not fit the net.
func (n *Net) Gradient(dst *Params, x *mat.Dense, t []int) float64 {
	n.MustFit("nn: Gradient", x, t)
	n.Params.MustMatch("nn: Gradient", dst)
	z, a := n.forward(x)
	lossBefore := n.lossOf(a, t)

	da := n.lossBackward(softmax(a), t)
	for l := len(n.Layers) - 1; l >= 0; l-- {
		dst.Layers[l].W.Mul(z[l].T(), da) // dW2 = z1ᵀ·da2
		sumRows(dst.Layers[l].B, da)      // db2 = Σ da2
		if l > 0 {
			var dz mat.Dense
			dz.Mul(da, n.Layers[l].W.T()) // dz1 = da2·W2ᵀ
			dz.Apply(func(i, j int, v float64) float64 { return v * n.Activation.slope(z[l].At(i, j)) }, &dz)
			da = &dz // da1 = dz1 ⊙ σ'(a1)
		}
	}
	return lossBefore
}

// lossBackward replaces y [N×K] by the derivatives of the mean loss with respect to the
// logits, (y − t)/N (section 5.6.3). The 1e-7 in the book's logarithm multiplies each row
// by y[t]/(y[t] + 1e-7).
func (n *Net) lossBackward(y *mat.Dense, t []int) *mat.Dense {
	for i, label := range t {
		row := y.RawRowView(i)
		factor := 1 / float64(len(t))
		if n.BookLoss {
			factor *= row[label] / (row[label] + loss.Delta)
		}
		row[label]--
		floats.Scale(factor, row)
	}
	return y
}

// sumRows fills dst with the sum of the rows of a.
func sumRows(dst []float64, a *mat.Dense) {
	clear(dst)
	rows, _ := a.Dims()
	for i := range rows {
		floats.Add(dst, a.RawRowView(i))
	}
}
