package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Softmax turns the K logits a of one sample into probabilities,
// y[k] = exp(a[k]) / Σ exp(a), and returns them in dst. The largest logit is
// subtracted first (section 3.5.2), so that no exponential overflows.
//
// If dst is nil, a new slice is returned; dst may be a itself. Softmax panics
// if a is empty or the lengths differ. A NaN or +Inf in a makes the result NaN.
func Softmax(dst, a []float64) []float64 {
	if dst == nil {
		dst = make([]float64, len(a))
	}
	if len(dst) != len(a) {
		panic(fmt.Sprintf("loss: Softmax of %d logits into %d places", len(a), len(dst)))
	}
	max := floats.Max(a)
	sum := 0.0
	for k, v := range a {
		dst[k] = math.Exp(v - max)
		sum += dst[k]
	}
	for k := range dst {
		dst[k] /= sum
	}
	return dst
}

// LogSumExp returns log Σ exp(a[k]) over the logits of one sample. It panics
// if a is empty.
func LogSumExp(a []float64) float64 {
	max, rest := maxAndRest(a)
	return max + math.Log1p(rest)
}

// maxAndRest factors Σ exp(a[k]) into exp(max)·(1 + rest). log1p(rest) keeps the
// digits of a small rest.
func maxAndRest(a []float64) (max, rest float64) {
	largest := floats.MaxIdx(a)
	max = a[largest]
	for k, v := range a {
		if k != largest {
			rest += math.Exp(v - max)
		}
	}
	return max, rest
}
