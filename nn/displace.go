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
	row := &g.block[r]
	hidden := len(row.a1)
	clear(row.table)
	for i, v := range row.values {
		dst := row.table[i*hidden : (i+1)*hidden]
		for _, step := range g.steps {
			g.hiddenLoss(&g.scratch[worker], dst, row, step.size*v, step.weight)
		}
	}
}

// hiddenLoss adds to dst[j] weight times the change of the row's loss when
// the pre-activation a1[j] alone moves by s.
func (g *numerical) hiddenLoss(w *scratch, dst []float64, row *row, s, weight float64) {
	// |δ| is at most |s|/4, the steepest slope of the sigmoid being 1/4.
	if math.Abs(s) <= kernel.MaxDisplacement && math.Abs(s)/4*g.largest <= kernel.MaxDisplacement {
		kernel.SigmoidDelta(w.delta, row.z1, row.c1, -kernel.Expm1(-s))
		kernel.HiddenLoss(dst, w.delta, g.w2t, row.y, row.t, weight)
		return
	}
	for j := range dst {
		delta := sigmoidDelta(row.a1[j], s)
		floats.ScaleTo(w.change, delta, g.params.W2.RawRowView(j))
		dst[j] += float64(weight * w.lossChange(row))
	}
}

// outputLoss adds to dst[k,j] weight times the change of the row's loss when
// the logit a2[k] alone moves by step·z[j].
func (g *numerical) outputLoss(w *scratch, dst, z []float64, row *row, s step) {
	if math.Abs(s.size) <= kernel.MaxDisplacement { // z is at most 1
		kernel.OutputLoss(dst, z, row.y, row.t, s.size, s.weight)
		return
	}
	clear(w.change)
	for j := range z {
		for k := range w.change {
			w.change[k] = s.size * z[j]
			dst[k*len(z)+j] += float64(s.weight * w.lossChange(row))
			w.change[k] = 0
		}
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
