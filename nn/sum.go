package nn

import "numgrad/internal/kernel"

// pixelsPerTask pixels keep their part of the gradient in the first-level
// cache while the rows pass by.
const pixelsPerTask = 16

func (g *numerical) pixelTasks() int {
	return (len(g.block[0].intensity) + pixelsPerTask - 1) / pixelsPerTask
}

// sumTasks is the number of tasks of the phase: the pixels, whose weights are
// W1 and b1, and the classes, whose weights are W2 and b2.
func (g *numerical) sumTasks() int { return g.pixelTasks() + len(g.params.B2) }

func (g *numerical) sumTask(worker, task int) {
	if task < len(g.params.B2) {
		g.sumClass(&g.scratch[worker], task)
		return
	}
	first := (task - len(g.params.B2)) * pixelsPerTask
	last := min(first+pixelsPerTask, len(g.block[0].intensity))
	for pixel := first; pixel < last; pixel++ {
		g.sumPixel(&g.scratch[worker], pixel)
	}
}

// sumPixel adds the rows' tables to the gradient of the weights of a pixel. b1
// lies behind W1, as the weights of one more pixel.
func (g *numerical) sumPixel(w *scratch, pixel int) {
	hidden := len(g.params.B1)
	offsets := w.offsets
	n := 0
	for r := range g.block {
		row := &g.block[r]
		number := int(row.intensity[pixel])
		offsets[n] = row.offset + (number-1)*hidden
		if number != 0 {
			n++
		}
	}
	kernel.AddRows(g.dst.Vector[pixel*hidden:][:hidden], g.ones[:n], offsets[:n], g.tables)
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
