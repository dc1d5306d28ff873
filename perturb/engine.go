// Package perturb computes the finite differences of a net's loss for all of its
// weights at once. The numbers are those of [nn.Net.NumericalGradient], which
// displaces one weight after the other. For the book's net it takes 0.6 of the
// CPU time of backpropagation; docs/gradient.md has how the time grows.
//
// Take a sample and a unit of any layer, with the pre-activation a = x·w + b.
// The loss of the sample, seen from the unit, is a function of one number: let
// Λ(s) be its change when a moves by s and nothing else changes. A displacement
// of the weight of input i by h moves a by h·x[i], and so changes the loss by
// Λ(h·x[i]), exactly. All weights into the unit look at one smooth function, at
// points of the tiny interval |s| ≤ S = h·max|x|. So a polynomial through a few
// nodes of the interval gives Λ at all other points.
//
//   - plain.go has the idea on one page, for one hidden layer.
//   - engine.go has the [Engine] and the order of its work.
//   - row.go runs a sample through the net, loss.go computes changes of the loss.
//   - displace.go computes Λ at the nodes: a change flows forward through the
//     layers behind the unit, and each step is right relative to its own size.
//   - nodes.go has the nodes, and the polynomial as a weighted sum of them.
//   - sums.go adds the samples' sums for each weight.
//   - direct.go displaces each input by itself, where nodes do not suffice.
//   - pool.go shares the work among goroutines.
//
// Only losses at displaced weights enter, and the polynomial through them. No
// derivative does, so that a gradient by backpropagation can be checked against
// the result. docs/gradient.md has the error bounds and the history, too.
package perturb

import (
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// Engine computes finite differences of nets' losses. The zero value is ready
// for use. It keeps its memory from call to call, so that a second call for a
// net of the same sizes allocates nothing; one goroutine at a time may use it.
type Engine struct {
	net    *nn.Net
	dst    *nn.Params
	in     input
	t      []int
	relu   bool // hidden units are rectified; otherwise they are sigmoids
	diff   difference
	spread float64 // the largest difference of two weights from one unit of the last hidden layer

	sizes      []int
	memory     []row       // of a chunk
	chunk      []row       // the part of memory in use
	first      int         // the sample of the batch that chunk[0] holds
	group      int         // rows that a task takes through the net
	values     [][]float64 // by layer, [rows×maxTerms×units]: terms of the sums
	transposed [][]float64 // by layer, Wᵀ [units×inputs]; nil for the first
	workers    []*worker
	changes    *nn.Params // the destination of Changes
	pool       pool
}

// The phases of a chunk of rows.
const (
	displacePhase = iota
	sumPhase
	directPhase
)

// Gradient fills dst with the finite differences of the loss of net on the
// batch x [N×D], t [N] for every weight (section 4.5.2), and returns the loss at
// the present weights. Nil settings are the book's: central, h = 1e-4.
//
// The result is that of [nn.Net.NumericalGradient] up to rounding. The loop
// subtracts two losses, and so rounds a change to the size of the loss; the
// engine computes the change itself. The loop displaces a weight w by (w + h) − w
// as rounded, which is zero if h is below the last place of w; the engine
// displaces it by exactly h. The result has the same bits for any number of
// workers.
//
// Gradient panics if the shapes of dst, x and t do not fit the net, or a label is
// not one of its classes.
func (e *Engine) Gradient(dst *nn.Params, net *nn.Net, x *mat.Dense, t []int, settings *grad.Settings) float64 {
	net.MustFit("perturb: Gradient", x, t)
	return e.gradient(dst, net, input{x: x}, t, settings)
}

// ImageGradient is [Engine.Gradient] on the images with the given indices, and
// has the same bits. t [len(indices)] holds their labels.
func (e *Engine) ImageGradient(dst *nn.Params, net *nn.Net, images *Images, indices, t []int, settings *grad.Settings) float64 {
	images.mustFit("perturb: ImageGradient", net, indices, t)
	return e.gradient(dst, net, input{images: images, indices: indices}, t, settings)
}

func (e *Engine) gradient(dst *nn.Params, net *nn.Net, in input, t []int, settings *grad.Settings) float64 {
	net.MustMatch("perturb: Gradient", dst)
	s := settings.Resolve()
	return e.run(dst, net, in, t, s.Formula.Stencil, s.Step, 1/(float64(len(t))*s.Step), s.Workers)
}

// Changes fills dst [as net.Vector] with L(w + h·e_i) − L(w) for each weight i,
// where L is the loss of net on the batch x [N×D], t [N], and h has either sign.
// They are right relative to their own size, where a difference of two losses has
// an error relative to the size of the loss.
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
	if e.changes == nil || !e.fits(e.changes) || !e.fits(net.Params) {
		e.changes = nn.NewParams(net.Sizes()...)
	}
	side := []fd.Point{{Loc: math.Copysign(1, h), Coeff: 1}}
	e.run(e.changes, net, input{x: x}, t, side, math.Abs(h), 1/float64(len(t)), runtime.GOMAXPROCS(0))
	copy(dst, e.changes.Vector)
}

// run fills dst with scale times the sum of coefficient times change of the
// samples' losses, over the points of a stencil with steps of h.
func (e *Engine) run(dst *nn.Params, net *nn.Net, in input, t []int, stencil []fd.Point, h, scale float64, workers int) float64 {
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

// displaceTask runs a group of rows through the net, and finds the terms of the
// sums for each of them.
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

// fits reports whether p has the sizes that memory is reserved for.
func (e *Engine) fits(p *nn.Params) bool {
	if len(e.sizes) != len(p.Layers)+1 || e.sizes[0] != p.Inputs() {
		return false
	}
	for l := range p.Layers {
		if len(p.Layers[l].B) != e.sizes[l+1] {
			return false
		}
	}
	return true
}

// reserve makes room for the net and the batch.
func (e *Engine) reserve(workers int) {
	if !e.fits(e.net.Params) {
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

// chunkRows bounds the rows of a chunk, so that they take at most 64 MiB.
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

// grow returns s with length n and unspecified content. It reuses the memory.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// fill sets each element of s to v.
func fill(s []float64, v float64) {
	for i := range s {
		s[i] = v
	}
}
