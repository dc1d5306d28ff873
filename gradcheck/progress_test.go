package gradcheck

import "testing"

// Progress counts to the number of elements and directions, one by one.
func TestProgress(t *testing.T) {
	w := make([]float64, 50)
	b := []float64{1, 2, 3}
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
	count := 0
	Check(loss, []Param{{Name: "w", X: w, Gradient: dw}, {Name: "b", X: b, Gradient: []float64{3, 5, 7}}}, &Settings{
		Sample: 10,
		Progress: func(done, total int) {
			if count++; done != count || total != 10+directions+3 {
				t.Errorf("call %d says %d of %d", count, done, total)
			}
		},
	})
	if count != 10+directions+3 {
		t.Errorf("%d calls, want %d", count, 10+directions+3)
	}
}
