package nn

import (
	"numgrad/loss"
)

// row is a row of the batch at the undisturbed weights.
type row struct {
	t         int
	x         []float64 // [D]
	a1, z1    []float64 // [H]
	c1        []float64 // [H] 1 − z1
	a2, y     []float64 // [K]
	loss      float64
	values    []float64 // the distinct intensities; the first is 1, for b1
	intensity []int32   // [D+1] of each pixel, and b1: 1 + its place in values; 0 where the pixel is zero
	table     []float64 // [len(values)×H] changes of the loss
}

// reserve makes room for blocks of up to n rows.
func (g *numerical) reserve(n, inputs, hidden, classes int) {
	g.block = g.block[:cap(g.block)]
	if len(g.block) >= n && len(g.block[0].intensity) == inputs+1 &&
		len(g.block[0].a1) == hidden && len(g.block[0].a2) == classes {
		return
	}
	g.block = make([]row, n)
	for r := range g.block {
		floats := make([]float64, 3*hidden+2*classes+inputs+1)
		take := func(n int) []float64 {
			part := floats[:n:n]
			floats = floats[n:]
			return part
		}
		g.block[r] = row{
			a1: take(hidden), z1: take(hidden), c1: take(hidden),
			a2: take(classes), y: take(classes),
			values:    take(inputs + 1)[:0],
			intensity: make([]int32, inputs+1),
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
	row := &g.block[r]
	affine(row.a1, row.x, g.params.W1, g.params.B1)
	for j, a1 := range row.a1 {
		row.z1[j], row.c1[j] = sigmoid(a1)
	}
	affine(row.a2, row.z1, g.params.W2, g.params.B2)
	loss.Softmax(row.y, row.a2)
	row.loss = loss.NegLogSoftmax(row.a2, row.t)

	d := &g.scratch[worker].distinct
	d.reset(len(row.intensity))
	row.values = row.values[:0]
	row.intensity[len(row.x)] = d.number(1, &row.values)
	for i, v := range row.x {
		row.intensity[i] = 0
		if v != 0 {
			row.intensity[i] = d.number(v, &row.values)
		}
	}
}

// placeTables gives each row of the block its part of the tables.
func (g *numerical) placeTables() {
	hidden := len(g.params.B1)
	total := 0
	for r := range g.block {
		total += len(g.block[r].values) * hidden
	}
	if cap(g.tables) < total {
		g.tables = make([]float64, total+total/4)
	}
	free := g.tables[:cap(g.tables)]
	for r := range g.block {
		size := len(g.block[r].values) * hidden
		g.block[r].table, free = free[:size:size], free[size:]
	}
}
