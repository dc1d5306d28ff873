package nn_test

import (
	"fmt"
	"testing"

	"numgrad/grad"
)

// The changes are those of the whole loss, up to its rounding.
func TestChanges(t *testing.T) {
	for _, s := range samples() {
		for _, h := range []float64{1e-4, -1e-4, 0.1, -0.1} {
			got := make([]float64, len(s.net.Vector))
			s.net.Changes(got, s.x, s.t, h)
			want := make([]float64, len(got))
			before := s.net.Loss(s.x, s.t)
			for i, w := range s.net.Vector {
				s.net.Vector[i] = w + h
				want[i] = s.net.Loss(s.x, s.t) - before
				s.net.Vector[i] = w
			}
			bound := s.roundOff(grad.Forward, 1)
			checkVector(t, fmt.Sprintf("%s, step %v", s.name, h), got, want, bound)
		}
	}
}
