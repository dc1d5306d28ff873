package nn

import "math"

// Activation names the function of the hidden units.
type Activation string

// The activations of sections 3.2.4 and 3.2.7.
const (
	Sigmoid Activation = "sigmoid" // 1/(1+exp(−a)); the empty string is the same
	ReLU    Activation = "relu"    // a where it is positive, else 0
)

// of returns z = σ(a).
func (s Activation) of(a float64) float64 {
	if s == ReLU {
		return math.Max(0, a)
	}
	return 1 / (1 + math.Exp(-a))
}

// slope returns dz/da of a unit that answers z (sections 5.5.1 and 5.5.2).
func (s Activation) slope(z float64) float64 {
	if s == ReLU {
		if z > 0 {
			return 1
		}
		return 0
	}
	return z * (1 - z)
}
