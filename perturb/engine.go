// Package perturb computes the finite differences of a net's loss for all weights
// at once. [nn.Net.NumericalGradient] computes the same numbers by displacing one
// weight after the other. For the book's net the engine takes 0.6 of the CPU time
// of backpropagation.
//
// Take a sample and a unit of any layer, with the pre-activation a = x·w + b. The
// other weights are fixed. Let Λ(s) be the change of the sample's loss when a moves
// by s. If the weight of input i moves by h, then a moves by h·x[i], and the loss
// changes by Λ(h·x[i]), exactly. So all weights into the unit need one smooth
// function, on the tiny interval |s| ≤ S = h·max|x|. The engine evaluates Λ at a few
// nodes of the interval and interpolates with a polynomial.
//
// The files, in reading order:
//
//   - plain.go shows the idea on one page, for one hidden layer.
//   - engine.go has the [Engine] and the order of its work.
//   - row.go runs a sample through the net; loss.go computes changes of the loss.
//   - displace.go computes Λ at the nodes: a change flows forward through the
//     later layers, with a small relative error at each step.
//   - nodes.go has the nodes and the Lagrange basis polynomials.
//   - sums.go adds up the samples for each weight.
//   - direct.go displaces each input separately, where no node set suffices.
//   - pool.go distributes the tasks among goroutines.
//
// The engine uses only losses at displaced weights. It uses no derivative, so its
// result can check a gradient by backpropagation. docs/gradient.md has error bounds,
// timings and history.
package perturb

import (
	"fmt"
	"math"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// Engine computes finite differences of a net's loss. The zero value is ready for
// use. An Engine keeps its memory: a second call for a net of the same sizes
// allocates nothing. It must not be used by several goroutines at once.
type Engine struct {
	net    *nn.Net
	dst    []float64
	in     input
	t      []int
	relu   bool // the hidden units are ReLUs, not sigmoids
	diff   difference
	spread float64 // largest difference of two weights out of one unit of the last hidden layer

	sizes      []int
	memory     []row       // rows for the largest chunk
	chunk      []row       // the part of memory in use
	first      int         // index in the batch of chunk[0]
	group      int         // number of rows in a displace task
	values     [][]float64 // terms of the sums, by layer [rows×maxTerms×units]
	transposed [][]float64 // Wᵀ [units×inputs] by layer; nil for the first
	workers    []*worker
	pool       pool
}

// The phases of the work on a chunk of rows.
const (
	displacePhase = iota
	sumPhase
	directPhase
)

// Gradient fills dst with the finite differences of the loss of net on the
// batch x [N×D], t [N] for every weight (section 4.5.2), and returns the loss at
// the present weights. Nil settings select the book's: central, h = 1e-4.
//
// The result agrees with [nn.Net.NumericalGradient] up to rounding:
//
//   - NumericalGradient subtracts two losses, with a rounding error relative to the
//     loss. The engine computes the change itself.
//   - NumericalGradient displaces a weight w by (w + h) − w as rounded, which is zero
//     for an h below the last place of w. The engine displaces it by exactly h.
//
// The result has the same bits for any number of workers.
//
// Gradient panics if the shapes of dst, x and t do not fit the net, or a label is
// not one of its classes.
func (e *Engine) Gradient(dst *nn.Params, net *nn.Net, x *mat.Dense, t []int, settings *grad.Settings) float64 {
	net.MustFit("perturb: Gradient", x, t)
	return e.gradient(dst, net, input{x: x}, t, settings)
}

// ImageGradient is [Engine.Gradient] on the images with the given indices and the
// labels t [len(indices)]. It returns the same bits. It panics if the images do not
// fit the net, or an index or a label is out of range.
func (e *Engine) ImageGradient(dst *nn.Params, net *nn.Net, images *Images, indices, t []int, settings *grad.Settings) float64 {
	images.mustFit("perturb: ImageGradient", net, indices, t)
	return e.gradient(dst, net, input{images: images, indices: indices}, t, settings)
}

func (e *Engine) gradient(dst *nn.Params, net *nn.Net, in input, t []int, settings *grad.Settings) float64 {
	net.MustMatch("perturb: Gradient", dst)
	s := settings.Resolve()
	return e.run(dst.Vector, net, in, t, s.Formula.Stencil, s.Step, 1/(float64(len(t))*s.Step), s.Workers)
}

// Changes fills dst [as net.Vector] with L(w + h·e_i) − L(w) for each weight i,
// where L is the loss of net on the batch x [N×D], t [N]. h may be negative. The
// error is relative to the change; a difference of two losses has an error relative
// to the loss.
//
// Changes panics if dst does not have the length of net.Vector, h is zero or not
// finite, or x and t do not fit the net.
func (e *Engine) Changes(dst []float64, net *nn.Net, x *mat.Dense, t []int, h float64) {
	net.MustFit("perturb: Changes", x, t)
	if len(dst) != len(net.Vector) {
		panic(fmt.Sprintf("perturb: Changes of %d weights into %d places", len(net.Vector), len(dst)))
	}
	if h == 0 || math.IsNaN(h) || math.IsInf(h, 0) {
		panic(fmt.Sprintf("perturb: Changes at h = %v, want a finite step other than zero", h))
	}
	side := []fd.Point{{Loc: math.Copysign(1, h), Coeff: 1}}
	e.run(dst, net, input{x: x}, t, side, math.Abs(h), 1/float64(len(t)), runtime.GOMAXPROCS(0))
}

// run fills dst with scale·Σ Coeff·(L(w + Loc·h) − L(w)) for each weight w, where L
// is the sum of the samples' losses and Σ runs over the points of the stencil. It
// returns the mean loss.
func (e *Engine) run(dst []float64, net *nn.Net, in input, t []int, stencil []fd.Point, h, scale float64, workers int) float64 {
	e.net, e.dst, e.in, e.t, e.relu = net, dst, in, t, net.Activation == nn.ReLU
	e.diff.set(stencil, h, scale)
	e.reserve(workers)
	for l := 1; l < len(net.Layers); l++ {
		transpose(e.transposed[l], net.Layers[l].W)
	}
	e.spread = spread(net.Layers[len(net.Layers)-1].W)

	sum := 0.0
	for e.first = 0; e.first < len(t); e.first += len(e.memory) {
		e.chunk = e.memory[:min(len(e.memory), len(t)-e.first)]
		for i := range e.chunk {
			e.chunk[i].book = net.BookLoss
		}
		e.group = min(32, 1+(len(e.chunk)-1)/(4*workers))
		e.pool.do(displacePhase, 1+(len(e.chunk)-1)/e.group, workers)
		e.pool.do(sumPhase, e.sumTasks(), workers)
		e.pool.do(directPhase, e.directTasks(), workers)
		for i := range e.chunk {
			sum += e.chunk[i].value()
		}
	}
	return sum / float64(len(t))
}

// displaceTask runs a group of rows through the net and computes the terms of their
// sums.
func (e *Engine) displaceTask(worker, group int) {
	w, first := e.workers[worker], group*e.group
	rows := e.chunk[first:min(first+e.group, len(e.chunk))]
	w.forward(e.first+first, rows)
	for i := range rows {
		rows[i].answer.set(e.t[e.first+first+i])
		for l := range rows[i].layers {
			w.displace(&rows[i], first+i, l)
		}
	}
}

// fits reports whether the engine's memory has the sizes of the net.
func (e *Engine) fits() bool {
	if len(e.sizes) != len(e.net.Layers)+1 || e.sizes[0] != e.net.Inputs() {
		return false
	}
	for l, layer := range e.net.Layers {
		if len(layer.B) != e.sizes[l+1] {
			return false
		}
	}
	return true
}

// reserve allocates memory for the net and the batch.
func (e *Engine) reserve(workers int) {
	if !e.fits() {
		e.sizes, e.memory, e.workers = e.net.Sizes(), nil, nil
		e.transposed = make([][]float64, len(e.net.Layers))
		for l := 1; l < len(e.transposed); l++ {
			e.transposed[l] = make([]float64, e.sizes[l]*e.sizes[l+1])
		}
		e.values = make([][]float64, len(e.net.Layers))
	}
	for rows := min(len(e.t), chunkRows(e.sizes)); len(e.memory) < rows; {
		e.memory = append(e.memory, newRow(e.sizes))
	}
	if e.pool.phases == nil {
		e.pool.phases = []func(worker, task int){e.displaceTask, e.sumTask, e.directTask}
	}
	for l, units := range e.sizes[1:] {
		e.values[l] = grow(e.values[l], len(e.memory)*maxTerms*units)
	}
	for len(e.workers) < workers {
		e.workers = append(e.workers, &worker{Engine: e})
	}
}

// chunkRows returns the number of rows in a chunk, at most 128 or 64 MiB.
func chunkRows(sizes []int) int {
	const maxRows, maxNumbers = 128, 8 << 20
	numbers := 0
	for _, units := range sizes[1:] {
		numbers += (maxTerms + 3) * units
	}
	return max(1, min(maxRows, maxNumbers/numbers))
}

// transpose fills dst [columns×rows] with the transpose of w.
func transpose(dst []float64, w *mat.Dense) {
	m := w.RawMatrix()
	for i := range m.Rows {
		for j, v := range m.Data[i*m.Stride:][:m.Cols] {
			dst[j*m.Rows+i] = v
		}
	}
}

// spread returns the largest difference of two numbers in a row of w, or NaN.
func spread(w *mat.Dense) float64 {
	m := w.RawMatrix()
	most := 0.0
	for i := range m.Rows {
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range m.Data[i*m.Stride:][:m.Cols] {
			low, high = min(low, v), max(high, v)
		}
		most = max(most, high-low)
	}
	return most
}

// grow returns s with length n and unspecified content.
func grow[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// fill sets each element of s to v.
func fill(s []float64, v float64) {
	for i := range s {
		s[i] = v
	}
}
