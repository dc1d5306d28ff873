// Command _asm writes kernel_amd64.s and the Go declarations beside it: the
// functions of kernel.go for AVX-512, eight numbers to a register, and for
// AVX2 with FMA, four. Each does the operations of its plain twin in the same
// order, and fuses where that says math.FMA. Run it with go generate.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The places of kernel_amd64.go's constants.
const (
	one = iota
	expA
	expB
	logC2
	logC3
	logC4
	logC5
)

func main() {
	ConstraintExpr("!purego")
	for _, v := range []vector{avx512, avx2} {
		addRows(v)
		hiddenLoss(v)
		outputLoss(v)
	}
	Generate()
}

func addRows(v vector) {
	TEXT("addRows"+v.name, NOSPLIT, "func(dst, factors []float64, offsets []int, rows []float64)")
	Pragma("noescape")
	dst, n := slice("dst")
	factors, count := slice("factors")
	offsets, _ := slice("offsets")
	rows, _ := slice("rows")

	v.groups(n, 8, func(g group) {
		sums := g.load(dst)
		factor, offset, left := GP64(), GP64(), GP64()
		MOVQ(factors, factor)
		MOVQ(offsets, offset)
		MOVQ(count, left)
		g.loop("rows", left, func() {
			row, f := GP64(), v.register()
			MOVQ(Mem{Base: offset}, row)
			LEAQ(Mem{Base: rows, Index: row, Scale: 8}, row)
			VBROADCASTSD(Mem{Base: factor}, f)
			for i, sum := range sums {
				VFMADD231PD(g.loadOne(row, i), f, sum)
			}
			ADDQ(Imm(8), factor)
			ADDQ(Imm(8), offset)
		})
		g.store(sums, dst)
	}, dst, rows)
	end()
}

func hiddenLoss(v vector) {
	TEXT("hiddenLoss"+v.name, NOSPLIT, "func(dst, z, c []float64, m float64, w, p []float64, weight float64)")
	Pragma("noescape")
	dst, n := slice("dst")
	z, _ := slice("z")
	c, _ := slice("c")
	w, _ := slice("w")
	p, classes := slice("p")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)

	v.groups(n, v.hiddenGroup, func(g group) {
		m, unit := v.param("m"), v.constant(one)
		deltas := g.load(z)
		sums := make([]reg.VecVirtual, len(deltas))
		for i, delta := range deltas {
			q, rest := g.loadOne(c, i), v.register()
			VMULPD(m, q, q)
			VMULPD(q, delta, delta)
			VSUBPD(q, unit, rest)
			VDIVPD(rest, delta, delta)
			sums[i] = v.register()
			VXORPD(sums[i], sums[i], sums[i])
		}

		a, b := v.constant(expA), v.constant(expB)
		column, class, left := GP64(), GP64(), GP64()
		MOVQ(w, column)
		MOVQ(p, class)
		MOVQ(classes, left)
		g.loop("classes", left, func() {
			pk := v.register()
			VBROADCASTSD(Mem{Base: class}, pk)
			for i, delta := range deltas {
				u := g.loadOne(column, i)
				VMULPD(u, delta, u)
				VFMADD231PD(expm1(v, u, a, b), pk, sums[i])
			}
			ADDQ(stride, column)
			ADDQ(Imm(8), class)
		})

		weight := v.param("weight")
		for i, sum := range sums {
			total := g.loadOne(dst, i)
			VFMADD231PD(log1p(v, sum), weight, total)
			g.storeOne(total, dst, i)
		}
	}, dst, z, c, w)
	end()
}

func outputLoss(v vector) {
	TEXT("outputLoss"+v.name, NOSPLIT, "func(dst, z []float64, p, step, weight float64)")
	Pragma("noescape")
	dst, n := slice("dst")
	z, _ := slice("z")
	p, step, weight := v.param("p"), v.param("step"), v.param("weight")
	v.groups(n, 1, func(g group) {
		a, b := v.constant(expA), v.constant(expB)
		u := g.loadOne(z, 0)
		VMULPD(step, u, u)
		s := expm1(v, u, a, b)
		VMULPD(p, s, s)
		total := g.loadOne(dst, 0)
		VFMADD231PD(log1p(v, s), weight, total)
		g.storeOne(total, dst, 0)
	}, dst, z)
	end()
}

// expm1 returns a new register with the series of kernel.go's expm1 at u.
func expm1(v vector, u, a, b reg.VecVirtual) reg.VecVirtual {
	square, q := v.register(), v.register()
	VMULPD(u, u, square)
	VADDPD(a, u, q)
	VFMADD213PD(b, q, q)
	VFMADD213PD(u, q, square)
	return square
}

// log1p returns a new register with the series of kernel.go's log1p at s.
func log1p(v vector, s reg.VecVirtual) reg.VecVirtual {
	r, square := v.constant(logC5), v.register()
	VMULPD(s, s, square)
	VFMADD213PD(v.constant(logC4), s, r)
	VFMADD213PD(v.constant(logC3), s, r)
	VFMADD213PD(v.constant(logC2), s, r)
	VFMADD213PD(s, r, square)
	return square
}

// slice loads a slice's pointer and length.
func slice(name string) (pointer, length reg.Register) {
	return Load(Param(name).Base(), GP64()), Load(Param(name).Len(), GP64())
}

func end() {
	VZEROUPPER()
	RET()
}
