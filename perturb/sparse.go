package perturb

import "numgrad/internal/kernel"

// sparse is a vector without its zeros: four in five pixels of MNIST are zero.
type sparse []kernel.Entry

// set takes the vector x, with a 1 behind it, and returns the largest |x|, or 1.
func (s *sparse) set(x []float64) (far float64) {
	all := grow(*s, len(x)+3)
	n, largest := kernel.NonZeros(all, x)
	all[n] = kernel.Entry{Value: 1, Index: len(x)}
	*s = all[:n+1]
	return max(1, largest)
}

// inputs returns the entries without the 1.
func (s sparse) inputs() []kernel.Entry { return s[:len(s)-1] }
