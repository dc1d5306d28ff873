package kernel

import (
	"fmt"
	"testing"
)

// The kernels at the sizes that the book's net has: 150 pixels of an image, 50
// units, four nodes and nine classes; and with twice the units.
func BenchmarkKernels(b *testing.B) {
	for _, units := range []int{50, 100} {
		entries, pairs := make([]Entry, 150), make([]Pair, 150)
		for i := range entries {
			entries[i] = Entry{0.5, 4 * i}
			pairs[i] = Pair{0.5, 0.25, 4 * i}
		}
		w, row, zero, dst := make([]float64, 784*units), make([]float64, units), make([]float64, units), make([]float64, 4*9*units)
		z := make([]float64, 4*units)
		bench := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/units=%d", name, units), func(b *testing.B) {
				for b.Loop() {
					f()
				}
			})
		}
		bench("AddRows", func() { AddRows(row, entries, w) })
		bench("AddOuter", func() { AddOuter(w, pairs, zero, zero) })
		bench("Products", func() { Products(dst, z, w, units, units) })
		bench("SigmoidChanges", func() { SigmoidChanges(z, z, z, z) })
		bench("LossChanges", func() { LossChanges(z, dst, row[:9]) })
	}
}
