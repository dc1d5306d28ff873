package perturb

import (
	"math"

	"numgrad/internal/kernel"
	"numgrad/nn"
)

// activation is the function σ of hidden units. All slices of a call have the
// same length: element i is about one unit, with the pre-activation a[i], the
// activation z[i] and what else it likes to keep, c[i].
type activation interface {
	// values fills z and c.
	values(z, c, a []float64)
	// near sets dst to the changes σ(a+s) − σ(a) for small s, and returns the
	// largest |s| for which they are not linear in s. Where σ has a kink
	// between a−|s| and a+|s|, the change is that of a σ without it, and
	// reach[i] is shortened.
	near(dst, s, a, z, c []float64, reach []span) (largest float64)
	// exact sets dst to the changes for s of any size.
	exact(dst, s, a, z, c []float64)
	// linear reports whether σ is linear between its kinks.
	linear() bool
}

// span is how far a displacement may go to either side before it meets a kink,
// in units of the displacement.
type span struct{ up, down float64 }

var unbounded = span{math.Inf(1), math.Inf(1)}

// shorten tells the span of a kink at the displacement k.
func (s *span) shorten(k float64) {
	if k >= 0 {
		s.up = min(s.up, k)
	}
	if k <= 0 {
		s.down = min(s.down, -k)
	}
}

// kinked reports whether there is a kink within the displacement, to either side.
func (s span) kinked() bool { return s.up <= 1 || s.down <= 1 }

func activationOf(name nn.Activation) activation {
	if name == nn.ReLU {
		return relu{}
	}
	return sigmoid{}
}

// sigmoid keeps the complement c = 1 − z. It is computed by itself: near z = 1
// the subtraction would leave no digits of it.
type sigmoid struct{}

func (sigmoid) values(z, c, a []float64) {
	for i, v := range a {
		z[i], c[i] = logistic(v)
	}
}

func (sigmoid) near(dst, s, _, z, c []float64, _ []span) float64 {
	return kernel.SigmoidChanges(dst, s, z, c)
}

// exact follows the identity σ(a+s) − σ(a) = (1−σ(a))·σ(a+s)·(1 − exp(−s)), or
// the same with a and a+s exchanged where the exponential would overflow.
func (sigmoid) exact(dst, s, a, z, c []float64) {
	for i, v := range s {
		zs, cs := logistic(a[i] + v)
		if v < 0 {
			dst[i] = z[i] * cs * math.Expm1(v)
		} else {
			dst[i] = c[i] * zs * -math.Expm1(-v)
		}
	}
}

func (sigmoid) linear() bool { return false }

// logistic returns 1/(1+exp(−a)) and its complement.
func logistic(a float64) (z, complement float64) {
	e := math.Exp(-math.Abs(a))
	large := 1 / (1 + e)
	small := e * large
	if a < 0 {
		return small, large
	}
	return large, small
}

// relu is max(0, a).
type relu struct{}

func (relu) values(z, _, a []float64) {
	for i, v := range a {
		z[i] = max(0, v)
	}
}

func (relu) near(dst, s, a, _, _ []float64, reach []span) float64 {
	for i, v := range s {
		if math.Abs(v) >= math.Abs(a[i]) && v != 0 {
			reach[i].shorten(-a[i] / v)
		}
		if a[i] <= 0 {
			v = 0
		}
		dst[i] = v
	}
	return 0
}

func (relu) exact(dst, s, a, _, _ []float64) {
	for i, v := range s {
		switch to := a[i] + v; {
		case a[i] > 0 && to > 0:
			dst[i] = v
		case a[i] > 0:
			dst[i] = -a[i]
		case to > 0:
			dst[i] = to
		default:
			dst[i] = 0
		}
	}
}

func (relu) linear() bool { return true }
