package perturb

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/nn"
)

// Correct returns the number of the rows of x [N×D] whose most probable class
// is the label in t [N], as [nn.Net.Accuracy] has it, without the products with
// zeros. Several goroutines may call it for one net. It panics if x and t do not
// fit the net.
func Correct(net *nn.Net, x *mat.Dense, t []int) int {
	net.MustFit("perturb: Correct", x, t)
	r, act := newRow(net.Sizes()), activationOf(net.Activation)
	right := 0
	for i, label := range t {
		r.forward(net, act, x.RawRowView(i))
		if floats.MaxIdx(r.a) == label {
			right++
		}
	}
	return right
}
