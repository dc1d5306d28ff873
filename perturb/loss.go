package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/kernel"
	"numgrad/loss"
)

// answer is what a net says to a sample, and what that costs.
type answer struct {
	t      int       // the label
	a      []float64 // [K] logits
	y      []float64 // [K] probabilities
	others []float64 // [K−1] those of the classes other than the label
	wrong  float64   // their sum: 1 − y[t]
	loss   float64   // −log y[t]
	book   bool      // the loss is −log(y[t] + 1e-7)
}

// set takes the label; the logits are in place. In the loss the exponential of
// the largest logit is kept apart, so that a small one keeps its digits.
func (r *answer) set(t int) {
	r.t = t
	largest := floats.MaxIdx(r.a)
	sum, rest := 0.0, 0.0
	for k, a := range r.a {
		r.y[k] = math.Exp(a - r.a[largest])
		sum += r.y[k]
		if k != largest {
			rest += r.y[k]
		}
	}
	for k := range r.y {
		r.y[k] /= sum
	}
	r.loss = r.a[largest] - r.a[t] + math.Log1p(rest)
	copy(r.others, r.y[:t])
	copy(r.others[t:], r.y[t+1:])
	r.wrong = 0
	for _, y := range r.others {
		r.wrong += y
	}
}

// value returns the sample's loss.
func (r *answer) value() float64 {
	if r.book {
		return -math.Log(r.y[r.t] + loss.Delta)
	}
	return r.loss
}

// change returns the change of the loss when the logit of each class k other
// than the label moves by d[k], of any size, beyond that of the label. d is
// [K−1].
func (r *answer) change(d func(k int) float64) float64 {
	sum := 0.0
	for k, y := range r.others {
		sum += float64(y * math.Expm1(d(k)))
	}
	if sum >= -0.5 && !math.IsInf(sum, 1) {
		return r.byBook(math.Log1p(sum))
	}
	// The logarithm would be lost in 1 + sum, or the sum has overflowed. The
	// two losses are then far enough apart to be subtracted.
	return r.byBook(r.movedLoss(d) - r.loss)
}

// movedLoss returns −log y[t] when the logits other than the label's move by d:
// the logarithm of the sum of all exponentials, of which the largest is kept
// apart, beyond the label's logit.
func (r *answer) movedLoss(d func(k int) float64) float64 {
	most, largest := -1, r.a[r.t] // −1 stands for the label
	for k := range r.others {
		if a := r.a[r.class(k)] + d(k); a > largest {
			most, largest = k, a
		}
	}
	rest := 0.0
	if most >= 0 {
		rest = math.Exp(r.a[r.t] - largest)
	}
	for k := range r.others {
		if k != most {
			rest += math.Exp(r.a[r.class(k)] + d(k) - largest)
		}
	}
	return largest - r.a[r.t] + math.Log1p(rest)
}

// class returns the class of element k of others.
func (r *answer) class(k int) int {
	if k < r.t {
		return k
	}
	return k + 1
}

// byBook turns a change of −log y[t] into one of the sample's loss.
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
	return math.Log((y + loss.Delta) / (math.Exp(-(r.loss + change)) + loss.Delta))
}

// logitChange returns the change of the loss when logit k alone moves by s.
func (r *answer) logitChange(k int, s float64) float64 {
	p := r.y[k]
	if k == r.t { // the others fall behind
		p, s = r.wrong, -s
	}
	if math.Abs(s) <= kernel.Near {
		return r.byBook(log1p(p * kernel.Expm1(s)))
	}
	return r.change(func(other int) float64 {
		if k == r.t || r.class(other) == k {
			return s
		}
		return 0
	})
}

// log1p is math.Log1p, and the series where that will do.
func log1p(x float64) float64 {
	if math.Abs(x) <= kernel.Near {
		return kernel.Log1p(x)
	}
	return math.Log1p(x)
}
