package gradcheck_test

import (
	"testing"

	"numgrad/gradcheck"
)

// Progress never goes back, and ends where all is done.
func TestProgress(t *testing.T) {
	w, b := make([]float64, 50), []float64{1, 2, 3}
	loss := func() float64 {
		sum := 0.0
		for _, v := range append(append([]float64(nil), w...), b...) {
			sum += v * (v + 1)
		}
		return sum
	}
	dw := make([]float64, 50)
	for i := range dw {
		dw[i] = 1
	}
	last, calls := 0, 0
	gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: w, Gradient: dw}, {Name: "b", X: b, Gradient: []float64{3, 5, 7}}},
		&gradcheck.Settings{
			Losses: 300,
			Progress: func(done, total int) {
				if calls++; done < last || done > total {
					t.Errorf("%d of %d after %d", done, total, last)
				}
				if last = done; done == total {
					last = total
				}
			},
		})
	if calls < 13+8 || last == 0 {
		t.Errorf("%d calls, the last with %d", calls, last)
	}
}
