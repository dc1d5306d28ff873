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
	net   *nn.Net
	dst   *nn.Params
	x     *mat.Dense
	t     []int
	act   activation
	diff  difference
	first bool // the block at work is the first of the batch

	sizes   []int
	memory  []row       // of a block
	block   []row       // the part in use
	values  [][]float64 // by layer, [rows×maxTerms×units]: what the sums are of
	across  [][]float64 // by layer, W transposed: [units×inputs]; nil of the first
	workers []*worker
	changes *nn.Params // the destination of Changes
	team    team
	limit   int64 // of the work of a call, in multiplications; 0 is none
}

// The phases of a block of rows.
const (
	displacePhase = iota
	sumPhase
	ownPhase
)

// Gradient fills dst with the finite differences of the loss of net on the
// batch x [N×D], t [N] for every weight (section 4.5.2), and returns the loss at
// the present weights. Nil settings are the book's: central, h = 1e-4.
//
// The result is that of [nn.Net.NumericalGradient], but for rounding: changes
// of the loss are not rounded to the size of the loss, as they are where two
// losses are subtracted. A weight w is displaced by exactly h, where the
// definition displaces it by (w + h) − w as rounded: for an h below the last
// place of w, that is zero. The result has the same bits whatever the number of
// workers.
//
// Gradient panics if the shapes of dst, x and t do not fit the net, or a label is
// not one of its classes.
func (e *Engine) Gradient(dst *nn.Params, net *nn.Net, x *mat.Dense, t []int, settings *grad.Settings) float64 {
	s := settings.Resolve()
	return e.run("perturb: Gradient", dst, net, x, t, s.Formula.Stencil, s.Step, 1/(float64(len(t))*s.Step), s.Workers)
}

// Changes fills dst [as net.Vector] with L(w + h·e_i) − L(w) for each weight i,
// where L is the loss of net on the batch x [N×D], t [N], and h is of either
// sign. They are right relative to their own size, where a difference of two
// losses has an error relative to that of the loss.
//
// Changes panics if dst does not have the length of net.Vector, h is zero or not
// finite, or x and t do not fit the net.
func (e *Engine) Changes(dst []float64, net *nn.Net, x *mat.Dense, t []int, h float64) {
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
	e.run("perturb: Changes", e.changes, net, x, t, side, math.Abs(h), 1/float64(len(t)), runtime.GOMAXPROCS(0))
	copy(dst, e.changes.Vector)
}

// run fills dst with scale times the sum of coefficient times change of the
// samples' losses, over the points of a stencil with steps of h.
func (e *Engine) run(function string, dst *nn.Params, net *nn.Net, x *mat.Dense, t []int,
	stencil []fd.Point, h, scale float64, workers int) float64 {
	net.MustFit(function, x, t)
	net.MustMatch(function, dst)
	e.net, e.dst, e.x, e.t, e.act = net, dst, x, t, activationOf(net.Activation)
	e.diff.set(stencil, h, scale)
	e.reserve(workers)
	for _, w := range e.workers {
		w.used = 0
	}
	for l := 1; l < len(net.Layers); l++ {
		transpose(e.across[l], net.Layers[l].W)
	}

	sum := 0.0
	for first := 0; first < len(t); first += len(e.memory) {
		e.first = first == 0
		e.block = e.memory[:min(len(e.memory), len(t)-first)]
		for i := range e.block {
			e.block[i].x, e.block[i].t = x.RawRowView(first+i), t[first+i]
		}
		e.team.do(displacePhase, len(e.block), workers)
		if e.spent() { // rows were left out
			return math.NaN()
		}
		e.team.do(sumPhase, e.sumTasks(), workers)
		e.team.do(ownPhase, e.ownTasks(), workers)
		for i := range e.block {
			sum += e.block[i].value()
		}
	}
	return sum / float64(len(t))
}

// displaceRow finds what the displacements of the units do to a row's loss.
func (e *Engine) displaceRow(worker, i int) {
	r := &e.block[i]
	r.book = e.net.BookLoss
	r.forward(e.net, e.act, r.x)
	r.answer.set(r.t)
	for l := range r.layers {
		if w := e.workers[worker]; !w.spent() {
			w.displace(r, i, l)
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
		e.across = make([][]float64, len(e.net.Layers))
		for l := 1; l < len(e.across); l++ {
			e.across[l] = make([]float64, e.sizes[l]*e.sizes[l+1])
		}
		e.values = make([][]float64, len(e.net.Layers))
	}
	for rows := min(len(e.t), blockRows(e.sizes)); len(e.memory) < rows; {
		e.memory = append(e.memory, newRow(e.sizes))
	}
	if e.team.phases == nil {
		e.team.ended.L = &e.team.mutex
		e.team.phases = []func(worker, task int){e.displaceRow, e.sumTask, e.ownTask}
	}
	for l, units := range e.sizes[1:] {
		e.values[l] = grow(e.values[l], len(e.memory)*maxTerms*units)
	}
	for len(e.workers) < workers {
		e.workers = append(e.workers, &worker{Engine: e})
	}
}

// blockRows bounds the rows of a block, so that they take at most 64 MiB, and
// the lists of the sums stay short.
func blockRows(sizes []int) int {
	const maxRows, maxNumbers = 128, 8 << 20
	numbers := 0
	for l, units := range sizes[1:] {
		numbers += (maxTerms+3)*units + (maxTerms+2)*(sizes[l]+1)
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
