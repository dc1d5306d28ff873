package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
)

// flow turns the changes d [units×lanes] of the pre-activations of layer l into
// those of the logits, which it returns as [K−1×lanes]: of the classes other
// than the label, beyond that of the label. Each lane is a displacement by
// itself. It returns also the largest change that a bend of the activation has
// met. Near allows for small changes only; it shortens w.spans where a lane
// meets a kink.
func (w *worker) flow(r *row, l int, d []float64, lanes int, near bool) (logits []float64, largest float64) {
	if l == len(w.sizes)-2 {
		return d, 0
	}
	w.a, w.z, w.c = grow(w.a, lanes), grow(w.z, lanes), grow(w.c, lanes)
	for ; l < len(w.sizes)-2; l++ {
		rl := &r.layers[l]
		w.column = w.column[:0]
		for m := range rl.a {
			dm := d[m*lanes:][:lanes]
			fill(w.a, rl.a[m])
			fill(w.z, rl.z[m])
			fill(w.c, rl.c[m])
			if near {
				largest = math.Max(largest, w.act.near(dm, dm, w.a, w.z, w.c, w.spans))
			} else {
				largest = math.Max(largest, floats.Norm(dm, math.Inf(1)))
				w.act.exact(dm, dm, w.a, w.z, w.c)
			}
			if !kernel.AllZero(dm) {
				w.column = append(w.column, kernel.Entry{Index: m})
			}
		}
		w.used += int64(lanes * (len(rl.a)*cost(near) + w.sizes[l+2]*len(w.column)))
		d = w.product(r, l+1, d, lanes)
	}
	return d, largest
}

// product returns the changes of the pre-activations of layer l when its inputs
// change by d [inputs×lanes]. Those that do not change have no part in w.column.
func (w *worker) product(r *row, l int, d []float64, lanes int) []float64 {
	inputs, outputs := w.sizes[l], w.sizes[l+1]
	last := l == len(w.sizes)-2
	if last {
		outputs--
	}
	to := w.other(d, outputs*lanes)
	clear(to)
	for m := range outputs {
		if last {
			weights, label := w.across[l][r.class(m)*inputs:], w.across[l][r.t*inputs:]
			for i, e := range w.column {
				w.column[i].Value = weights[e.Index] - label[e.Index]
			}
		} else {
			weights := w.across[l][m*inputs:]
			for i, e := range w.column {
				w.column[i].Value = weights[e.Index]
			}
		}
		kernel.AddRows(to[m*lanes:][:lanes], w.column, d)
	}
	return to
}

// losses fills dst [lanes] with the changes of the row's loss when its logits
// change by d [K−1×lanes], and returns the largest of those.
func (w *worker) losses(dst []float64, r *row, d []float64, near bool) (largest float64) {
	w.used += int64(len(dst) * len(r.y) * cost(near))
	if !near {
		for i := range dst {
			dst[i] = r.change(func(k int) float64 { return d[k*len(dst)+i] })
		}
		return floats.Norm(d, math.Inf(1))
	}
	largest = kernel.LossChanges(dst, d, r.others)
	if r.book {
		for i, v := range dst {
			dst[i] = r.byBook(v)
		}
	}
	return largest
}
