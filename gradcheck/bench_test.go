package gradcheck_test

import (
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"numgrad/grad"
	"numgrad/gradcheck"
)

// benchmarkLoss has so many variables that a copy of them is no trifle, and
// looks at few.
func benchmarkLoss(x []float64) float64 {
	return x[0]*x[1] + x[2]
}

// BenchmarkCheck takes 8 losses to an element, fd.Central 2 and as many copies
// of x.
func BenchmarkCheck(b *testing.B) {
	x := make([]float64, 4000)
	g := make([]float64, len(x))
	x[0], x[1], x[2], g[0], g[1], g[2] = 2, 3, 5, 3, 2, 1
	b.Run("gradcheck.Check", func(b *testing.B) {
		for b.Loop() {
			r := gradcheck.Check(func() float64 { return benchmarkLoss(x) }, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil)
			if err := r.Err(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("fd.Gradient", func(b *testing.B) {
		for b.Loop() {
			fd.Gradient(g, benchmarkLoss, x, &fd.Settings{Formula: fd.Central})
		}
	})
	b.Run("grad.InPlace", func(b *testing.B) {
		for b.Loop() {
			grad.InPlace(g, func() float64 { return benchmarkLoss(x) }, x, nil)
		}
	})
}

// BenchmarkCheckNet checks all 39,760 elements of the book's net.
func BenchmarkCheckNet(b *testing.B) {
	e := newExam(b)
	for b.Loop() {
		if err := e.check(e.right).Err(); err != nil {
			b.Fatal(err)
		}
	}
}
