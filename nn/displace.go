package nn

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
	"numgrad/loss"
)

// displaceRow fills the row's table: for each of its intensities v and each
// hidden unit j, what a weight from a pixel of intensity v to unit j adds to
// the gradient.
func (g *numerical) displaceRow(worker, r int) {
	row, w := &g.block[r], &g.scratch[worker]
	hidden := len(row.a1)
	label := g.w2t[row.t*hidden:][:hidden]
	for k := range row.others {
		class := k
		if k >= row.t {
			class++
		}
		floats.SubTo(w.w[k*hidden:][:hidden], g.w2t[class*hidden:][:hidden], label)
	}

	for i, v := range row.values {
		g.hiddenLoss(w, row.table[i*hidden:][:hidden], row, v)
	}
}

// hiddenLoss sets dst[j] to the weighted sum, over the points of the finite
// difference, of the change of the row's loss when a weight from a pixel of
// intensity v moves, and with it the pre-activation a1[j] alone by v·step.
func (g *numerical) hiddenLoss(w *scratch, dst []float64, row *row, v float64) {
	// |δ| is at most |s|/4, the steepest slope of the sigmoid being 1/4.
	if s := math.Abs(v) * g.farthest; s <= kernel.MaxChange && s/4*g.spread <= kernel.MaxChange {
		for i, step := range g.steps {
			w.m[i] = -kernel.Expm1(-step.size * v)
		}
		kernel.HiddenLoss(dst, row.z[:len(dst)], row.c1, w.w, row.others, w.m, g.weights)
		return
	}
	for j := range dst {
		dst[j] = 0
		for _, step := range g.steps {
			delta := sigmoidDelta(row.a1[j], step.size*v)
			floats.ScaleTo(w.change, delta, g.params.W2.RawRowView(j))
			dst[j] += float64(step.weight * w.lossChange(row))
		}
	}
}

// outputLoss adds to dst[j] [H+1] weight times the change of the row's loss
// when the weight from unit j to class k moves by step, and with it the logit
// a2[k] alone by step·z1[j].
func (g *numerical) outputLoss(w *scratch, dst []float64, row *row, k int, step, weight float64) {
	if math.Abs(step) <= kernel.MaxChange { // z1 is at most 1
		p := row.y[k]
		if k == row.t { // the label's logit falls as all others rise
			p, step = row.wrong, -step
		}
		kernel.OutputLoss(dst, row.z, p, step, weight*kernel.Unit)
		return
	}
	clear(w.change)
	for j := range dst {
		z := 1.0
		if j < len(row.z1) {
			z = row.z1[j]
		}
		w.change[k] = step * z
		dst[j] += float64(weight * w.lossChange(row))
	}
}

// sigmoidDelta returns σ(a+s) − σ(a) for an s of any size, without
// cancellation: (1−σ(a))·σ(a+s)·(−expm1(−s)), or the same with a and a+s
// exchanged where that would overflow.
func sigmoidDelta(a, s float64) float64 {
	z, c := sigmoid(a)
	zs, cs := sigmoid(a + s)
	if s < 0 {
		return z * cs * math.Expm1(s)
	}
	return c * zs * -math.Expm1(-s)
}

// lossChange returns the change of the row's loss when its logits move by
// w.change [K], of any size.
func (w *scratch) lossChange(row *row) float64 {
	const small = 0.5
	if floats.Norm(w.change, math.Inf(1)) <= small {
		sum := 0.0
		for k, y := range row.y {
			sum += float64(y * math.Expm1(w.change[k]))
		}
		return math.Log1p(sum) - w.change[row.t]
	}
	// The sum above can come so near to −1 that its logarithm is lost. The two
	// losses themselves are then far enough apart to be subtracted.
	floats.AddTo(w.moved, row.a2, w.change)
	return loss.NegLogSoftmax(w.moved, row.t) - row.loss
}
