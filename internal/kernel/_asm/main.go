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
	TEXT("addRows"+v.name, NOSPLIT, "func(dst, factors []float64, indices []int, rows []float64)")
	Pragma("noescape")
	dst, n := slice("dst")
	factors, count := slice("factors")
	indices, _ := slice("indices")
	rows, _ := slice("rows")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)

	v.groups(n, 8, func(g group) {
		sums := g.load(dst)
		factor, index, left := GP64(), GP64(), GP64()
		MOVQ(factors, factor)
		MOVQ(indices, index)
		MOVQ(count, left)
		g.loop("rows", left, func() {
			row, f := GP64(), v.broadcast(Mem{Base: factor})
			MOVQ(Mem{Base: index}, row)
			IMULQ(stride, row)
			ADDQ(rows, row)
			for i, sum := range sums {
				VFMADD231PD(g.loadOne(row, i), f, sum)
			}
			ADDQ(Imm(8), factor)
			ADDQ(Imm(8), index)
		})
		g.store(sums, dst)
	}, dst, rows)
	end()
}

func hiddenLoss(v vector) {
	TEXT("hiddenLoss"+v.name, NOSPLIT, "func(dst, z, c, w, p, m, weights []float64)")
	Pragma("noescape")
	dst, n := slice("dst")
	z, _ := slice("z")
	c, _ := slice("c")
	w, _ := slice("w")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(3), stride)

	v.groups(n, v.hiddenGroup, func(g group) {
		totals := g.zeros()
		m, moves := slice("m") // which each group goes through anew
		weight, _ := slice("weights")
		g.loop("moves", moves, func() {
			sums := g.zeros()
			deltas := g.deltas(z, c, m)
			a, b := v.constant(expA), v.constant(expB)
			class, classes := slice("p")
			column := GP64()
			MOVQ(w, column)
			g.loop("classes", classes, func() {
				pk := v.broadcast(Mem{Base: class})
				for i, delta := range deltas {
					u := g.loadOne(column, i)
					VMULPD(u, delta, u)
					VFMADD231PD(expm1(v, u, a, b), pk, sums[i])
				}
				ADDQ(stride, column)
				ADDQ(Imm(8), class)
			})
			factor := v.broadcast(Mem{Base: weight})
			for i, sum := range sums {
				VFMADD231PD(log1p(v, sum), factor, totals[i])
			}
			ADDQ(Imm(8), m)
			ADDQ(Imm(8), weight)
		})
		g.store(totals, dst)
	}, dst, z, c, w)
	end()
}

// deltas returns how far the activations move: z·q / (1−q), q = c·m.
func (g group) deltas(z, c, m reg.Register) []reg.VecVirtual {
	factor, unit := g.broadcast(Mem{Base: m}), g.constant(one)
	deltas := g.load(z)
	for i, delta := range deltas {
		q, rest := g.loadOne(c, i), g.register()
		VMULPD(factor, q, q)
		VMULPD(q, delta, delta)
		VSUBPD(q, unit, rest)
		VDIVPD(rest, delta, delta)
	}
	return deltas
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
