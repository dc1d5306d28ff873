package perturb

import "numgrad/internal/kernel"

// inputsPerTask returns how many inputs of layer l a task has, so that their part
// of the result stays in the first-level cache while the rows pass by.
func (e *Engine) inputsPerTask(l int) int {
	const numbers = 3 << 10
	return max(1, numbers/e.sizes[l+1])
}

// tasks returns the number of tasks for the weights of layer l. The bias is the
// weight of one more input.
func (e *Engine) tasks(l int) int { return e.sizes[l]/e.inputsPerTask(l) + 1 }

// findTasks finds where the inputs of each task begin.
func (rl *rowLayer) findTasks(inputs, perTask int) {
	rl.begin = grow(rl.begin, inputs/perTask+2)
	task := 0
	for n, e := range rl.in {
		for ; task*perTask <= e.Index; task++ {
			rl.begin[task] = n
		}
	}
	rl.begin[task] = len(rl.in) // the bias, of the last task, is never zero
}

// sumTasks is the number of tasks for the weights of all layers.
func (e *Engine) sumTasks() int {
	n := 0
	for l := range e.dst.Layers {
		n += e.tasks(l)
	}
	return n
}

// sumTask adds what the rows of the block say of the weights of some inputs, in
// the order of the rows. The last layer, whose tasks are few and long, is first.
func (e *Engine) sumTask(_, task int) {
	l := len(e.dst.Layers) - 1
	for ; task >= e.tasks(l); l-- {
		task -= e.tasks(l)
	}
	weights := e.weights(l)
	if units, first := e.sizes[l+1], task*e.inputsPerTask(l); e.first {
		clear(weights[first*units : min(first+e.inputsPerTask(l), e.sizes[l]+1)*units])
	}
	for i := range e.block {
		rl := &e.block[i].layers[l]
		if rl.pairs == 0 {
			continue
		}
		begin, end, n := rl.begin[task], rl.begin[task+1], len(rl.in)
		for pair := range rl.pairs {
			f, g := rl.factors[2*pair*n:][begin:end], rl.factors[(2*pair+1)*n:][begin:end]
			kernel.AddOuter(weights, rl.in[begin:end], f, g, e.valuesOf(i, l, 2*pair), e.valuesOf(i, l, 2*pair+1))
		}
	}
}

// weights returns the part of dst for layer l, [inputs+1×units]: the bias lies
// behind W as one more row.
func (e *Engine) weights(l int) []float64 {
	begin := 0
	for i := range l {
		begin += (e.sizes[i] + 1) * e.sizes[i+1]
	}
	return e.dst.Vector[begin:][:(e.sizes[l]+1)*e.sizes[l+1]]
}

// valuesOf returns a term's values of Λ [units] for a row of the block.
func (e *Engine) valuesOf(row, l, term int) []float64 {
	units := e.sizes[l+1]
	return e.values[l][(row*maxTerms+term)*units:][:units:units]
}
