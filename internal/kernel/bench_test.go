package kernel

import (
	"fmt"
	"testing"
)

// The kernels at the sizes that the book's net has: 150 pixels of an image, 52
// units, four nodes and nine classes; and with twice the units.
func BenchmarkKernels(b *testing.B) {
	for _, units := range []int{52, 100} {
		entries, f, x := make([]Entry, 150), make([]float64, 150), make([]float64, 784)
		for i := range entries {
			entries[i] = Entry{0.5, 4 * i}
			x[4*i] = 0.5
		}
		found := make([]Entry, len(x)+3)
		w, row, zero, dst := make([]float64, 784*units), make([]float64, units), make([]float64, units), make([]float64, 4*9*units)
		z := make([]float64, 4*units)
		bench := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/units=%d", name, units), func(b *testing.B) {
				for b.Loop() {
					f()
				}
			})
		}
		bench("NonZeros", func() { NonZeros(found, x) })
		bench("AddRows", func() { AddRows(row, entries, w, units) })
		bench("AddOuter", func() { AddOuter(w, units, entries, f, f, zero, zero) })
		bench("Products", func() { Products(dst, z, w, units, units) })
		bench("SigmoidChanges", func() { SigmoidChanges(z, z, 0.5, 0.5) })
		bench("SigmoidSteps", func() { SigmoidSteps(z, row, row, zero[:4]) })
		bench("HiddenDifferences", func() { HiddenDifferences(dst[:units], dst[units:2*units], z, w[:10*units], row[:10], 3, 1) })
		bench("OutputDifferences", func() { OutputDifferences(dst[:10], dst[10:20], row[:10], zero[:4], 1) })
		bench("Logistics", func() { Logistics(z[:units], row, zero) })
		bench("Largest", func() { Largest(z) })
		bench("LossChanges", func() { LossChanges(z, dst, row[:9]) })
	}
}
