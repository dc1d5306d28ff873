package perturb

import (
	"math"

	"numgrad/internal/kernel"
)

// sparse is a vector without its zeros: four in five pixels of MNIST are zero.
type sparse []kernel.Entry

// set takes the vector x, with a 1 behind it, and returns the largest |x|, or 1.
func (s *sparse) set(x []float64) (far float64) {
	all := grow(*s, len(x)+1)
	n := 0
	for i := 0; i < len(x); {
		if rest := x[i:]; len(rest) >= 8 && allZero(rest[:8]) {
			i += 8 // the usual case, in one step
			continue
		}
		for end := min(i+8, len(x)); i < end; i++ {
			all[n] = kernel.Entry{Value: x[i], Index: i}
			if math.Float64bits(x[i])<<1 != 0 { // neither 0 nor −0, told without a jump
				n++
			}
		}
	}
	all[n] = kernel.Entry{Value: 1, Index: len(x)}
	*s = all[:n+1]
	for _, e := range *s {
		if v := math.Abs(e.Value); v > far {
			far = v
		}
	}
	return far
}

// inputs returns the entries without the 1.
func (s sparse) inputs() []kernel.Entry { return s[:len(s)-1] }

// allZero reports whether there is nothing in x but zeros that are positive.
func allZero(x []float64) bool {
	bits := uint64(0)
	for _, v := range x {
		bits |= math.Float64bits(v)
	}
	return bits == 0
}
