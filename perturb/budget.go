package perturb

import (
	"sync/atomic"

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

// budget is the work that a call may do, in multiplications. What is used only
// grows, so whether it exceeds the limit does not depend on the order of the
// work.
type budget struct {
	limit int64 // 0 is none
	used  atomic.Int64
}

func (b *budget) spend(work int) { b.used.Add(int64(work)) }

func (b *budget) spent() bool { return b.limit > 0 && b.used.Load() > b.limit }

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
	e.budget.limit = limit
	e.Gradient(dst, net, x, t, settings)
	sufficed := !e.budget.spent()
	e.budget.limit = 0
	return sufficed
}
