//go:build !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// specials are numbers that a test draws now and then.
var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, Near, -Near, math.SmallestNonzeroFloat64, 0x1p-1022, -1e-160,
	1e160, -0x1p1000, math.MaxFloat64, 709.9, -745, math.Inf(1), math.Inf(-1), math.NaN(),
}

// memory draws slices between guards, at an odd offset of a register.
type memory struct {
	*rand.Rand
	all  [][]float64
	size float64 // of the ordinary numbers
	rare bool    // whether specials are among them
}

const guards = 9

func (m *memory) draw(n int) []float64 {
	offset := guards + m.IntN(4)
	s := make([]float64, offset+n+guards)
	for i := range s {
		s[i] = m.size * m.NormFloat64()
		if m.rare && m.IntN(6) == 0 {
			s[i] = specials[m.IntN(len(specials))]
		}
	}
	m.all = append(m.all, s)
	return s[offset : offset+n : offset+n]
}

func (m *memory) entries(count, rows int) []Entry {
	entries := make([]Entry, count)
	for i, v := range m.draw(count) {
		entries[i] = Entry{v, m.IntN(rows)}
	}
	return entries
}

// AVX2 and plain Go give the same bits for any lengths and numbers, and do not write
// outside their slices.
func TestTwins(t *testing.T) {
	if !hasAVX2 {
		t.Skip("no AVX2 here")
	}
	for name, call := range map[string]func(m *memory) float64{
		"AddRows": func(m *memory) float64 {
			n, stride := m.IntN(120), 120+m.IntN(3)
			AddRows(m.draw(n), m.entries(m.IntN(6), 7), m.draw(7*stride), stride)
			return 0
		},
		"NonZeros": func(m *memory) float64 {
			n := m.IntN(70)
			x := m.draw(n)
			for i := range x {
				if m.IntN(3) > 0 {
					x[i] = 0
				}
			}
			guard, result := Entry{7, -7}, m.draw(2*n+7)
			dst := make([]Entry, n+4)
			dst[n+3] = guard
			count, largest := NonZeros(dst[:n+3], x)
			for i, e := range dst[:count] {
				result[2*i], result[2*i+1] = e.Value, float64(e.Index)
			}
			if dst[n+3] != guard {
				t.Errorf("NonZeros writes behind dst: %v", dst)
			}
			return largest
		},
		"AddOuter": func(m *memory) float64 {
			n, count, stride := m.IntN(70), m.IntN(6), 70+m.IntN(3)
			AddOuter(m.draw(7*stride), stride, m.entries(count, 7), m.draw(count), m.draw(count), m.draw(n), m.draw(n))
			return 0
		},
		"Products": func(m *memory) float64 {
			rows, segments, width := 1+m.IntN(5), 1+m.IntN(4), 1+m.IntN(60)
			stride := width + m.IntN(3)
			Products(m.draw(rows*segments*width), m.draw(segments*width), m.draw((rows-1)*stride+width), width, stride)
			return 0
		},
		"Largest": func(m *memory) float64 { return Largest(m.draw(m.IntN(70))) },
		"SigmoidSteps": func(m *memory) float64 {
			n, steps := m.IntN(70), m.IntN(5)
			return SigmoidSteps(m.draw(n*steps), m.draw(n), m.draw(n), m.draw(steps))
		},
		"SigmoidChanges": func(m *memory) float64 {
			n, scalars := m.IntN(70), m.draw(2)
			dst, s := m.draw(n), m.draw(n)
			if m.IntN(2) == 0 {
				s = dst
			}
			return SigmoidChanges(dst, s, scalars[0], scalars[1])
		},
		"LossChanges": func(m *memory) float64 {
			n, classes := m.IntN(70), m.IntN(12)
			return LossChanges(m.draw(n), m.draw(n*classes), m.draw(classes))
		},
		"HiddenDifferences": func(m *memory) float64 {
			n, classes := m.IntN(30), 1+m.IntN(12)
			HiddenDifferences(m.draw(n), m.draw(n), m.draw(4*n), m.draw(n*classes), m.draw(classes), m.IntN(classes), m.draw(1)[0])
			return 0
		},
		"OutputDifferences": func(m *memory) float64 {
			n := m.IntN(30)
			OutputDifferences(m.draw(n), m.draw(n), m.draw(n), m.draw(4), m.draw(1)[0])
			return 0
		},
		"Exps":      func(m *memory) float64 { n := m.IntN(30); Exps(m.draw(n), m.draw(n)); return 0 },
		"Logistics": func(m *memory) float64 { n := m.IntN(30); Logistics(m.draw(n), m.draw(n), m.draw(n)); return 0 },
	} {
		for seed := range uint64(3000) {
			run := func(avx2 bool) [][]float64 {
				defer func() { hasAVX2 = true }()
				hasAVX2 = avx2
				m := &memory{Rand: rand.New(rand.NewPCG(seed, 1)), size: math.Pow(10, 3-float64(seed%7)), rare: seed%3 == 0}
				result := call(m)
				return append(m.all, []float64{result})
			}
			got, want := run(true), run(false)
			for i := range want {
				for j := range want[i] {
					if g, w := got[i][j], want[i][j]; !sameBits(g, w) {
						t.Fatalf("%s, seed %d: array %d of %d, element %d: AVX2 %v (%x), plain Go %v (%x)", name, seed, i, len(want), j,
							g, math.Float64bits(g), w, math.Float64bits(w))
					}
				}
			}
		}
	}
}

// sameBits is also true for two NaNs: their bits depend on the order of the operands,
// which the compiler chooses.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}
