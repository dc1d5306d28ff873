package perturb

import "numgrad/internal/kernel"

// sumTasks returns the number of sum tasks, one for each tile of each layer.
func (e *Engine) sumTasks() int {
	n := 0
	for _, inputs := range e.sizes[:len(e.sizes)-1] {
		n += tiles(inputs)
	}
	return n
}

// product describes two outer products of a sum: factors of a row's inputs times
// values of the units, for the terms 2·pair and 2·pair + 1.
type product struct {
	entries   []kernel.Entry
	factors   []float64 // [2×entries]
	row, pair int
}

// sumTask adds the terms of all rows of the chunk to the weights of a tile of inputs,
// in the order of the rows. Tasks begin with the last layer, which has the fewest.
func (e *Engine) sumTask(worker, task int) {
	l := len(e.sizes) - 2
	for ; task >= tiles(e.sizes[l]); l-- {
		task -= tiles(e.sizes[l])
	}
	w, units := e.workers[worker], e.sizes[l+1]
	weights := e.weights(l)[task*tile*units:]
	if last := (tile + 1) * units; len(weights) > last {
		weights = weights[:last-units]
	}
	if e.first == 0 {
		clear(weights)
	}
	w.findProducts(l, task)
	for first := 0; first < units; first += maxStrip {
		end := min(first+maxStrip, units)
		for _, p := range w.products {
			f, g := p.factors[:len(p.entries)], p.factors[len(p.entries):]
			a, b := e.valuesOf(p.row, l, 2*p.pair), e.valuesOf(p.row, l, 2*p.pair+1)
			kernel.AddOuter(weights[first:], units, p.entries, f, g, a[first:end], b[first:end])
		}
	}
}

// findProducts lists the products for a tile of layer l.
func (w *worker) findProducts(l, at int) {
	w.entries, w.factors, w.products = w.entries[:0], w.factors[:0], w.products[:0]
	for i := range w.chunk {
		r := &w.chunk[i]
		rl := &r.layers[l]
		if rl.pairs == 0 {
			continue
		}
		entries, _ := w.inputs(r, w.first+i, l, at)
		if len(entries) == 0 {
			continue
		}
		for pair := range rl.pairs {
			old := len(w.factors)
			w.factors = extend(w.factors, 2*len(entries))
			w.diff.factors(w.factors[old:], entries, 1/rl.largest, rl.nodes, pair)
			w.products = append(w.products, product{entries, w.factors[old:], i, pair})
		}
	}
}

// weights returns the part of dst for layer l, [inputs+1×units]. Its last row is the
// bias.
func (e *Engine) weights(l int) []float64 {
	begin := 0
	for i := range l {
		begin += (e.sizes[i] + 1) * e.sizes[i+1]
	}
	return e.dst[begin:][:(e.sizes[l]+1)*e.sizes[l+1]]
}

// valuesOf returns the values of a term [units] for a row of the chunk.
func (e *Engine) valuesOf(row, l, term int) []float64 {
	units := e.sizes[l+1]
	return e.values[l][(row*maxTerms+term)*units:][:units]
}
