package nn

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/internal/kernel"
)

// NumericalGradient fills dst with the finite differences of the loss of the
// batch x [N×D], t [N] for every weight (section 4.5.2), and returns the loss
// at the present weights. Nil settings are the book's: central, h = 1e-4.
//
// The result is that of [grad.InPlace] on [TwoLayer.Loss], without computing
// again what a displaced weight cannot change:
//
//   - W1[i,j] ± h moves the pre-activation a1[n,j] alone, by s = ±h·x[n,i], and
//     nothing at all where the pixel x[n,i] is zero. With it moves z1[n,j], by
//     δ = σ(a1+s) − σ(a1), and the loss of row n, by
//     log1p( Σ_k y[n,k]·expm1(δ·(W2[j,k] − W2[j,t])) ).
//   - That depends on pixel i only through its value: pixels of an image that
//     have the same intensity share one evaluation.
//   - b1 is the weight of a pixel that is always 1.
//   - W2[j,k] ± h moves the logit a2[n,k] alone, by s = ±h·z1[n,j], and the
//     loss of row n by log1p( y[n,k]·expm1(s) ); or, where k is the label t, by
//     log1p( (1−y[n,t])·expm1(−s) ).
//   - b2 is the weight of a hidden unit that is always 1.
//
// These are identities. Only losses at displaced weights enter, and no
// derivative: what is compared with backpropagation shares nothing with it.
// The changes of the loss are not rounded to the size of the loss, as they are
// where two whole losses are subtracted, so they keep more digits.
//
// The sums over the batch run in the order of its rows: the result has the
// same bits whatever the number of workers.
func (n *TwoLayer) NumericalGradient(dst *Params, x *mat.Dense, t []int, settings *grad.Settings) float64 {
	n.checkBatch("NumericalGradient", x, t)
	n.sameShape("NumericalGradient", dst)
	g := &n.numeric
	g.prepare(n.Params, dst, x, t, settings.Resolve())

	sum := 0.0
	for first := 0; first < len(t); first += len(g.block) {
		g.setBlock(first, min(cap(g.block), len(t)-first))
		g.team.run(
			phase{len(g.block), g.base},
			phase{1, g.place},
			phase{len(g.block), g.displace},
			phase{g.sumTasks(), g.sum},
		)
		for r := range g.block {
			sum += g.block[r].loss
		}
	}
	return sum / float64(len(t))
}

// numerical is one NumericalGradient at work, and the memory that is kept
// from one to the next.
//
// It takes the batch in blocks of rows, so that the memory does not grow with
// the batch, and each block in phases, whose tasks the team shares out:
//
//	base      by row: the net at the undisturbed weights, the intensities
//	place     at once: room for the rows' tables
//	displace  by row: a table of the changes of the loss, intensity × unit
//	sum       by weight: the sums of those changes over the rows
type numerical struct {
	params *Params // the weights
	dst    *Params // the gradient
	x      *mat.Dense
	t      []int
	steps  []step

	farthest float64   // the largest size of a step
	weights  []float64 // those of the steps, in the kernel's unit

	w2t    []float64 // [K×H] W2 transposed
	spread float64   // the largest difference of two weights of one hidden unit

	block  []row     // the rows at work
	tables []float64 // the tables of all rows
	ones   []float64 // [rows of a block]

	scratch []scratch // by worker
	team    team

	// The phases. They are kept because to make a func of a method allocates.
	base, place, displace, sum func(worker, task int)
}

// step is a point of the finite difference: the change of the loss when a
// weight moves by size counts weight times.
type step struct{ size, weight float64 }

// scratch is the memory of one worker.
type scratch struct {
	nonzero  sparse
	distinct distinct
	lists    [pixelsPerTask]list
	w        []float64 // [(K−1)×H] W2ᵀ less the row of the label
	m        []float64 // [steps] what HiddenLoss wants to know of each
	sum      []float64 // [H+1] the gradient of a class's weights
	change   []float64 // [K] of the logits
	moved    []float64 // [K] the logits after it
}

// prepare sets up everything that is the same for all rows.
func (g *numerical) prepare(params, dst *Params, x *mat.Dense, t []int, s grad.Settings) {
	g.params, g.dst, g.x, g.t = params, dst, x, t
	clear(dst.Vector)

	g.steps, g.weights, g.farthest = g.steps[:0], g.weights[:0], 0
	for _, point := range s.Formula.Stencil {
		if point.Loc != 0 { // the loss does not change where nothing moves
			size, weight := point.Loc*s.Step, point.Coeff/(s.Step*float64(len(t)))
			g.steps = append(g.steps, step{size, weight})
			g.weights = append(g.weights, weight*kernel.Unit)
			g.farthest = math.Max(g.farthest, math.Abs(size))
		}
	}

	inputs, hidden, classes := params.Sizes()
	g.w2t = grow(g.w2t, classes*hidden)
	g.spread = 0
	for j := range hidden {
		w2 := params.W2.RawRowView(j)
		lowest, highest := w2[0], w2[0]
		for k, w := range w2 {
			g.w2t[k*hidden+j] = w
			lowest, highest = math.Min(lowest, w), math.Max(highest, w) // which keep a NaN
		}
		g.spread = math.Max(g.spread, highest-lowest)
	}

	if g.base == nil {
		g.base, g.place, g.displace, g.sum = g.baseRow, g.placeTables, g.displaceRow, g.sumTask
		g.ones = slices.Repeat([]float64{1}, maxBlockRows)
	}
	g.team.resize(s.Workers)
	if len(g.scratch) != s.Workers || len(g.scratch[0].m) != len(g.steps) ||
		len(g.scratch[0].sum) != hidden+1 || len(g.scratch[0].change) != classes {
		g.scratch = make([]scratch, s.Workers)
		for w := range g.scratch {
			g.scratch[w] = scratch{
				w:      make([]float64, (classes-1)*hidden),
				m:      make([]float64, len(g.steps)),
				sum:    make([]float64, hidden+1),
				change: make([]float64, classes),
				moved:  make([]float64, classes),
			}
		}
	}
	g.reserve(min(len(t), blockRows(inputs, hidden)), inputs, hidden, classes)
}

const maxBlockRows = 128

// blockRows bounds the rows of a block so that their tables take at most 64
// MiB, even where each pixel of a row has an intensity of its own.
func blockRows(inputs, hidden int) int {
	const maxBytes = 64 << 20
	return max(1, min(maxBlockRows, maxBytes/(8*(inputs+1)*hidden)))
}
