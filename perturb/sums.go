package perturb

import "numgrad/internal/kernel"

// inputsPerTask inputs keep their part of the result in the first-level cache
// while the rows pass by.
const inputsPerTask = 16

// list has the values of which the weights of an input are a sum.
type list struct {
	factors []float64
	indices []int
}

// tasksOf returns the number of tasks for the weights of a layer of that many
// inputs. The bias is the weight of one more.
func tasksOf(inputs int) int { return inputs/inputsPerTask + 1 }

// findTasks finds where the inputs of each task begin.
func (rl *rowLayer) findTasks(inputs int) {
	rl.begin = grow(rl.begin, tasksOf(inputs)+1)
	task := 0
	for n, input := range rl.in.indices {
		for ; task*inputsPerTask <= input; task++ {
			rl.begin[task] = n
		}
	}
	rl.begin[task] = len(rl.in.indices) // the bias, of the last task, is never zero
}

// sumTasks is the number of tasks for the weights of all layers.
func (e *Engine) sumTasks() int {
	n := 0
	for _, inputs := range e.sizes[:len(e.sizes)-1] {
		n += tasksOf(inputs)
	}
	return n
}

// sumTask adds what the rows of the block say of the weights of some inputs, in
// the order of the rows.
func (e *Engine) sumTask(worker, task int) {
	l := 0
	for ; task >= tasksOf(e.sizes[l]); l++ {
		task -= tasksOf(e.sizes[l])
	}
	lists := &e.workers[worker].lists
	for i := range lists {
		lists[i].factors, lists[i].indices = lists[i].factors[:0], lists[i].indices[:0]
	}
	first := task * inputsPerTask
	for i := range e.block {
		rl := &e.block[i].layers[l]
		if rl.rung == nil {
			continue
		}
		n := len(rl.in.indices)
		for at := rl.begin[task]; at < rl.begin[task+1]; at++ {
			list := &lists[rl.in.indices[at]-first]
			for term := range rl.terms {
				list.factors = append(list.factors, rl.factors[term*n+at])
				list.indices = append(list.indices, i*maxTerms+term)
			}
		}
	}
	units := e.sizes[l+1]
	for i := range min(inputsPerTask, e.sizes[l]+1-first) {
		dst := e.weights(l, first+i)
		if e.first {
			clear(dst)
		}
		kernel.AddRows(dst, lists[i].factors, lists[i].indices, e.values[l][:len(e.block)*maxTerms*units])
	}
}

// weights returns the part of dst for the weights of an input of layer l. The
// bias lies behind W as one more row.
func (e *Engine) weights(l, input int) []float64 {
	layer := e.dst.Layers[l]
	if input == e.sizes[l] {
		return layer.B
	}
	return layer.W.RawRowView(input)
}
