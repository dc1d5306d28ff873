package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
)

// worker is the scratch memory of one goroutine.
type worker struct {
	*Engine
	used int64 // multiplications of the call

	lambda  []float64      // [nodes×units] Λ of a layer's units
	values  [][]float64    // the rows that values are put into
	u       []float64      // [inputs] a row's inputs in units of the largest
	scratch []float64      // [inputs]
	part    []float64      // [nodes×lanes] Λ of some of the units
	s, dz   []float64      // [lanes]
	a, z, c []float64      // [lanes]
	d       [2][]float64   // [units×lanes] changes of two layers
	label   []float64      // W of the last layer beyond that of the label
	spans   []span         // [lanes]
	line    []float64      // [K−1] logits' changes by a displacement of 1, up to the first kink
	far     []float64      // [lanes] displacements beyond a kink
	column  []kernel.Entry // of a matrix product
}

// displace finds the values of Λ for the units of layer l of a row, and what
// they count for in the difference for each of its inputs. The row has that
// index in the block.
func (w *worker) displace(r *row, index, l int) {
	rl, units := &r.layers[l], w.sizes[l+1]
	reach := w.diff.h * w.diff.reach * rl.far // S
	clear(rl.own)
	rl.anyOwn = false
	w.findLambda(r, l, reach)
	if rl.rung == nil { // each input has a displacement of its own
		rl.pairs, rl.anyOwn = 0, true
		for j := range rl.own {
			rl.own[j] = true
		}
		return
	}

	terms := w.diff.terms(rl.rung)
	rl.pairs = (terms + 1) / 2
	w.values = w.values[:0]
	for term := range 2 * rl.pairs {
		w.values = append(w.values, w.valuesOf(index, l, term))
	}
	w.diff.values(w.values, w.lambda, units, rl.rung)
	if terms%2 == 1 { // a pair has one value too many
		clear(w.values[terms])
	}
	for j, own := range rl.own {
		if !own {
			continue
		}
		rl.anyOwn = true
		for _, v := range w.values {
			v[j] = 0
		}
	}

	w.findFactors(rl)
	rl.findTasks(w.sizes[l], w.inputsPerTask(l))
}

// findFactors fills in what the values of a row's layer count for.
func (w *worker) findFactors(rl *rowLayer) {
	n := len(rl.in)
	w.u, w.scratch, rl.factors = grow(w.u, n), grow(w.scratch, n), grow(rl.factors, 2*n*rl.pairs)
	unit := 1 / rl.far
	for i, e := range rl.in {
		w.u[i] = e.Value * unit
	}
	for term := range 2 * rl.pairs {
		w.diff.factors(rl.factors[term*n:][:n], w.scratch, w.u, term, rl.rung)
	}
}

// findLambda fills w.lambda with Λ at the nodes of the lowest rung that will do,
// or sets the rung to nil if none does. It marks the units that have a kink.
func (w *worker) findLambda(r *row, l int, reach float64) {
	rl := &r.layers[l]
	rl.rung = &rungs[0]
	near := reach <= kernel.Near
	largest := w.evaluate(r, l, reach, near)
	if near && !(largest <= kernel.Near) {
		near = false
		largest = w.evaluate(r, l, reach, near)
	}
	for i := range rungs {
		if largest <= rungs[i].limit {
			if i > 0 {
				rl.rung = &rungs[i]
				w.evaluate(r, l, reach, near)
			}
			return
		}
	}
	rl.rung = nil
}

// evaluate fills w.lambda [nodes×units] with Λ at the nodes of the layer's rung,
// and returns the largest displacement on which it depends in a way that is not
// linear. Near chooses the kernels, which are right only if that is small.
func (w *worker) evaluate(r *row, l int, reach float64, near bool) (largest float64) {
	rl, units := &r.layers[l], w.sizes[l+1]
	nodes := 2 * len(rl.rung.at)
	w.lambda = grow(w.lambda, nodes*units)
	if l == len(w.sizes)-2 {
		for node := range nodes {
			s := rl.rung.node(node) * reach
			for k := range units {
				w.lambda[node*units+k] = r.logitChange(k, s)
			}
		}
		return reach
	}
	most := w.chunk(l, nodes)
	for first := 0; first < units; first += most {
		n := min(most, units-first)
		part := w.lambda
		if n < units {
			w.part = grow(w.part, nodes*n)
			part = w.part
		}
		largest = math.Max(largest, w.evaluateUnits(part, r, l, first, n, reach, near))
		if n < units {
			for node := range nodes {
				copy(w.lambda[node*units+first:], part[node*n:][:n])
			}
		}
	}
	return largest
}

// chunk returns how many units of layer l are displaced at once, so that the
// changes of a later layer stay in the cache.
func (w *worker) chunk(l, nodes int) int {
	const numbers = 1 << 15
	widest := 1
	for _, units := range w.sizes[l+2:] {
		widest = max(widest, units)
	}
	return max(4, numbers/(widest*nodes)&^3)
}

// evaluateUnits fills lambda [nodes×n] with Λ of the hidden units first…first+n−1.
func (w *worker) evaluateUnits(lambda []float64, r *row, l, first, n int, reach float64, near bool) (largest float64) {
	rl := &r.layers[l]
	nodes := 2 * len(rl.rung.at)
	a, z, c := rl.a[first:][:n], rl.z[first:][:n], rl.c[first:][:n]
	if !w.act.linear() {
		lanes := nodes * n
		w.s, w.dz = grow(w.s, lanes), grow(w.dz, lanes)
		for node := range nodes {
			s, dz := w.s[node*n:][:n], w.dz[node*n:][:n]
			fill(s, rl.rung.node(node)*reach)
			if near {
				w.act.near(dz, s, a, z, c, nil)
			} else {
				w.act.exact(dz, s, a, z, c)
			}
		}
		d := w.into(r, l+1, w.dz, first, n)
		d, largest = w.flow(r, l+1, d, lanes, near)
		return max(reach, largest, w.losses(lambda, r, d, near))
	}

	// Between the kinks the logits are linear in s: what they do at +S tells
	// what they do at each node.
	w.s = grow(w.s, nodes*n)
	fill(w.s[:n], reach)
	d := w.straight(r, l, first, n)
	for i, reach := range w.spans {
		rl.own[first+i] = reach.kinked()
	}
	for node := range nodes {
		fill(w.s[node*n:][:n], rl.rung.node(node))
	}
	spread := w.other(d, len(r.others)*nodes*n)
	kernel.Products(spread, w.s, d, n, n)
	return w.losses(lambda, r, spread, near)
}

// straight returns the changes of the logits [K−1×n] when the units
// first…first+n−1 of layer l move by w.s [n], as if there was no kink. It sets
// w.spans to how far it is to the first.
func (w *worker) straight(r *row, l, first, n int) []float64 {
	rl := &r.layers[l]
	w.dz, w.spans = grow(w.dz, n), grow(w.spans, n)
	for i := range w.spans {
		w.spans[i] = unbounded
	}
	w.act.near(w.dz, w.s[:n], rl.a[first:][:n], rl.z[first:][:n], rl.c[first:][:n], w.spans)
	d, _ := w.flow(r, l+1, w.into(r, l+1, w.dz, first, n), n, true)
	return d
}

// into returns the changes of the pre-activations of layer l, behind the units
// first…first+n−1, when the activation of each of those changes by dz. dz may
// have several lanes for each unit. If layer l is the last, the result is that
// of the logits other than the label's beyond that of the label.
func (w *worker) into(r *row, l int, dz []float64, first, n int) []float64 {
	inputs, outputs := w.sizes[l], w.sizes[l+1]
	weights, stride := w.across[l][first:], inputs
	if l == len(w.sizes)-2 {
		outputs--
		w.label = grow(w.label, outputs*n)
		weights, stride = w.label, n
		label := w.across[l][r.t*inputs+first:][:n]
		for k := range outputs {
			floats.SubTo(w.label[k*n:][:n], w.across[l][r.class(k)*inputs+first:][:n], label)
		}
	}
	d := w.other(nil, outputs*len(dz))
	kernel.Products(d, dz, weights, n, stride)
	return d
}

// other returns the memory for n changes that d does not lie in.
func (w *worker) other(d []float64, n int) []float64 {
	i := 0
	if len(d) > 0 && len(w.d[0]) > 0 && &d[0] == &w.d[0][0] {
		i = 1
	}
	w.d[i] = grow(w.d[i], n)
	return w.d[i]
}

// fill sets each element of s to v.
func fill(s []float64, v float64) {
	if len(s) == 0 {
		return
	}
	s[0] = v
	for n := 1; n < len(s); n *= 2 {
		copy(s[n:], s[:n])
	}
}
