//go:build !purego

package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A twin is the kernels in one form. That both have the signatures of
// kernel.go is what lets this file compile.
type twin struct {
	addRows        func(dst []float64, entries []Entry, rows []float64)
	nonZeros       func(dst []Entry, x []float64) (int, float64)
	addOuter       func(dst []float64, at []Entry, f, g, a, b []float64)
	products       func(dst, d, w []float64, width, stride int)
	sigmoidChanges func(dst, s, z, c []float64) float64
	lossChanges    func(dst, d, p []float64) float64
}

var (
	plain = twin{addRowsGeneric, nonZerosGeneric, addOuterGeneric, productsGeneric, sigmoidChangesGeneric, lossChangesGeneric}
	avx2  = twin{addRowsAVX2, nonZerosAVX2, addOuterAVX2, productsAVX2, sigmoidChangesAVX2, lossChangesAVX2}
)

// specials are numbers that a test draws now and then.
var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, Near, -Near, math.SmallestNonzeroFloat64, 0x1p-1022, -1e-160,
	1e160, -0x1p1000, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN(),
}

// memory draws slices that lie between guards, at an odd offset of a register.
type memory struct {
	random *rand.Rand
	all    [][]float64
	size   float64 // of the ordinary numbers
	rare   bool    // whether specials are among them
}

const guards = 9

func (m *memory) draw(n int) []float64 {
	offset := guards + m.random.IntN(4)
	s := make([]float64, offset+n+guards)
	for i := range s {
		s[i] = m.size * m.random.NormFloat64()
		if m.rare && m.random.IntN(6) == 0 {
			s[i] = specials[m.random.IntN(len(specials))]
		}
	}
	m.all = append(m.all, s)
	return s[offset : offset+n : offset+n]
}

// eachTwin runs test with the same numbers on both twins, and compares all
// memory, the guards too, and the result.
func eachTwin(t *testing.T, test func(k twin, m *memory) float64) {
	t.Helper()
	if !hasAVX2 {
		t.Skip("no AVX2 here")
	}
	for seed := range uint64(6000) {
		run := func(k twin) ([][]float64, float64) {
			m := &memory{random: rand.New(rand.NewPCG(seed, 1)), size: math.Pow(10, -float64(seed%5)), rare: seed%3 == 0}
			result := test(k, m)
			return append(m.all, []float64{result}), result
		}
		got, _ := run(avx2)
		want, _ := run(plain)
		for i := range want {
			for j := range want[i] {
				if !sameBits(got[i][j], want[i][j]) {
					t.Fatalf("seed %d: array %d of %d, element %d: AVX2 %v (%x), plain Go %v (%x)", seed, i, len(want), j,
						got[i][j], math.Float64bits(got[i][j]), want[i][j], math.Float64bits(want[i][j]))
				}
			}
		}
	}
}

// sameBits also holds for two NaN: which one a sum of two gives depends on the
// order of the operands, which is the compiler's to choose.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}

func TestAddRowsTwins(t *testing.T) {
	eachTwin(t, func(k twin, m *memory) float64 {
		n, count := m.random.IntN(120), m.random.IntN(6)
		dst, rows := m.draw(n), m.draw(7*n)
		entries := make([]Entry, count)
		for i, v := range m.draw(count) {
			entries[i] = Entry{v, m.random.IntN(7)}
		}
		k.addRows(dst, entries, rows)
		return 0
	})
}

func TestNonZerosTwins(t *testing.T) {
	eachTwin(t, func(k twin, m *memory) float64 {
		n := m.random.IntN(70)
		x := m.draw(n)
		for i := range x {
			if m.random.IntN(3) > 0 {
				x[i] = 0
			}
		}
		guard, result := Entry{7, -7}, m.draw(2*n+7)
		dst := make([]Entry, n+4)
		dst[n+3] = guard
		count, largest := k.nonZeros(dst[:n+3], x)
		for i, e := range dst[:count] {
			result[2*i], result[2*i+1] = e.Value, float64(e.Index)
		}
		if dst[n+3] != guard {
			t.Errorf("dst is overrun: %v", dst)
		}
		return largest
	})
}

func TestAddOuterTwins(t *testing.T) {
	eachTwin(t, func(k twin, m *memory) float64 {
		n, count := m.random.IntN(70), m.random.IntN(6)
		dst, at := m.draw(7*n), make([]Entry, count)
		for i := range at {
			at[i].Index = m.random.IntN(7)
		}
		k.addOuter(dst, at, m.draw(count), m.draw(count), m.draw(n), m.draw(n))
		return 0
	})
}

func TestProductsTwins(t *testing.T) {
	eachTwin(t, func(k twin, m *memory) float64 {
		rows, segments, width := 1+m.random.IntN(5), 1+m.random.IntN(4), 1+m.random.IntN(60)
		stride := width + m.random.IntN(3)
		dst, d, w := m.draw(rows*segments*width), m.draw(segments*width), m.draw((rows-1)*stride+width)
		k.products(dst, d, w, width, stride)
		return 0
	})
}

func TestSigmoidChangesTwins(t *testing.T) {
	eachTwin(t, func(k twin, m *memory) float64 {
		n := m.random.IntN(70)
		dst, s := m.draw(n), m.draw(n)
		if m.random.IntN(2) == 0 {
			s = dst
		}
		return k.sigmoidChanges(dst, s, m.draw(n), m.draw(n))
	})
}

func TestLossChangesTwins(t *testing.T) {
	eachTwin(t, func(k twin, m *memory) float64 {
		n, classes := m.random.IntN(70), m.random.IntN(12)
		return k.lossChanges(m.draw(n), m.draw(n*classes), m.draw(classes))
	})
}

func ExampleName() {
	fmt.Println(Name() == "AVX2" || Name() == "plain Go")
	// Output: true
}
