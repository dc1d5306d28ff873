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
	nonZeros()
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

func nonZeros() {
	TEXT("nonZerosAVX2", NOSPLIT, "func(dst []struct{Value float64; Index int}, x []float64) (n int, largest float64)")
	Pragma("noescape")
	dst, _ := slice("dst")
	x, n := slice("x")
	pick, next := GP64(), GP64()
	LEAQ(variable("pick"), pick)
	MOVQ(dst, next)
	index, four, zero := YMM(), YMM(), YMM()
	VMOVUPD(variable("indices"), index)
	VPBROADCASTQ(variable("four"), four)
	VXORPD(zero, zero, zero)
	sign, largest := broadcast(variable("signBit")), YMM()
	VXORPD(largest, largest, largest)

	groups(n, 1, func(g group) {
		value, where := g.loadOne(x, 0), YMM()
		updateLargest(largest, value, sign)
		VCMPPD(U8(4), zero, value, where) // not equal, or not ordered
		set, count := GP32(), GP64()
		VMOVMSKPD(where, set)
		POPCNTQ(set.As64(), count)
		SHLQ(U8(4), count)
		SHLQ(U8(5), set.As64())
		order, at := YMM(), YMM()
		VMOVUPD(Mem{Base: pick, Index: set.As64(), Scale: 1}, order)
		VPERMD(value, order, value)
		VPERMD(index, order, at)
		low, high, entries := YMM(), YMM(), YMM()
		VUNPCKLPD(at, value, low)
		VUNPCKHPD(at, value, high)
		VPERM2F128(U8(0x20), high, low, entries)
		VMOVUPD(entries, Mem{Base: next})
		VPERM2F128(U8(0x31), high, low, entries)
		VMOVUPD(entries, Mem{Base: next, Disp: 32})
		ADDQ(count, next)
		VPADDQ(four, index, index)
	}, x)
	SUBQ(dst, next)
	SHRQ(U8(4), next)
	Store(next, ReturnIndex(0))
	returnLargest(largest, 1)
}

func addOuter() {
	TEXT("addOuterAVX2", NOSPLIT, "func(dst []float64, at []struct{Value float64; Index int}, f, g, a, b []float64)")
	Pragma("noescape")
	dst, _ := slice("dst")
	entries, count := slice("at")
	f, _ := slice("f")
	g, _ := slice("g")
	a, n := slice("a")
	b, _ := slice("b")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)

	// The three arrays are counted up to their ends, from a negative offset.
	SHLQ(U8(3), count)
	ADDQ(count, f)
	ADDQ(count, g)
	LEAQ(Mem{Base: entries, Index: count, Scale: 2}, entries)
	NEGQ(count)

	unmasked(n, 6, func(group group) {
		as, bs := group.load(a), group.load(b)
		offset := GP64()
		MOVQ(count, offset)
		group.loop("entries", offset, func() {
			row := GP64()
			fi := group.broadcast(Mem{Base: f, Index: offset, Scale: 1})
			gi := group.broadcast(Mem{Base: g, Index: offset, Scale: 1})
			MOVQ(Mem{Base: entries, Index: offset, Scale: 2, Disp: 8}, row)
			IMULQ(stride, row)
			ADDQ(dst, row)
			for i := range as {
				sum, other, old := group.register(), group.register(), group.loadOne(row, i)
				VMULPD(as[i], fi, sum)
				VADDPD(old, sum, sum)
				VMULPD(bs[i], gi, other)
				VADDPD(other, sum, sum)
				group.storeOne(sum, row, i)
			}
			ADDQ(Imm(8), offset)
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
	returnLargest(largest, 0)
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
	returnLargest(largest, 0)
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

// returnLargest returns the largest of the lanes, as that of the results.
func returnLargest(largest reg.VecVirtual, result int) {
	half := XMM()
	low := largest.AsX()
	VEXTRACTF128(Imm(1), largest, half)
	VMAXPD(half, low, low)
	VPERMILPD(Imm(1), low, half)
	VMAXSD(half, low, low)
	VZEROUPPER()
	Store(low, ReturnIndex(result))
	RET()
}
