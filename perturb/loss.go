package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
	"numgrad/loss"
)

// answer is the output of a net for a sample, and its loss.
type answer struct {
	t     int       // the label
	a     []float64 // [K] logits
	y     []float64 // [K] probabilities
	wrong float64   // probability of the other classes, 1 − y[t]
	loss  float64   // −log y[t]
	book  bool      // selects the book's loss, −log(y[t] + 1e-7)
}

// set computes the fields from the logits and the label t. It sums the exponentials
// without the largest logit's, which is 1, so that a small loss keeps its digits.
func (r *answer) set(t int) {
	r.t = t
	largest := floats.MaxIdx(r.a)
	for k, a := range r.a {
		r.y[k] = a - r.a[largest]
	}
	kernel.Exps(r.y, r.y)
	sum, rest := 0.0, 0.0
	for k, e := range r.y {
		sum += e
		if k != largest {
			rest += e
		}
	}
	r.wrong = 0
	for k := range r.y {
		r.y[k] /= sum
		if k != t {
			r.wrong += r.y[k]
		}
	}
	r.loss = r.a[largest] - r.a[t] + math.Log1p(rest)
}

// value returns the sample's loss.
func (r *answer) value() float64 {
	if r.book {
		return -math.Log(r.y[r.t] + loss.Delta)
	}
	return r.loss
}

// change returns the change of the loss when the logit of each class k moves by d(k)
// relative to the label's logit. d(k) may have any size; d(t) is 0.
func (r *answer) change(d func(k int) float64) float64 {
	sum := 0.0
	for k, y := range r.y {
		if k != r.t {
			sum += float64(y * math.Expm1(d(k)))
		}
	}
	if sum >= -0.5 && !math.IsInf(sum, 1) {
		return r.byBook(math.Log1p(sum))
	}
	// 1 + sum would lose its digits, or sum has overflowed. The two losses are far
	// enough apart to be subtracted.
	return r.byBook(r.movedLoss(d) - r.loss)
}

// movedLoss returns −log y[t] after the logits move by d relative to the label's
// logit.
func (r *answer) movedLoss(d func(k int) float64) float64 {
	most, largest := r.t, r.a[r.t]
	for k, a := range r.a {
		if k != r.t && a+d(k) > largest {
			most, largest = k, a+d(k)
		}
	}
	rest := 0.0
	for k, a := range r.a {
		switch k {
		case most:
		case r.t:
			rest += kernel.Exp(a - largest)
		default:
			rest += kernel.Exp(a + d(k) - largest)
		}
	}
	return largest - r.a[r.t] + math.Log1p(rest)
}

// byBook converts a change of −log y[t] to a change of the sample's loss.
func (r *answer) byBook(change float64) float64 {
	if !r.book {
		return change
	}
	y := r.y[r.t]
	share := y / (y + loss.Delta)
	if math.Abs(change) <= kernel.Near {
		return -log1p(share * kernel.Expm1(-change))
	}
	if q := share * math.Expm1(-change); q >= -0.5 && !math.IsInf(q, 1) {
		return -math.Log1p(q)
	}
	return math.Log((y + loss.Delta) / (kernel.Exp(-(r.loss + change)) + loss.Delta))
}

// logitChange returns the change of the loss when only logit k moves, by s.
func (r *answer) logitChange(k int, s float64) float64 {
	p := r.y[k]
	if k == r.t { // the same as moving all others by −s
		p, s = r.wrong, -s
	}
	if math.Abs(s) <= kernel.Near {
		return r.byBook(log1p(p * kernel.Expm1(s)))
	}
	return r.change(func(other int) float64 {
		if k == r.t || other == k {
			return s
		}
		return 0
	})
}

// log1p is math.Log1p, or its series for a small x.
func log1p(x float64) float64 {
	if math.Abs(x) <= kernel.Near {
		return kernel.Log1p(x)
	}
	return math.Log1p(x)
}
