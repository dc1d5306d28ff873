package nn

import "numgrad/internal/kernel"

// The sums over the rows, by tasks of neighbouring weights. Sixteen pixels
// keep their part of the gradient in the first-level cache; eight units fill a
// vector register.
const (
	pixelsPerTask = 16
	unitsPerTask  = 8
)

// alwaysOn is the activation whose weights are b2.
var alwaysOn = []float64{1}

func (g *numerical) pixelTasks() int {
	return (len(g.block[0].intensity) + pixelsPerTask - 1) / pixelsPerTask
}

func (g *numerical) unitTasks() int {
	return (len(g.params.B1) + unitsPerTask - 1) / unitsPerTask
}

// sumTasks is the number of tasks of the phase: the rows of W1 with b1, those
// of W2, and b2.
func (g *numerical) sumTasks() int { return g.pixelTasks() + g.unitTasks() + 1 }

func (g *numerical) sumTask(worker, task int) {
	hidden := len(g.params.B1)
	if task < g.pixelTasks() {
		first := task * pixelsPerTask
		g.sumPixels(first, min(first+pixelsPerTask, len(g.block[0].intensity)))
		return
	}
	first := (task - g.pixelTasks()) * unitsPerTask
	if first < hidden {
		g.sumUnits(&g.scratch[worker], first, min(first+unitsPerTask, hidden))
		return
	}
	g.sumBias(&g.scratch[worker])
}

// sumPixels adds the rows' tables to the gradient of the weights of pixels
// first…last−1. b1 lies behind W1, as the weights of one more pixel.
func (g *numerical) sumPixels(first, last int) {
	hidden := len(g.params.B1)
	for r := range g.block {
		row := &g.block[r]
		for i, number := range row.intensity[first:last] {
			if number != 0 {
				dst := g.dst.Vector[(first+i)*hidden : (first+i+1)*hidden]
				kernel.Axpy(dst, 1, row.table[int(number-1)*hidden:])
			}
		}
	}
}

// sumUnits adds the rows' changes to the gradient of the weights of hidden
// units first…last−1.
func (g *numerical) sumUnits(w *scratch, first, last int) {
	units := last - first
	sum := w.output[:len(w.change)*units] // [K×units]
	clear(sum)
	for r := range g.block {
		row := &g.block[r]
		for _, step := range g.steps {
			g.outputLoss(w, sum, row.z1[first:last], row, step)
		}
	}
	for j := range units {
		dst := g.dst.W2.RawRowView(first + j)
		for k := range dst {
			dst[k] += sum[k*units+j]
		}
	}
}

func (g *numerical) sumBias(w *scratch) {
	for r := range g.block {
		for _, step := range g.steps {
			g.outputLoss(w, g.dst.B2, alwaysOn, &g.block[r], step)
		}
	}
}
