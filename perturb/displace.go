package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
)

// worker is the scratch memory of one goroutine.
type worker struct {
	*Engine

	entries  []kernel.Entry   // nonzero inputs of a tile, for several rows
	ofRows   [][]kernel.Entry // parts of entries, by row
	all      []kernel.Entry   // nonzero inputs of a row
	products []product
	factors  []float64 // memory for the factors of products

	// A lane is one displacement of one unit.
	lambda   []float64      // [nodes×units] Λ of a layer's units
	terms    [][]float64    // rows of Engine.values
	part     []float64      // [nodes×units] Λ of some units of a layer
	e        [4]float64     // exp(s) − 1 at four nodes
	s, dz    []float64      // [lanes] displacements; changes of activations
	d        [2][]float64   // [units×lanes] changes of two neighbouring layers
	relative []float64      // [classes×units] weights of the last layer minus the label's
	spans    []span         // [lanes]
	line     []float64      // [classes] slopes of the logits up to the first kink
	beyond   []float64      // [lanes] displacements beyond a kink
	column   []kernel.Entry // sparse factor of a matrix product
}

// displace computes the terms of the sums for the units of layer l. index is the
// index of r in the chunk.
func (w *worker) displace(r *row, index, l int) {
	rl, units := &r.layers[l], w.sizes[l+1]
	reach := w.diff.h * w.diff.reach * rl.largest // S
	rl.clearDirect()
	if w.displaceOdd(r, index, l, reach) {
		rl.nodes, rl.pairs = &nodeSets[0], 1
	} else {
		rl.clearDirect()
		w.findLambda(r, l, reach)
		if rl.nodes == nil {
			rl.pairs, rl.anyDirect = 0, true
			for j := range rl.direct {
				rl.direct[j] = true
			}
			return
		}
		terms := w.diff.terms(rl.nodes)
		rl.pairs = (terms + 1) / 2
		w.terms = w.terms[:0]
		for term := range 2 * rl.pairs {
			w.terms = append(w.terms, w.valuesOf(index, l, term))
		}
		w.diff.values(w.terms, w.lambda, units, rl.nodes)
		if terms%2 == 1 { // the last pair has only one term
			clear(w.terms[terms])
		}
	}
	if !rl.anyDirect {
		return
	}
	for term := range 2 * rl.pairs {
		values := w.valuesOf(index, l, term)
		for j, direct := range rl.direct {
			if direct {
				values[j] = 0
			}
		}
	}
}

func (rl *rowLayer) clearDirect() {
	if rl.anyDirect {
		clear(rl.direct)
		rl.anyDirect = false
	}
}

// displaceOdd is displace for the usual case: an odd formula such as the central
// difference, and four nodes. It returns false in all other cases.
func (w *worker) displaceOdd(r *row, index, l int, reach float64) bool {
	limit, last, units := nodeSets[0].limit, len(w.sizes)-2, w.sizes[l+1]
	if len(w.diff.even) > 0 || r.book || !(reach <= limit) || l < last-1 && !w.relu {
		return false
	}
	far, near := w.valuesOf(index, l, 0), w.valuesOf(index, l, 1)
	for i := range w.e {
		w.e[i] = kernel.Expm1(nodeSets[0].node(i) * reach)
	}
	switch {
	case l == last:
		// To move the label's logit by s is to move all others by −s.
		p := w.other(nil, units)
		copy(p, r.y)
		p[r.t] = r.wrong
		kernel.OutputDifferences(far, near, p, w.e[:], w.diff.scale/2)
		far[r.t] *= -1
		near[r.t] *= -1
	case !w.relu:
		rl := &r.layers[l]
		w.dz = grow(w.dz, 4*units)
		e := [4]float64{-w.e[1], -w.e[0], -w.e[3], -w.e[2]} // 1 − exp(−s)
		if largest := kernel.SigmoidSteps(w.dz, rl.z, rl.c, e[:]); !(largest*w.spread <= limit) {
			return false
		}
		kernel.HiddenDifferences(far, near, w.dz, w.transposed[l+1], r.y, r.t, w.diff.scale/2)
	default:
		// Between kinks the logits are linear in s: their changes at S, times the
		// node, are the changes at each node.
		for first := 0; first < units; {
			n := min(w.lanes(l, 1), units-first)
			d := w.straight(r, l, first, n, reach)
			w.markKinked(&r.layers[l], first)
			if !(kernel.Largest(d) <= limit) {
				return false
			}
			w.dz = grow(w.dz, 4*n)
			for i := range 4 {
				fill(w.dz[i*n:][:n], nodeSets[0].node(i))
			}
			kernel.HiddenDifferences(far[first:][:n], near[first:][:n], w.dz, d, r.y, r.t, w.diff.scale/2)
			first += n
		}
	}
	return true
}

// findLambda selects the smallest node set that suffices and fills w.lambda with Λ at
// its nodes. If none suffices, it sets the node set to nil. It marks units with a kink
// as direct.
func (w *worker) findLambda(r *row, l int, reach float64) {
	rl := &r.layers[l]
	rl.nodes = &nodeSets[0]
	small := reach <= kernel.Near
	largest := w.evaluate(r, l, reach, small)
	if small && !(largest <= kernel.Near) {
		small = false
		largest = w.evaluate(r, l, reach, small)
	}
	for i := range nodeSets {
		if largest <= nodeSets[i].limit {
			if i > 0 {
				rl.nodes = &nodeSets[i]
				w.evaluate(r, l, reach, small)
			}
			return
		}
	}
	rl.nodes = nil
}

// evaluate fills w.lambda [nodes×units] with Λ at the nodes of the layer's set. It
// returns the largest displacement that enters a sigmoid or the loss. small selects
// kernels for displacements up to [kernel.Near].
func (w *worker) evaluate(r *row, l int, reach float64, small bool) (largest float64) {
	rl, units := &r.layers[l], w.sizes[l+1]
	nodes := 2 * len(rl.nodes.at)
	w.lambda = grow(w.lambda, nodes*units)
	if l == len(w.sizes)-2 {
		for node := range nodes {
			s := rl.nodes.node(node) * reach
			for k := range units {
				w.lambda[node*units+k] = r.logitChange(k, s)
			}
		}
		return reach
	}
	most := w.lanes(l, nodes)
	for first := 0; first < units; first += most {
		n := min(most, units-first)
		part := w.lambda
		if n < units {
			w.part = grow(w.part, nodes*n)
			part = w.part
		}
		largest = math.Max(largest, w.evaluateUnits(part, r, l, first, n, reach, small))
		if n < units {
			for node := range nodes {
				copy(w.lambda[node*units+first:], part[node*n:][:n])
			}
		}
	}
	return largest
}

// lanes returns the number of units of layer l to displace at once, so that the
// changes of each later layer fit in the cache.
func (w *worker) lanes(l, nodes int) int {
	const numbers = 1 << 15
	widest := 1
	for _, units := range w.sizes[l+2:] {
		widest = max(widest, units)
	}
	return max(4, numbers/(widest*nodes)&^3)
}

// evaluateUnits is evaluate for the n hidden units from first on. It fills lambda
// [nodes×n].
func (w *worker) evaluateUnits(lambda []float64, r *row, l, first, n int, reach float64, small bool) (largest float64) {
	rl := &r.layers[l]
	nodes := 2 * len(rl.nodes.at)
	lanes := nodes * n
	if w.relu { // as in displaceOdd
		d := w.straight(r, l, first, n, reach)
		w.markKinked(rl, first)
		w.s = grow(w.s, lanes)
		for node := range nodes {
			fill(w.s[node*n:][:n], rl.nodes.node(node))
		}
		spread := w.other(d, len(r.y)*lanes)
		kernel.Products(spread, w.s, d, n, n)
		return w.losses(lambda, r, spread, small)
	}
	z, c := rl.z[first:][:n], rl.c[first:][:n]
	w.dz = grow(w.dz, lanes)
	for node := range nodes {
		dz, s := w.dz[node*n:][:n], rl.nodes.node(node)*reach
		if small {
			e := [1]float64{-kernel.Expm1(-s)}
			kernel.SigmoidSteps(dz, z, c, e[:])
			continue
		}
		for j, a := range rl.a[first:][:n] {
			dz[j] = sigmoidChange(s, a, z[j], c[j])
		}
	}
	d, largest := w.flow(r, l+1, w.into(r, l+1, w.dz, first, n), lanes, small)
	return max(reach, largest, w.losses(lambda, r, d, small))
}

// straight returns the changes of the logits [classes×n], without kinks, when the
// pre-activations of the n ReLUs from first on of layer l move by s. It sets w.spans to
// the distances of the first kinks, in units of s.
func (w *worker) straight(r *row, l, first, n int, s float64) []float64 {
	rl := &r.layers[l]
	w.dz, w.spans = grow(w.dz, n), grow(w.spans, n)
	for i, a := range rl.a[first:][:n] {
		w.spans[i], w.dz[i] = unbounded, 0
		if math.Abs(a) <= s {
			w.spans[i].clip(-a / s)
		}
		if a > 0 || math.IsNaN(a) {
			w.dz[i] = s
		}
	}
	d, _ := w.flow(r, l+1, w.into(r, l+1, w.dz, first, n), n, true)
	return d
}

// markKinked marks the units from first on with a kink in their span as direct.
func (w *worker) markKinked(rl *rowLayer, first int) {
	for i, reach := range w.spans {
		if reach.kinked() {
			rl.direct[first+i], rl.anyDirect = true, true
		}
	}
}

// span holds the distances to the first kink for positive and negative displacements,
// in units of the displacement.
type span struct{ up, down float64 }

var unbounded = span{math.Inf(1), math.Inf(1)}

// clip clips the span at a kink at the displacement k.
func (s *span) clip(k float64) {
	if k >= 0 {
		s.up = min(s.up, k)
	}
	if k <= 0 {
		s.down = min(s.down, -k)
	}
}

// kinked reports whether there is a kink within one displacement of either sign.
func (s span) kinked() bool { return s.up <= 1 || s.down <= 1 }

// into returns the changes of the pre-activations of layer l when the activations of
// the n units from first on of the layer before change by dz [lanes/n×n], each in a
// lane of its own. For the last layer, it returns the changes of the logits relative to
// the label's.
func (w *worker) into(r *row, l int, dz []float64, first, n int) []float64 {
	inputs, outputs := w.sizes[l], w.sizes[l+1]
	weights, stride := w.transposed[l][first:], inputs
	if l == len(w.sizes)-2 {
		w.relative = grow(w.relative, outputs*n)
		weights, stride = w.relative, n
		label := w.transposed[l][r.t*inputs+first:][:n]
		for k := range outputs {
			floats.SubTo(w.relative[k*n:][:n], w.transposed[l][k*inputs+first:][:n], label)
		}
	}
	d := w.other(nil, outputs*len(dz))
	kernel.Products(d, dz, weights, n, stride)
	return d
}

// other returns memory for n changes. It does not overlap d.
func (w *worker) other(d []float64, n int) []float64 {
	i := 0
	if len(d) > 0 && len(w.d[0]) > 0 && &d[0] == &w.d[0][0] {
		i = 1
	}
	w.d[i] = grow(w.d[i], n)
	return w.d[i]
}

// flow sends the changes d [units×lanes] of the pre-activations of layer l through the
// later layers. It returns the changes of the logits relative to the label's
// [classes×lanes], and the largest change of a sigmoid's pre-activation. With small,
// sigmoids are right for changes up to [kernel.Near], and ReLUs have no kinks:
// flow clips w.spans at each kink.
func (w *worker) flow(r *row, l int, d []float64, lanes int, small bool) (logits []float64, largest float64) {
	for ; l < len(w.sizes)-2; l++ {
		rl := &r.layers[l]
		w.column = w.column[:0]
		for m, a := range rl.a {
			dm := d[m*lanes:][:lanes]
			switch {
			case !w.relu && small:
				largest = math.Max(largest, kernel.SigmoidChanges(dm, dm, rl.z[m], rl.c[m]))
			case !w.relu:
				largest = math.Max(largest, kernel.Largest(dm))
				for i, s := range dm {
					dm[i] = sigmoidChange(s, a, rl.z[m], rl.c[m])
				}
			default:
				most := kernel.Largest(dm)
				meets := most >= math.Abs(a) && most > 0 // some lane meets the kink
				switch {
				case meets && small:
					for i, s := range dm {
						if math.Abs(s) >= math.Abs(a) && s != 0 {
							w.spans[i].clip(-a / s)
						}
					}
				case meets:
					for i, s := range dm {
						dm[i] = reluChange(s, a)
					}
				}
				if a <= 0 && (small || !meets) {
					continue
				}
			}
			w.column = append(w.column, kernel.Entry{Index: m})
		}
		d = w.product(r, l+1, d, lanes)
	}
	return d, largest
}

// sigmoidChange returns σ(a+s) − σ(a) for any s, where z = σ(a) and c = 1 − z. It is
// (1−σ(a))·σ(a+s)·(1 − exp(−s)). For s < 0, a and a+s change places, so that the
// exponential does not overflow.
func sigmoidChange(s, a, z, c float64) float64 {
	zs, cs := kernel.Logistic(a + s)
	if s < 0 {
		return z * cs * math.Expm1(s)
	}
	return c * zs * -math.Expm1(-s)
}

// product returns the changes of the pre-activations of layer l, or of the logits
// relative to the label's, when its inputs change by d [inputs×lanes]. w.column lists
// the inputs that change.
func (w *worker) product(r *row, l int, d []float64, lanes int) []float64 {
	inputs, outputs := w.sizes[l], w.sizes[l+1]
	to := w.other(d, outputs*lanes)
	clear(to)
	for m := range outputs {
		weights := w.transposed[l][m*inputs:]
		for i, e := range w.column {
			w.column[i].Value = weights[e.Index]
		}
		if l == len(w.sizes)-2 { // relative to the label's logit
			if m == r.t {
				continue
			}
			label := w.transposed[l][r.t*inputs:]
			for i, e := range w.column {
				w.column[i].Value -= label[e.Index]
			}
		}
		kernel.AddRows(to[m*lanes:][:lanes], w.column, d, lanes)
	}
	return to
}

// losses fills dst [lanes] with the changes of the row's loss when its logits change
// by d [classes×lanes] relative to the label's. It returns the largest |d|.
func (w *worker) losses(dst []float64, r *row, d []float64, small bool) (largest float64) {
	if !small {
		for i := range dst {
			dst[i] = r.change(func(k int) float64 { return d[k*len(dst)+i] })
		}
		return kernel.Largest(d)
	}
	largest = kernel.LossChanges(dst, d, r.y)
	if r.book {
		for i, v := range dst {
			dst[i] = r.byBook(v)
		}
	}
	return largest
}
