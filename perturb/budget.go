package perturb

import (
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// What a change of an activation or of a loss costs, in multiplications of a
// matrix product.
const (
	nearCost  = 32
	exactCost = 512
)

// spent reports whether the workers have used more than the limit. A worker
// that finds itself beyond the limit does nothing more, and then all of them are
// beyond it: the report does not depend on who did what.
func (e *Engine) spent() bool {
	used := int64(0)
	for _, w := range e.workers {
		used += w.used
	}
	return e.limit > 0 && used > e.limit
}

// spent reports whether the worker alone has used more than the limit.
func (w *worker) spent() bool { return w.limit > 0 && w.used > w.limit }

// cost returns what a change costs that the kernels for small ones compute, or
// not.
func cost(near bool) int {
	if near {
		return nearCost
	}
	return exactCost
}

// GradientWithin is [Engine.Gradient] with at most limit multiplications, of
// which a core does some 10¹⁰ in a second. It reports whether they sufficed. If
// they did not, dst holds nothing of use. The report is the same for any number
// of workers.
func (e *Engine) GradientWithin(limit int64, dst *nn.Params, net *nn.Net, x *mat.Dense, t []int, settings *grad.Settings) bool {
	e.limit = limit
	e.Gradient(dst, net, x, t, settings)
	sufficed := !e.spent()
	e.limit = 0
	return sufficed
}
