package main

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
	"numgrad/nn"
)

// net is the two-layer net once more, with any activation and either loss. It
// is [nn.TwoLayer] without what makes that fast, and like it knows what a
// displaced weight does to the loss. Nothing here is a derivative.
type net struct {
	*nn.Params
	activation activation
	book       bool // the loss is −log(y + 1e-7)
}

// inBook is what the book adds to a probability before the logarithm is taken;
// see [loss.CrossEntropyError].
const inBook = 1e-7

// Loss returns the mean loss of the batch x [N×D], t [N].
func (n *net) Loss(x *mat.Dense, t []int) float64 {
	_, a2 := n.forward(x)
	if !n.book {
		return loss.CrossEntropy(a2, t)
	}
	for i := range t {
		loss.Softmax(a2.RawRowView(i), a2.RawRowView(i))
	}
	return loss.CrossEntropyError(a2, t)
}

// forward returns a1 [N×H], what comes into the hidden units, and the logits
// a2 [N×K].
func (n *net) forward(x *mat.Dense) (a1, a2 *mat.Dense) {
	a1 = affine(x, n.W1, n.B1)
	var z1 mat.Dense
	z1.Apply(func(_, _ int, a float64) float64 { return n.activation.value(a) }, a1)
	return a1, affine(&z1, n.W2, n.B2)
}

func affine(x, w *mat.Dense, b []float64) *mat.Dense {
	var a mat.Dense
	a.Mul(x, w)
	a.Apply(func(_, k int, v float64) float64 { return v + b[k] }, &a)
	return &a
}

// Changes fills dst [as Vector] with L(w + h·e_i) − L(w) for each weight i, as
// [nn.TwoLayer.Changes] does.
func (n *net) Changes(dst []float64, x *mat.Dense, t []int, h float64) {
	change := nn.NewParams(n.Sizes())
	rows := n.rows(x, t)
	var units sync.WaitGroup
	for j := range n.B1 {
		units.Go(func() { n.unitChanges(change, rows, j, h) })
	}
	for k := range change.B2 {
		for _, r := range rows {
			change.B2[k] += r.logitChange(k, h) // a unit that is always 1
		}
	}
	units.Wait()
	for i, sum := range change.Vector {
		dst[i] = sum / float64(len(rows))
	}
}

// unitChanges sums the changes of the rows' losses for each weight into and
// out of hidden unit j.
func (n *net) unitChanges(sum *nn.Params, rows []*row, j int, h float64) {
	w := make([]float64, len(n.B2))
	into := make([]float64, n.W1.RawMatrix().Rows) // W1[:,j], side by side in memory
	for _, r := range rows {
		// A logit counts by its distance from the label's.
		for k, v := range n.W2.RawRowView(j) {
			w[k] = v - n.W2.At(j, r.t)
		}
		a := r.a1[j]
		for i, v := range r.x {
			if v != 0 {
				into[i] += r.change(n.activation.change(a, h*v), w)
			}
		}
		sum.B1[j] += r.change(n.activation.change(a, h), w)

		z := n.activation.value(a)
		for k := range w {
			sum.W2.Set(j, k, sum.W2.At(j, k)+r.logitChange(k, h*z))
		}
	}
	sum.W1.SetCol(j, into)
}

// row is one sample on its way through the net.
type row struct {
	x, a1, a2 []float64
	y         []float64 // softmax(a2)
	t         int
	loss      float64 // −log y[t]
	book      bool
}

func (n *net) rows(x *mat.Dense, t []int) []*row {
	a1, a2 := n.forward(x)
	rows := make([]*row, len(t))
	for i, label := range t {
		logits := a2.RawRowView(i)
		rows[i] = &row{
			x: x.RawRowView(i), a1: a1.RawRowView(i), a2: logits,
			y: loss.Softmax(nil, logits), t: label, loss: loss.NegLogSoftmax(logits, label), book: n.book,
		}
	}
	return rows
}

// logitChange returns the change of the row's loss when logit k moves by d.
func (r *row) logitChange(k int, d float64) float64 {
	w := make([]float64, len(r.y))
	if k == r.t { // the others fall behind
		for other := range w {
			w[other] = -1
		}
		w[k] = 0
	} else {
		w[k] = 1
	}
	return r.change(d, w)
}

// small is up to where a change is kept apart from what it changes.
const small = 0.5

// change returns the change of the row's loss when each logit k moves by d·w[k]
// beyond the label's, so that w[t] is 0.
func (r *row) change(d float64, w []float64) float64 {
	if d == 0 {
		return 0
	}
	change := r.logChange(d, w)
	if !r.book {
		return change
	}
	// y[t] becomes y[t]·exp(−change).
	y := r.y[r.t]
	if math.Abs(change) > small {
		return math.Log((y + inBook) / (math.Exp(-(r.loss + change)) + inBook))
	}
	return -math.Log1p(y / (y + inBook) * math.Expm1(-change))
}

// logChange returns the change of −log y[t], log( Σ y[k]·exp(d·w[k]) ).
func (r *row) logChange(d float64, w []float64) float64 {
	sum := 0.0
	for k, y := range r.y {
		m := d * w[k]
		if math.Abs(m) > small {
			return r.largeChange(d, w)
		}
		sum += y * math.Expm1(m)
	}
	return math.Log1p(sum)
}

// largeChange is logChange where the sum above could come so near to −1 that
// its logarithm is lost, or overflow. The losses themselves are then far enough
// apart to be subtracted.
func (r *row) largeChange(d float64, w []float64) float64 {
	moved := make([]float64, len(w))
	for k := range moved {
		moved[k] = r.a2[k] + d*w[k]
	}
	return loss.NegLogSoftmax(moved, r.t) - r.loss
}
