package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
)

// anyOwn reports whether the block has a unit for which each input is displaced
// by itself.
func (e *Engine) anyOwn() bool {
	for i := range e.block {
		for l := range e.block[i].layers {
			if e.block[i].layers[l].anyOwn {
				return true
			}
		}
	}
	return false
}

// ownTasks returns the number of units, or 0 if the block has none of these.
func (e *Engine) ownTasks() int {
	if !e.anyOwn() {
		return 0
	}
	n := 0
	for _, units := range e.sizes[1:] {
		n += units
	}
	return n
}

// ownTask adds what the rows of the block say of the weights into one unit,
// where that needs a displacement for each input, in the order of the rows.
func (e *Engine) ownTask(worker, unit int) {
	l := 0
	for ; unit >= e.sizes[l+1]; l++ {
		unit -= e.sizes[l+1]
	}
	for i := range e.block {
		if r := &e.block[i]; r.layers[l].own[unit] {
			e.workers[worker].own(r, l, unit)
		}
	}
}

// own adds to the weights into unit j of layer l what displacements of each by
// itself do to the loss of the row.
func (w *worker) own(r *row, l, j int) {
	rl := &r.layers[l]
	if w.act.linear() && l < len(w.sizes)-2 {
		w.findLine(r, l, j)
	}
	weights, units, most := w.weights(l), w.sizes[l+1], w.chunk(l, 1)
	for first := 0; first < len(rl.in) && !w.spent(); first += most {
		n := min(most, len(rl.in)-first)
		w.s, w.part = grow(w.s, n), grow(w.part, n)
		for _, p := range w.diff.points {
			for i, e := range rl.in[first:][:n] {
				w.s[i] = p.Loc * w.diff.h * e.Value
			}
			w.unitChanges(w.part, r, l, j, w.s)
			for i, change := range w.part {
				weights[rl.in[first+i].Index*units+j] += float64(p.Coeff * change * w.diff.scale)
			}
		}
	}
}

// findLine sets w.line to the changes of the logits when the pre-activation of
// unit j of layer l moves by 1, as if there was no kink, and w.spans[0] to how far
// it may move before it meets one.
func (w *worker) findLine(r *row, l, j int) {
	w.s = append(w.s[:0], w.diff.h*w.diff.reach*r.layers[l].far)
	reach := w.s[0]
	w.line = append(w.line[:0], w.straight(r, l, j, 1)...)
	for k := range w.line {
		w.line[k] /= reach
	}
	w.spans[0].up *= reach
	w.spans[0].down *= reach
}

// unitChanges fills dst with the changes of the row's loss when the
// pre-activation of unit j of layer l moves by s, of any size.
func (w *worker) unitChanges(dst []float64, r *row, l, j int, s []float64) {
	w.used += int64(len(s) * exactCost)
	switch {
	case l == len(w.sizes)-2:
		for i, v := range s {
			dst[i] = r.logitChange(j, v)
		}
		return
	case !w.act.linear():
		w.exactChanges(dst, r, l, j, s)
		return
	}
	// Up to the first kink the logits are linear in s.
	d := w.other(nil, len(w.line)*len(s))
	for k, slope := range w.line {
		floats.ScaleTo(d[k*len(s):][:len(s)], slope, s)
	}
	w.losses(dst, r, d, floats.Norm(d, math.Inf(1)) <= kernel.Near)
	reach := w.spans[0]
	w.far = w.far[:0]
	for _, v := range s {
		if v > reach.up || -v > reach.down {
			w.far = append(w.far, v)
		}
	}
	if len(w.far) == 0 {
		return
	}
	w.exactChanges(w.far, r, l, j, w.far)
	far := w.far
	for i, v := range s {
		if v > reach.up || -v > reach.down {
			dst[i], far = far[0], far[1:]
		}
	}
}

// exactChanges is unitChanges for a hidden unit, by a flow of each displacement.
// dst may be s.
func (w *worker) exactChanges(dst []float64, r *row, l, j int, s []float64) {
	rl, lanes := &r.layers[l], len(s)
	w.dz, w.a, w.z, w.c = grow(w.dz, lanes), grow(w.a, lanes), grow(w.z, lanes), grow(w.c, lanes)
	fill(w.a, rl.a[j])
	fill(w.z, rl.z[j])
	fill(w.c, rl.c[j])
	w.act.exact(w.dz, s, w.a, w.z, w.c)

	inputs, outputs := w.sizes[l+1], w.sizes[l+2]
	last := l+1 == len(w.sizes)-2
	if last {
		outputs--
	}
	d := w.other(nil, outputs*lanes)
	for m := range outputs {
		var weight float64
		if last {
			weight = w.across[l+1][r.class(m)*inputs+j] - w.across[l+1][r.t*inputs+j]
		} else {
			weight = w.across[l+1][m*inputs+j]
		}
		floats.ScaleTo(d[m*lanes:][:lanes], weight, w.dz)
	}
	d, _ = w.flow(r, l+1, d, lanes, false)
	w.losses(dst, r, d, floats.Norm(d, math.Inf(1)) <= kernel.Near)
}
