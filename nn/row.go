package nn

import (
	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
	"numgrad/loss"
)

// row is a row of the batch at the undisturbed weights.
type row struct {
	t       int
	x       []float64 // [D]
	a1, z1  []float64 // [H]
	c1      []float64 // [H] 1 − z1
	a2, y   []float64 // [K]
	loss    float64
	z       []float64 // [H+1] z1, and 1 for b2, in the kernel's unit
	others  []float64 // [K−1] y without that of the label
	wrong   float64   // the sum of others: 1 − y[t]
	nonzero sparse    // the pixels that are not zero, and a last one of 1, for b1
	values  []float64 // the distinct intensities of those
	places  []int     // of the intensity of each in values
	starts  []int     // of the pixels of each task of the sum
	table   []float64 // [len(values)×H] changes of the loss
	first   int       // the number of rows of H in tables before this one's
}

// reserve makes room for blocks of up to n rows.
func (g *numerical) reserve(n, inputs, hidden, classes int) {
	g.block = g.block[:cap(g.block)]
	if len(g.block) >= n && len(g.block[0].starts) == pixelTasks(inputs)+1 &&
		len(g.block[0].a1) == hidden && len(g.block[0].a2) == classes {
		return
	}
	g.block = make([]row, n)
	for r := range g.block {
		memory := make([]float64, 3*hidden+2*classes+hidden+1+classes-1+inputs+1)
		take := func(n int) []float64 {
			part := memory[:n:n]
			memory = memory[n:]
			return part
		}
		g.block[r] = row{
			a1: take(hidden), z1: take(hidden), c1: take(hidden),
			a2: take(classes), y: take(classes),
			z: take(hidden + 1), others: take(classes - 1),
			values: take(inputs + 1)[:0],
			places: make([]int, 0, inputs+1),
			starts: make([]int, pixelTasks(inputs)+1),
		}
	}
}

// setBlock points the block at n rows of the batch.
func (g *numerical) setBlock(first, n int) {
	g.block = g.block[:n]
	for r := range g.block {
		g.block[r].x, g.block[r].t = g.x.RawRowView(first+r), g.t[first+r]
	}
}

// baseRow is what a row needs to know before any weight moves.
func (g *numerical) baseRow(worker, r int) {
	row, w := &g.block[r], &g.scratch[worker]
	row.nonzero.affine(row.a1, row.x, g.params.W1, g.params.B1)
	row.nonzero.add(len(row.x), 1)
	row.findPlaces(&w.distinct)
	row.findStarts()
	for j, a1 := range row.a1 {
		row.z1[j], row.c1[j] = sigmoid(a1)
	}
	w.nonzero.affine(row.a2, row.z1, g.params.W2, g.params.B2)
	loss.Softmax(row.y, row.a2)
	row.loss = loss.NegLogSoftmax(row.a2, row.t)

	floats.ScaleTo(row.z[:len(row.z1)], 1/kernel.Unit, row.z1)
	row.z[len(row.z1)] = 1 / kernel.Unit
	copy(row.others, row.y[:row.t])
	copy(row.others[row.t:], row.y[row.t+1:])
	row.wrong = 0
	for _, y := range row.others { // floats.Sum adds in another order on other machines
		row.wrong += y
	}
}

// findPlaces finds the distinct intensities.
func (r *row) findPlaces(d *distinct) {
	d.reset(len(r.nonzero.values))
	r.values, r.places = r.values[:0], r.places[:0]
	for _, v := range r.nonzero.values {
		r.places = append(r.places, d.place(v, &r.values))
	}
}

// findStarts finds where the pixels of each task begin.
func (r *row) findStarts() {
	task := 0
	for n, pixel := range r.nonzero.indices {
		for ; task*pixelsPerTask <= pixel; task++ {
			r.starts[task] = n
		}
	}
	r.starts[task] = len(r.nonzero.indices) // b1, of the last task, is never zero
}

// placeTables gives each row of the block its part of the tables.
func (g *numerical) placeTables(_, _ int) {
	hidden := len(g.params.B1)
	total := 0
	for r := range g.block {
		g.block[r].first = total
		total += len(g.block[r].values)
	}
	if len(g.tables) < total*hidden {
		g.tables = make([]float64, total*hidden*5/4)
	}
	for r := range g.block {
		row := &g.block[r]
		row.table = g.tables[row.first*hidden:][:len(row.values)*hidden]
	}
}
