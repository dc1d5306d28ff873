package nn

import "numgrad/internal/kernel"

// pixelsPerTask pixels keep their part of the gradient in the first-level
// cache while the rows pass by.
const pixelsPerTask = 16

// list names the rows of tables that a pixel's weights sum up.
type list struct {
	n       int
	indices [maxBlockRows]int
}

// pixelTasks is the number of tasks for the weights of W1 and b1, which lies
// behind W1 as the weights of one more pixel.
func pixelTasks(inputs int) int { return (inputs + pixelsPerTask) / pixelsPerTask }

// sumTasks is the number of tasks of the phase: the classes, whose weights are
// W2 and b2, and the pixels.
func (g *numerical) sumTasks() int {
	inputs, _, classes := g.params.Sizes()
	return classes + pixelTasks(inputs)
}

func (g *numerical) sumTask(worker, task int) {
	classes := len(g.params.B2)
	if task < classes {
		g.sumClass(&g.scratch[worker], task)
	} else {
		g.sumPixels(&g.scratch[worker], task-classes)
	}
}

// sumPixels adds the rows' tables to the gradient of the weights of the pixels
// of a task.
func (g *numerical) sumPixels(w *scratch, task int) {
	for i := range w.lists {
		w.lists[i].n = 0
	}
	first := task * pixelsPerTask
	for r := range g.block {
		row := &g.block[r]
		for n := row.starts[task]; n < row.starts[task+1]; n++ {
			list := &w.lists[row.nonzero.indices[n]-first]
			list.indices[list.n] = row.first + row.places[n]
			list.n++
		}
	}
	hidden := len(g.params.B1)
	for i := range w.lists {
		if list := &w.lists[i]; list.n > 0 {
			dst := g.dst.Vector[(first+i)*hidden:][:hidden]
			kernel.AddRows(dst, g.ones[:list.n], list.indices[:list.n], g.tables)
		}
	}
}

// sumClass adds the rows' changes to the gradient of the weights of class k.
func (g *numerical) sumClass(w *scratch, k int) {
	clear(w.sum)
	for r := range g.block {
		for _, step := range g.steps {
			g.outputLoss(w, w.sum, &g.block[r], k, step.size, step.weight)
		}
	}
	hidden := len(g.params.B1)
	for j, v := range w.sum[:hidden] {
		g.dst.W2.RawRowView(j)[k] += v
	}
	g.dst.B2[k] += w.sum[hidden]
}
