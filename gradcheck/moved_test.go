package gradcheck_test

import (
	"math"
	"slices"
	"testing"

	"numgrad/gradcheck"
)

// A copy that follows what Moved tells has the values of the variables
// whenever the loss is asked, whatever it is asked for.
func TestMoved(t *testing.T) {
	for name, test := range map[string]struct {
		loss func(w, b []float64) float64
		spot int // the element of w that is wrong
	}{
		"smooth": {func(w, b []float64) float64 { f, _ := bowl(w); g, _ := bowl(b); return f + g }, -1},
		"wrong":  {func(w, b []float64) float64 { f, _ := bowl(w); g, _ := bowl(b); return f + g }, 33},
		"kink":   {func(w, b []float64) float64 { f, _ := bowl(w); return f + math.Abs(b[0]) }, -1},
		"flat":   {func(w, b []float64) float64 { return max(1, w[0]) }, 0},
	} {
		w, b := make([]float64, 40), []float64{0, 1}
		_, dw := bowl(w)
		_, db := bowl(b)
		if test.spot >= 0 {
			dw[test.spot] = 1
		}
		x := [][]float64{w, b}
		following := [][]float64{slices.Clone(w), slices.Clone(b)}
		var behind, asked int
		gradcheck.Check(func() float64 {
			asked++
			for p := range x {
				if !slices.Equal(following[p], x[p]) {
					behind++
				}
			}
			return test.loss(w, b)
		}, []gradcheck.Param{{Name: "w", X: w, Gradient: dw}, {Name: "b", X: b, Gradient: db}}, &gradcheck.Settings{
			Sample: 10,
			Moved:  func(p, first, end int) { copy(following[p][first:end], x[p][first:end]) },
		})
		if behind > 0 || asked < 100 {
			t.Errorf("%s: the copy is behind at %d of %d losses", name, behind, asked)
		}
	}
}
