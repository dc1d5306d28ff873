package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
)

// directTasks returns the number of direct tasks: one for each unit of the net, or
// none if no unit of the chunk is marked direct.
func (e *Engine) directTasks() int {
	for i := range e.chunk {
		for l := range e.chunk[i].layers {
			if e.chunk[i].layers[l].anyDirect {
				n := 0
				for _, units := range e.sizes[1:] {
					n += units
				}
				return n
			}
		}
	}
	return 0
}

// directTask adds the differences of the weights into one unit, for the rows that
// mark the unit direct, in the order of the rows.
func (e *Engine) directTask(worker, unit int) {
	l := 0
	for ; unit >= e.sizes[l+1]; l++ {
		unit -= e.sizes[l+1]
	}
	for i := range e.chunk {
		if r := &e.chunk[i]; r.layers[l].direct[unit] {
			e.workers[worker].displaceInputs(r, e.first+i, l, unit)
		}
	}
}

// displaceInputs displaces each input of unit j of layer l separately, and adds the
// differences of the row's loss. n is the row's index in the batch.
func (w *worker) displaceInputs(r *row, n, l, j int) {
	if w.relu && l < len(w.sizes)-2 {
		w.findLine(r, l, j)
	}
	w.entries, w.all = w.entries[:0], w.all[:0]
	for at := range tiles(w.sizes[l]) {
		entries, _ := w.inputs(r, n, l, at)
		for _, e := range entries {
			w.all = append(w.all, kernel.Entry{Value: e.Value, Index: at*tile + e.Index})
		}
	}
	weights, units, most := w.weights(l), w.sizes[l+1], w.lanes(l, 1)
	for first := 0; first < len(w.all); first += most {
		entries := w.all[first:min(first+most, len(w.all))]
		w.s, w.part = grow(w.s, len(entries)), grow(w.part, len(entries))
		for _, p := range w.diff.points {
			for i, e := range entries {
				w.s[i] = p.Loc * w.diff.h * e.Value
			}
			w.unitChanges(w.part, r, l, j, w.s)
			for i, change := range w.part {
				weights[entries[i].Index*units+j] += float64(p.Coeff * change * w.diff.scale)
			}
		}
	}
}

// findLine sets w.line to the changes of the logits, without kinks, when the
// pre-activation of unit j of layer l moves by 1. It sets w.spans[0] to the distance of
// the first kink.
func (w *worker) findLine(r *row, l, j int) {
	reach := w.diff.h * w.diff.reach * r.layers[l].largest
	w.line = append(w.line[:0], w.straight(r, l, j, 1, reach)...)
	for k := range w.line {
		w.line[k] /= reach
	}
	w.spans[0].up *= reach
	w.spans[0].down *= reach
}

// unitChanges fills dst with the changes of the row's loss when the pre-activation of
// unit j of layer l moves by each of s.
func (w *worker) unitChanges(dst []float64, r *row, l, j int, s []float64) {
	switch {
	case l == len(w.sizes)-2:
		for i, v := range s {
			dst[i] = r.logitChange(j, v)
		}
		return
	case !w.relu:
		w.exactChanges(dst, r, l, j, s)
		return
	}
	// Up to the first kink the logits are linear in s.
	d := w.other(nil, len(w.line)*len(s))
	for k, slope := range w.line {
		floats.ScaleTo(d[k*len(s):][:len(s)], slope, s)
	}
	w.losses(dst, r, d, kernel.Largest(d) <= kernel.Near)
	reach := w.spans[0]
	w.beyond = w.beyond[:0]
	for _, v := range s {
		if v > reach.up || -v > reach.down {
			w.beyond = append(w.beyond, v)
		}
	}
	if len(w.beyond) == 0 {
		return
	}
	w.exactChanges(w.beyond, r, l, j, w.beyond)
	beyond := w.beyond
	for i, v := range s {
		if v > reach.up || -v > reach.down {
			dst[i], beyond = beyond[0], beyond[1:]
		}
	}
}

// exactChanges is unitChanges for a hidden unit. It sends each displacement through
// the later layers. dst may be s.
func (w *worker) exactChanges(dst []float64, r *row, l, j int, s []float64) {
	rl, lanes := &r.layers[l], len(s)
	w.dz = grow(w.dz, lanes)
	for i, v := range s {
		if w.relu {
			w.dz[i] = reluChange(v, rl.a[j])
		} else {
			w.dz[i] = sigmoidChange(v, rl.a[j], rl.z[j], rl.c[j])
		}
	}
	inputs, outputs := w.sizes[l+1], w.sizes[l+2]
	d := w.other(nil, outputs*lanes)
	for m := range outputs {
		weight := w.transposed[l+1][m*inputs+j]
		if l+1 == len(w.sizes)-2 { // relative to the label's logit
			weight -= w.transposed[l+1][r.t*inputs+j]
		}
		floats.ScaleTo(d[m*lanes:][:lanes], weight, w.dz)
	}
	d, _ = w.flow(r, l+1, d, lanes, false)
	w.losses(dst, r, d, kernel.Largest(d) <= kernel.Near)
}

// reluChange returns max(0, a+s) − max(0, a). It does not round a+s if both are
// positive.
func reluChange(s, a float64) float64 {
	if a > 0 && a+s > 0 {
		return s
	}
	return math.Max(0, a+s) - math.Max(0, a)
}
