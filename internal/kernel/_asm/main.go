// Command _asm writes kernel_amd64.s and the Go declarations beside it: the
// functions of kernel.go in AVX2, four numbers to a register. Each does the
// operations of its plain twin in the same order, and fuses none. Run it with
// go generate.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	addRows()
	addOuter()
	products()
	sigmoidChanges()
	lossChanges()
	Generate()
}

func addRows() {
	TEXT("addRowsAVX2", NOSPLIT, "func(dst []float64, entries []struct{Value float64; Index int}, rows []float64)")
	Pragma("noescape")
	dst, n := slice("dst")
	entries, count := slice("entries")
	rows, _ := slice("rows")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)

	groups(n, 13, func(g group) { // with 13 sums, all registers are in use
		sums := g.load(dst)
		entry, left := GP64(), GP64()
		MOVQ(entries, entry)
		MOVQ(count, left)
		g.loop("rows", left, func() {
			row, f := GP64(), YMM()
			VBROADCASTSD(Mem{Base: entry}, f)
			MOVQ(Mem{Base: entry, Disp: 8}, row)
			IMULQ(stride, row)
			ADDQ(rows, row)
			for i, sum := range sums {
				product := YMM()
				if g.masked(i) {
					VMASKMOVPD(at(row, i), g.mask, product)
					VMULPD(product, f, product)
				} else {
					VMULPD(at(row, i), f, product)
				}
				VADDPD(product, sum, sum)
			}
			ADDQ(Imm(16), entry)
			DECQ(left)
		})
		g.store(sums, dst)
	}, dst, rows)
	VZEROUPPER()
	RET()
}

func addOuter() {
	TEXT("addOuterAVX2", NOSPLIT, "func(dst []float64, pairs []struct{A, B float64; Index int}, a, b []float64)")
	Pragma("noescape")
	dst, _ := slice("dst")
	pairs, count := slice("pairs")
	a, n := slice("a")
	b, _ := slice("b")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)

	unmasked(n, 6, func(g group) {
		as, bs := g.load(a), g.load(b)
		pair, left := GP64(), GP64()
		MOVQ(pairs, pair)
		MOVQ(count, left)
		g.loop("pairs", left, func() {
			row := GP64()
			fa, fb := g.broadcast(Mem{Base: pair}), g.broadcast(Mem{Base: pair, Disp: 8})
			MOVQ(Mem{Base: pair, Disp: 16}, row)
			IMULQ(stride, row)
			ADDQ(dst, row)
			for i := range as {
				sum, other, old := g.register(), g.register(), g.loadOne(row, i)
				VMULPD(as[i], fa, sum)
				VADDPD(old, sum, sum)
				VMULPD(bs[i], fb, other)
				VADDPD(other, sum, sum)
				g.storeOne(sum, row, i)
			}
			ADDQ(Imm(24), pair)
			DECQ(left)
		})
	}, dst, a, b)
	VZEROUPPER()
	RET()
}

func products() {
	TEXT("productsAVX2", NOSPLIT, "func(dst, d, w []float64, width, stride int)")
	Pragma("noescape")
	dst, all := slice("dst")
	d, lanes := slice("d")
	w := Load(Param("w").Base(), GP64())
	stride := Load(Param("stride"), GP64())
	SHLQ(U8(3), stride)

	left := GP64() // of the numbers in dst
	MOVQ(all, left)
	Label("row")
	factor, segment := GP64(), GP64()
	MOVQ(d, factor)
	MOVQ(lanes, segment)
	Label("segment")
	weight, n := GP64(), Load(Param("width"), GP64())
	MOVQ(w, weight)
	unmasked(n, 4, func(g group) {
		for i := range g.registers {
			product, other := g.loadOne(weight, i), g.loadOne(factor, i)
			VMULPD(other, product, product)
			g.storeOne(product, dst, i)
		}
	}, weight, factor, dst)
	width := Load(Param("width"), GP64())
	SUBQ(width, segment)
	JNZ(LabelRef("segment"))
	ADDQ(stride, w)
	SUBQ(lanes, left)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func sigmoidChanges() {
	TEXT("sigmoidChangesAVX2", NOSPLIT, "func(dst, s, z, c []float64) float64")
	Pragma("noescape")
	dst, n := slice("dst")
	s, _ := slice("s")
	z, _ := slice("z")
	c, _ := slice("c")
	series, one, sign, largest := expm1Series(), broadcast(variable("one")), broadcast(variable("signBit")), YMM()
	VXORPD(largest, largest, largest)

	groups(n, 1, func(g group) {
		x := g.loadOne(s, 0)
		updateLargest(largest, x, sign)
		q, down := YMM(), YMM()
		VXORPD(sign, x, down)
		seriesOf(down, q, series) // expm1(−s)
		VXORPD(sign, q, q)
		VMULPD(q, g.loadOne(c, 0), q)
		change := YMM()
		VMULPD(q, g.loadOne(z, 0), change)
		VSUBPD(q, one, q)
		VDIVPD(q, change, change)
		g.storeOne(change, dst, 0)
	}, dst, s, z, c)
	returnLargest(largest)
}

func lossChanges() {
	TEXT("lossChangesAVX2", NOSPLIT, "func(dst, d, p []float64) float64")
	Pragma("noescape")
	dst, n := slice("dst")
	first, _ := slice("d")
	p, classes := slice("p")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)
	series, sign, largest := expm1Series(), broadcast(variable("signBit")), YMM()
	VXORPD(largest, largest, largest)

	groups(n, 2, func(g group) {
		sums := make([]reg.VecVirtual, g.registers)
		for i := range sums {
			sums[i] = YMM()
			VXORPD(sums[i], sums[i], sums[i])
		}
		row, probability, left := GP64(), GP64(), GP64()
		MOVQ(first, row)
		MOVQ(p, probability)
		MOVQ(classes, left)
		g.loop("classes", left, func() {
			for i, sum := range sums {
				x := g.loadOne(row, i)
				updateLargest(largest, x, sign)
				term, pk := YMM(), YMM()
				seriesOf(x, term, series)
				VBROADCASTSD(Mem{Base: probability}, pk)
				VMULPD(pk, term, term)
				VADDPD(term, sum, sum)
			}
			ADDQ(stride, row)
			ADDQ(Imm(8), probability)
			DECQ(left)
		})
		for i, sum := range sums {
			change := YMM()
			seriesOf(sum, change, log1pSeries())
			g.storeOne(change, dst, i)
		}
	}, dst, first)
	returnLargest(largest)
}

// seriesOf sets y to x + x²·(…(c[0]·x + c[1])·x² + (c[2]·x + c[3])…).
func seriesOf(x, y reg.VecVirtual, c []Op) {
	square := YMM()
	VMULPD(x, x, square)
	VMULPD(c[0], x, y)
	VADDPD(c[1], y, y)
	for i := 2; i < len(c); i += 2 {
		pair := YMM()
		VMULPD(c[i], x, pair)
		VADDPD(c[i+1], pair, pair)
		VMULPD(square, y, y)
		VADDPD(pair, y, y)
	}
	VMULPD(square, y, y)
	VADDPD(x, y, y)
}

// expm1Series returns registers with the coefficients of expm1.
func expm1Series() []Op {
	var c []Op
	for i := range 6 {
		c = append(c, broadcast(variable("expm1Series").Offset(8*i)))
	}
	return c
}

// log1pSeries returns the addresses of the coefficients of log1p, four times
// each.
func log1pSeries() []Op {
	var c []Op
	for i := range 8 {
		c = append(c, variable("log1pSeries").Offset(32*i))
	}
	return c
}

// updateLargest raises largest to |x|, lane by lane. A NaN is passed over.
func updateLargest(largest, x, sign reg.VecVirtual) {
	size := YMM()
	VANDNPD(x, sign, size)
	VMAXPD(largest, size, largest)
}

// returnLargest returns the largest of the lanes.
func returnLargest(largest reg.VecVirtual) {
	half := XMM()
	low := largest.AsX()
	VEXTRACTF128(Imm(1), largest, half)
	VMAXPD(half, low, low)
	VPERMILPD(Imm(1), low, half)
	VMAXSD(half, low, low)
	result := low
	VZEROUPPER()
	Store(result, ReturnIndex(0))
	RET()
}
