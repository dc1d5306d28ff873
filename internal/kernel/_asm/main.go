// Command _asm writes kernel_amd64.s and the Go declarations for it: the functions
// of package kernel in AVX2 with FMA, four numbers to a register. Each does the
// operations of the plain code in the same order. Run it with go generate.
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
	largest()
	sigmoidSteps()
	sigmoidChanges()
	lossChanges()
	hiddenDifferences()
	outputDifferences()
	exps()
	logistics()
	Generate()
}

// function begins a function with the given parameters and results.
func function(name, signature string) {
	TEXT(name+"AVX2", NOSPLIT, "func"+signature)
	Pragma("noescape")
}

func addRows() {
	function("addRows", "(dst []float64, entries []struct{Value float64; Index int}, rows []float64, stride int)")
	dst, n := slice("dst")
	entries, count := slice("entries")
	rows, _ := slice("rows")
	stride := Load(Param("stride"), GP64())
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
				if g.masked(i) {
					VFMADD231PD(g.loadOne(row, i), f, sum)
				} else {
					VFMADD231PD(at(row, i), f, sum)
				}
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
	function("nonZeros", "(dst []struct{Value float64; Index int}, x []float64) (n int, largest float64)")
	dst, _ := slice("dst")
	x, n := slice("x")
	pick, next := GP64(), GP64()
	LEAQ(variable("pick"), pick)
	MOVQ(dst, next)
	index, four, zero := YMM(), YMM(), zeros()
	VMOVUPD(variable("indices"), index)
	VPBROADCASTQ(variable("four"), four)
	largest := newMaximum()

	groups(n, 1, func(g group) {
		value, where := g.loadOne(x, 0), YMM()
		largest.update(value)
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
	largest.result(1)
}

func addOuter() {
	function("addOuter", "(dst []float64, stride int, at []struct{Value float64; Index int}, f, g, a, b []float64)")
	dst, _ := slice("dst")
	stride := Load(Param("stride"), GP64())
	entries, count := slice("at")
	f, _ := slice("f")
	g, _ := slice("g")
	a, n := slice("a")
	b, _ := slice("b")
	SHLQ(U8(3), stride)

	// The three arrays are counted up to their ends, from a negative offset.
	SHLQ(U8(3), count)
	ADDQ(count, f)
	ADDQ(count, g)
	LEAQ(Mem{Base: entries, Index: count, Scale: 2}, entries)
	NEGQ(count)

	unmasked(n, 6, func(group group) { // with 6 numbers of a and of b, 15 registers are in use
		as, bs, offset := group.load(a), group.load(b), GP64()
		MOVQ(count, offset)
		group.loop("entries", offset, func() {
			row := GP64()
			fi := broadcast(Mem{Base: f, Index: offset, Scale: 1})
			gi := broadcast(Mem{Base: g, Index: offset, Scale: 1})
			MOVQ(Mem{Base: entries, Index: offset, Scale: 2, Disp: 8}, row)
			IMULQ(stride, row)
			ADDQ(dst, row)
			for i := range group.registers {
				sum := group.loadOne(row, i)
				VFMADD231PD(as[i], fi, sum)
				VFMADD231PD(bs[i], gi, sum)
				group.storeOne(sum, row, i)
			}
			ADDQ(Imm(8), offset)
		})
	}, dst, a, b)
	VZEROUPPER()
	RET()
}

func products() {
	function("products", "(dst, d, w []float64, width, stride int)")
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

func largest() {
	function("largest", "(x []float64) float64")
	x, n := slice("x")
	// Four chains of maxima: one would wait for itself.
	chains := []maximum{newMaximum(), newMaximum(), newMaximum(), newMaximum()}
	groups(n, 4, func(g group) {
		for i := range g.registers {
			chains[i].update(g.loadOne(x, i))
		}
	}, x)
	for _, c := range chains[1:] {
		VMAXPD(chains[0].of, c.of, chains[0].of)
	}
	chains[0].result(0)
}

func sigmoidSteps() {
	function("sigmoidSteps", "(dst, z, c, e []float64) float64")
	dst, _ := slice("dst")
	z, n := slice("z")
	c, _ := slice("c")
	e, steps := slice("e")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)
	one, largest := broadcast(variable("one")), newMaximum()

	groups(n, 1, func(g group) {
		zs, cs := g.loadOne(z, 0), g.loadOne(c, 0)
		to, step, left := GP64(), GP64(), GP64()
		MOVQ(dst, to)
		MOVQ(e, step)
		MOVQ(steps, left)
		g.loop("steps", left, func() {
			q, change := YMM(), YMM()
			VBROADCASTSD(Mem{Base: step}, q)
			VMULPD(cs, q, q)
			VMULPD(zs, q, change)
			VSUBPD(q, one, q)
			VDIVPD(q, change, change)
			g.storeOne(change, to, 0)
			largest.update(change)
			ADDQ(stride, to)
			ADDQ(Imm(8), step)
			DECQ(left)
		})
	}, dst, z, c)
	largest.result(0)
}

func sigmoidChanges() {
	function("sigmoidChanges", "(dst, s []float64, z, c float64) float64")
	dst, n := slice("dst")
	s, _ := slice("s")
	z, c := broadcastParam("z"), broadcastParam("c")
	series, one, sign, largest := registers("expm1Series", 6), broadcast(variable("one")), broadcast(variable("signBit")), newMaximum()

	groups(n, 1, func(g group) {
		x, q, down, change := g.loadOne(s, 0), YMM(), YMM(), YMM()
		largest.update(x)
		VXORPD(sign, x, down)
		seriesOf(down, q, series) // expm1(−s)
		VXORPD(sign, q, q)
		VMULPD(c, q, q)
		VMULPD(z, q, change)
		VSUBPD(q, one, q)
		VDIVPD(q, change, change)
		g.storeOne(change, dst, 0)
	}, dst, s)
	largest.result(0)
}

func lossChanges() {
	function("lossChanges", "(dst, d, p []float64) float64")
	dst, n := slice("dst")
	first, _ := slice("d")
	p, classes := slice("p")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)
	series, largest := registers("expm1Series", 6), newMaximum()

	groups(n, 2, func(g group) {
		sums := make([]reg.VecVirtual, g.registers)
		for i := range sums {
			sums[i] = zeros()
		}
		row, probability, left := GP64(), GP64(), GP64()
		MOVQ(first, row)
		MOVQ(p, probability)
		MOVQ(classes, left)
		g.loop("classes", left, func() {
			pk := broadcast(Mem{Base: probability})
			for i, sum := range sums {
				x, term := g.loadOne(row, i), YMM()
				largest.update(x)
				seriesOf(x, term, series)
				VFMADD231PD(pk, term, sum)
			}
			ADDQ(stride, row)
			ADDQ(Imm(8), probability)
			DECQ(left)
		})
		for i, sum := range sums {
			change := YMM()
			seriesOf(sum, change, memory("log1pSeries", 8))
			g.storeOne(change, dst, i)
		}
	}, dst, first)
	largest.result(0)
}

func hiddenDifferences() {
	function("hiddenDifferences", "(far, near, dz, w, y []float64, t int, scale float64)")
	far, n := slice("far")
	near, _ := slice("near")
	dz, _ := slice("dz")
	w, _ := slice("w")
	y, classes := slice("y")
	stride, label := GP64(), Load(Param("t"), GP64())
	MOVQ(n, stride)
	SHLQ(U8(3), stride)
	IMULQ(stride, label)
	short := memory("expm1Series", 6)[2:]

	groups(n, 1, func(g group) {
		var ds, sums [4]reg.VecVirtual
		step := GP64()
		MOVQ(dz, step)
		for m := range ds {
			ds[m], sums[m] = g.loadOne(step, 0), zeros()
			ADDQ(stride, step)
		}
		labelRow, row, p, left := GP64(), GP64(), GP64(), GP64()
		LEAQ(Mem{Base: w, Index: label, Scale: 1}, labelRow)
		MOVQ(w, row)
		MOVQ(y, p)
		MOVQ(classes, left)
		labelWeight := g.loadOne(labelRow, 0)
		g.loop("classes", left, func() {
			weight, pk := g.loadOne(row, 0), broadcast(Mem{Base: p})
			VSUBPD(labelWeight, weight, weight)
			for m, sum := range sums {
				x, term := YMM(), YMM()
				VMULPD(weight, ds[m], x)
				seriesOf(x, term, short)
				VFMADD231PD(pk, term, sum)
			}
			ADDQ(stride, row)
			ADDQ(Imm(8), p)
			DECQ(left)
		})
		storeDifferences(g, sums, far, near)
	}, far, near, dz, w)
	VZEROUPPER()
	RET()
}

// storeDifferences stores the differences of log1p of sums 0 and 1, and of sums 2
// and 3, times the parameter scale.
func storeDifferences(g group, sums [4]reg.VecVirtual, to ...reg.Register) {
	scale := broadcastParam("scale")
	for pair, p := range to {
		up, down := YMM(), YMM()
		seriesOf(sums[2*pair], up, memory("shortLog1pSeries", 4))
		seriesOf(sums[2*pair+1], down, memory("shortLog1pSeries", 4))
		VSUBPD(down, up, up)
		VMULPD(scale, up, up)
		g.storeOne(up, p, 0)
	}
}

func outputDifferences() {
	function("outputDifferences", "(far, near, p, e []float64, scale float64)")
	far, _ := slice("far")
	near, _ := slice("near")
	p, n := slice("p")
	e, _ := slice("e")

	groups(n, 1, func(g group) {
		probabilities := g.loadOne(p, 0)
		var products [4]reg.VecVirtual
		for m := range products {
			products[m] = broadcast(Mem{Base: e, Disp: 8 * m})
			VMULPD(probabilities, products[m], products[m])
		}
		storeDifferences(g, products, far, near)
	}, far, near, p)
	VZEROUPPER()
	RET()
}

func exps() {
	function("exps", "(dst, x []float64)")
	dst, n := slice("dst")
	x, _ := slice("x")
	groups(n, 1, func(g group) {
		g.storeOne(exp(g.loadOne(x, 0)), dst, 0)
	}, dst, x)
	VZEROUPPER()
	RET()
}

func logistics() {
	function("logistics", "(z, c, a []float64)")
	z, _ := slice("z")
	c, _ := slice("c")
	a, n := slice("a")
	one, sign := broadcast(variable("one")), broadcast(variable("signBit"))
	groups(n, 1, func(g group) {
		at, negative := g.loadOne(a, 0), YMM()
		VORPD(sign, at, negative) // −|a|
		small, large, less := exp(negative), YMM(), YMM()
		VADDPD(one, small, large)
		VDIVPD(large, one, large)
		VMULPD(large, small, small)
		VCMPPD(U8(1), zeros(), at, less)
		result := YMM()
		VBLENDVPD(less, small, large, result)
		g.storeOne(result, z, 0)
		VBLENDVPD(less, large, small, result)
		g.storeOne(result, c, 0)
	}, z, c, a)
	VZEROUPPER()
	RET()
}

// exp returns exp(x), lane by lane, as Exp computes it.
func exp(x reg.VecVirtual) reg.VecVirtual {
	c := memory("expConstants", 19)
	highest, lowest, log2E, round, ln2, ln2Lo, half, series := c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7:]
	r, rounding := YMM(), YMM()
	VMOVUPD(highest, r)
	VMINPD(x, r, r) // the second operand, x, if it is NaN
	low := YMM()
	VMOVUPD(lowest, low)
	VMAXPD(r, low, r)

	k := YMM()
	VMOVUPD(round, rounding)
	VMOVUPD(log2E, k)
	VFMADD213PD(rounding, r, k)
	VSUBPD(rounding, k, k)
	negative := YMM()
	VMOVUPD(ln2, negative)
	VFMADD231PD(negative, k, r)
	VMOVUPD(ln2Lo, negative)
	VFMADD231PD(negative, k, r)

	sum, square := YMM(), YMM()
	VMOVUPD(series[0], sum)
	for _, coefficient := range series[1:] {
		VFMADD213PD(coefficient, r, sum)
	}
	VMULPD(r, r, square)
	VFMADD213PD(r, square, sum)
	one := broadcast(variable("one"))
	VADDPD(sum, one, sum)

	first, second := YMM(), YMM()
	VMOVUPD(half, first)
	VFMADD213PD(rounding, k, first)
	VSUBPD(rounding, first, second)
	VSUBPD(second, k, second)
	VADDPD(rounding, second, second)
	for _, power := range []reg.VecVirtual{first, second} {
		VPSLLQ(U8(52), power, power)
		VPADDQ(one, power, power)
		VMULPD(power, sum, sum)
	}
	return sum
}

// seriesOf sets y to x + x²·(…(c[0]·x + c[1])·x² + (c[2]·x + c[3])…).
func seriesOf(x, y reg.VecVirtual, c []Op) {
	square := YMM()
	VMULPD(x, x, square)
	VMOVUPD(c[0], y)
	VFMADD213PD(c[1], x, y)
	for i := 2; i < len(c); i += 2 {
		pair := YMM()
		VMOVUPD(c[i], pair)
		VFMADD213PD(c[i+1], x, pair)
		VFMADD213PD(pair, square, y)
	}
	VFMADD213PD(x, square, y)
}
