package kernel

import "testing"

func BenchmarkHiddenLoss(b *testing.B) {
	dst, z, c := make([]float64, 50), make([]float64, 50), make([]float64, 50)
	for i := range z {
		z[i], c[i] = 0.2, 0.5
	}
	w, p := make([]float64, 450), make([]float64, 9)
	for i := range w {
		w[i] = 0.1
	}
	for i := range p {
		p[i] = 0.1
	}
	for b.Loop() {
		HiddenLoss(dst, z, c, w, p, []float64{1e-4, -1e-4}, []float64{1, -1})
	}
}

func BenchmarkAddRows(b *testing.B) {
	dst, z := make([]float64, 50), make([]float64, 50*784)
	f := make([]float64, 150)
	o := make([]int, 150)
	for i := range o {
		o[i] = i * 5
	}
	for b.Loop() {
		AddRows(dst, f, o, z)
	}
}

func BenchmarkOutputLoss(b *testing.B) {
	dst, z := make([]float64, 51), make([]float64, 51)
	for b.Loop() {
		OutputLoss(dst, z, 1e-3, 1e-4, 1)
	}
}
