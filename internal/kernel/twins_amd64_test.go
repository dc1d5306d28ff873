//go:build !purego

package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// twin is the kernels in one instruction set. That all have the signatures of
// kernel.go is what lets this file compile.
type twin struct {
	name       string
	runs       bool // on this processor
	addRows    func(dst, factors []float64, indices []int, rows []float64)
	hiddenLoss func(dst, z, c, w, p, m, weights []float64)
	outputLoss func(dst, z []float64, p, step, weight float64)
}

var (
	plain    = twin{plainGo, true, addRowsGeneric, hiddenLossGeneric, outputLossGeneric}
	assembly = []twin{
		{"AVX2", hasAVX2, addRowsAVX2, hiddenLossAVX2, outputLossAVX2},
		{"AVX-512", hasAVX512, addRowsAVX512, hiddenLossAVX512, outputLossAVX512},
	}
)

func TestAddRowsTwins(t *testing.T) {
	counts := []int{0, 1, 2, 3, 4, 5, 40}
	eachCase(t, func(c *twinCase) {
		count := c.oneOf(counts)
		factors := c.draw(count, c.number)
		rows := c.draw(7*c.n, c.number)
		indices := make([]int, count)
		for i := range indices {
			indices[i] = c.random.IntN(7)
		}
		if count > 0 { // the last row ends where rows ends
			indices[count-1] = 6
		}
		c.compare(fmt.Sprintf("addRows of %d rows", count), func(k twin, s [][]float64) {
			k.addRows(s[0], s[1], indices, s[2])
		}, c.draw(c.n, c.number), factors, rows)
	})
}

func TestHiddenLossTwins(t *testing.T) {
	counts := []int{0, 1, 2, 9, 12, 255}
	eachCase(t, func(c *twinCase) {
		others := c.oneOf(counts)
		moves := c.random.IntN(4)
		m := c.draw(moves, func(float64) float64 { return c.step() })
		weights := c.draw(moves, func(v float64) float64 { return c.number(50 * v) })
		z, complement := c.draw(c.n, c.share), c.draw(c.n, c.share)
		w := c.draw(c.n*others, c.number)
		if c.kind == atBound { // δ = 1, and δ·w is the bound
			fill(m, 0.5)
			fill(z, 1)
			fill(complement, 1)
			for i := range w {
				w[i] = c.bound()
			}
		}
		c.compare(fmt.Sprintf("hiddenLoss with %d other classes, %d moves", others, moves), func(k twin, s [][]float64) {
			k.hiddenLoss(s[0], s[1], s[2], s[3], s[4], s[5], s[6])
		}, c.draw(c.n, c.number), z, complement, w, c.draw(others, c.share), m, weights)
	})
}

func TestOutputLossTwins(t *testing.T) {
	eachCase(t, func(c *twinCase) {
		p, step, weight := c.share(c.random.NormFloat64()), c.step(), c.number(50*c.random.NormFloat64())
		z := c.draw(c.n, c.share)
		if c.kind == atBound {
			step = c.bound()
			fill(z, 1)
		}
		c.compare("outputLoss", func(k twin, s [][]float64) {
			k.outputLoss(s[0], s[1], p, step, weight)
		}, c.draw(c.n, c.number), z)
	})
}

// kind is what the numbers of a case are like.
type kind string

const (
	ordinary    kind = "as in a net"
	atBound     kind = "at MaxChange"
	large       kind = "large" // far beyond MaxChange, where each rounding of the series shows
	adversarial kind = "adversarial"
)

// specials are what an adversarial case is full of.
var specials = []float64{
	0, 1, 0.5, 1 / Unit, MaxChange, MaxChange / Unit,
	math.SmallestNonzeroFloat64, 0x1p-1030, math.Nextafter(0x1p-1022, 0), 0x1p-1022, 1e-160,
	1e160, 0x1p1000, math.MaxFloat64, math.Inf(1), math.NaN(),
}

// twinCase is n hidden units, with dst at offset from a multiple of eight
// numbers.
type twinCase struct {
	t      *testing.T
	random *rand.Rand
	kind   kind
	n      int
	offset int
}

// eachCase calls test for every kind, length and offset.
func eachCase(t *testing.T, test func(c *twinCase)) {
	for _, k := range assembly {
		if !k.runs {
			t.Logf("%s does not run here", k.name)
		}
	}
	for i, kind := range []kind{ordinary, atBound, large, adversarial} {
		random := rand.New(rand.NewPCG(2, uint64(i)))
		for n := range 131 {
			for offset := range 8 {
				test(&twinCase{t, random, kind, n, offset})
			}
		}
	}
}

// oneOf returns one of up to eight counts: every length meets each of them.
func (c *twinCase) oneOf(counts []int) int { return counts[(c.n+c.offset)%len(counts)] }

// number returns v, or in an adversarial case, one time in four, a special
// number.
func (c *twinCase) number(v float64) float64 {
	if c.kind == adversarial && c.random.IntN(4) == 0 {
		v = specials[c.random.IntN(len(specials))]
		if c.random.IntN(2) == 0 {
			v = -v
		}
	}
	return v
}

// share is number for what is between 0 and 1 in a net.
func (c *twinCase) share(v float64) float64 {
	return c.number(math.Abs(v - math.Trunc(v)))
}

// step is number for what is about as large as the displacement of a weight.
func (c *twinCase) step() float64 {
	v := c.random.NormFloat64()
	if c.kind != large {
		v *= 1e-4
	}
	return c.number(v)
}

// bound returns a largest change, in either unit, or a neighbour of it.
func (c *twinCase) bound() float64 {
	v := []float64{MaxChange, MaxChange / Unit}[c.random.IntN(2)]
	v = []float64{v, math.Nextafter(v, 0), math.Nextafter(v, 1)}[c.random.IntN(3)]
	return math.Copysign(v, c.random.NormFloat64())
}

// draw returns n numbers that from makes of normally distributed ones.
func (c *twinCase) draw(n int, from func(float64) float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = from(c.random.NormFloat64())
	}
	return values
}

func fill(values []float64, v float64) {
	for i := range values {
		values[i] = v
	}
}

// The numbers around each slice: as many as the widest group of registers.
const guards = 64

// A guard is a signaling NaN: a kernel that reads one has NaN in dst, and one
// that computes with it and puts it back has made it quiet.
var guard = math.Float64frombits(0x7ff0_dead_beef_0000)

// place copies slices into one memory with guards before, between and behind
// them, and returns the memory and the slices there.
func (c *twinCase) place(slices [][]float64, offsets []int) (memory []float64, placed [][]float64) {
	size := guards
	for _, s := range slices {
		size += 7 + 7 + len(s) + guards
	}
	memory = make([]float64, size)
	fill(memory, guard)
	next := guards
	for i, s := range slices {
		next = (next+7)/8*8 + offsets[i]
		placed = append(placed, memory[next:][:len(s)]) // with a capacity that is not the length
		next += copy(placed[i], s) + guards
	}
	return memory, placed
}

// compare has each twin called on copies of the slices, of which the first is
// dst, and fails unless all memory is the same afterwards.
func (c *twinCase) compare(name string, call func(k twin, s [][]float64), slices ...[]float64) {
	c.t.Helper()
	offsets := make([]int, len(slices))
	for i := range offsets {
		offsets[i] = c.random.IntN(8)
	}
	offsets[0] = c.offset

	want, placed := c.place(slices, offsets)
	call(plain, placed)
	dst := guards + c.offset
	for _, k := range assembly {
		if !k.runs {
			continue
		}
		got, placed := c.place(slices, offsets)
		call(k, placed)
		if table := differences(k.name, got, want, dst, dst+c.n); table != "" {
			c.t.Fatalf("%s, %d units, %s, dst at 8·k+%d:\n%s", name, c.n, c.kind, c.offset, table)
		}
	}
}

// same reports whether two numbers of dst, or of the guards and slices around
// it, have the same bits. NaN is equal to NaN within dst: which payload and sign
// comes out of an operation on two is the order of an instruction's operands,
// and a compiler may swap them.
func same(a, b float64, inDst bool) bool {
	return math.Float64bits(a) == math.Float64bits(b) || inDst && math.IsNaN(a) && math.IsNaN(b)
}

// differences returns a table of dst, which is memory[first:last], and of all
// else that is not the same; or "" if all is.
func differences(name string, got, want []float64, first, last int) string {
	var table strings.Builder
	for i := range want {
		if !same(got[i], want[i], first <= i && i < last) {
			fmt.Fprintf(&table, "%8s %24s %24s\n", "dst", plainGo, name)
			break
		}
	}
	if table.Len() == 0 {
		return ""
	}
	for i := range want {
		inDst := first <= i && i < last
		mark := ""
		if !same(got[i], want[i], inDst) {
			mark = fmt.Sprintf("  <- %x, %x", math.Float64bits(want[i]), math.Float64bits(got[i]))
		}
		if inDst || mark != "" {
			fmt.Fprintf(&table, "%8s %24v %24v%s\n", fmt.Sprintf("[%d]", i-first), want[i], got[i], mark)
		}
	}
	return table.String()
}
