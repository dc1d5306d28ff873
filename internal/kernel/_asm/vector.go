package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vector is an instruction set.
type vector struct {
	name        string
	lanes       int
	register    func() reg.VecVirtual
	hiddenGroup int // registers of units that hiddenLoss works on at a time
	// mask returns the mask of the first n lanes, 1 ≤ n ≤ lanes.
	mask  func(n reg.Register) reg.Register
	load  func(m Mem, mask reg.Register, r reg.VecVirtual)
	store func(r reg.VecVirtual, mask reg.Register, m Mem)
}

// Four registers of units, each with a chain of its own, keep the units for
// fused multiply-add busy; AVX2 has registers for three.
var avx512 = vector{
	name:        "AVX512",
	lanes:       8,
	register:    func() reg.VecVirtual { return ZMM() },
	hiddenGroup: 4,
	mask: func(n reg.Register) reg.Register {
		bits, mask := GP32(), K()
		MOVL(U32(0xff), bits)
		BZHIL(n.(reg.GPVirtual).As32(), bits, bits)
		KMOVW(bits, mask)
		return mask
	},
	load:  func(m Mem, mask reg.Register, r reg.VecVirtual) { VMOVUPD_Z(m, mask, r) },
	store: func(r reg.VecVirtual, mask reg.Register, m Mem) { VMOVUPD(r, mask, m) },
}

var avx2 = vector{
	name:        "AVX2",
	lanes:       4,
	register:    func() reg.VecVirtual { return YMM() },
	hiddenGroup: 3,
	mask: func(n reg.Register) reg.Register {
		// tailMask holds four −1 and then four 0: n of the one before the other.
		first, mask := GP64(), YMM()
		LEAQ(variable("tailMask").Offset(32), first)
		SHLQ(U8(3), n)
		SUBQ(n, first)
		VMOVUPD(Mem{Base: first}, mask)
		return mask
	},
	load:  func(m Mem, mask reg.Register, r reg.VecVirtual) { VMASKMOVPD(m, mask, r) },
	store: func(r reg.VecVirtual, mask reg.Register, m Mem) { VMASKMOVPD(r, mask, m) },
}

// param returns a register with a parameter in each lane.
func (v vector) param(name string) reg.VecVirtual {
	addr, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return v.broadcast(addr.Addr)
}

// constant returns a register with one of kernel_amd64.go's constants in each
// lane.
func (v vector) constant(index int) reg.VecVirtual {
	return v.broadcast(variable("constants").Offset(8 * index))
}

// broadcast returns a register with the number at m in each lane.
func (v vector) broadcast(m Mem) reg.VecVirtual {
	r := v.register()
	VBROADCASTSD(m, r)
	return r
}

// variable is the address of a Go variable.
func variable(name string) Mem {
	return Mem{Symbol: Symbol{Name: "·" + name}, Base: reg.StaticBase}
}

// group is some registers' worth of neighbouring numbers. The last register
// may be masked.
type group struct {
	vector
	name      string
	registers int
	tail      reg.Register // the mask, or nil
}

// groups goes through slices of n numbers, whose pointers it moves on, in
// groups of size registers and, for what is left, one smaller group.
func (v vector) groups(n reg.Register, size int, body func(group), pointers ...reg.Register) {
	whole := size * v.lanes
	Label("next")
	CMPQ(n, U32(whole))
	JL(LabelRef("rest"))
	body(group{v, "full", size, nil})
	for _, p := range pointers {
		ADDQ(U32(8*whole), p)
	}
	SUBQ(U32(whole), n)
	JMP(LabelRef("next"))

	Label("rest")
	for registers := size; registers > 0; registers-- {
		smaller := fmt.Sprintf("at_most_%d", registers-1)
		CMPQ(n, U32((registers-1)*v.lanes))
		JLE(LabelRef(smaller))
		if registers > 1 {
			SUBQ(U32((registers-1)*v.lanes), n)
		}
		body(group{v, fmt.Sprintf("rest_%d", registers), registers, v.mask(n)})
		JMP(LabelRef("at_most_0"))
		Label(smaller)
	}
}

// loop repeats body until left, which it counts down, is zero.
func (g group) loop(name string, left reg.Register, body func()) {
	name = g.name + "_" + name
	TESTQ(left, left)
	JZ(LabelRef(name + "_done"))
	Label(name)
	body()
	DECQ(left)
	JNZ(LabelRef(name))
	Label(name + "_done")
}

func (g group) zeros() []reg.VecVirtual {
	all := make([]reg.VecVirtual, g.registers)
	for i := range all {
		all[i] = g.register()
		VXORPD(all[i], all[i], all[i])
	}
	return all
}

func (g group) load(p reg.Register) []reg.VecVirtual {
	all := make([]reg.VecVirtual, g.registers)
	for i := range all {
		all[i] = g.loadOne(p, i)
	}
	return all
}

func (g group) store(all []reg.VecVirtual, p reg.Register) {
	for i, r := range all {
		g.storeOne(r, p, i)
	}
}

func (g group) loadOne(p reg.Register, i int) reg.VecVirtual {
	r := g.register()
	if m := g.address(p, i); g.masked(i) {
		g.vector.load(m, g.tail, r)
	} else {
		VMOVUPD(m, r)
	}
	return r
}

func (g group) storeOne(r reg.VecVirtual, p reg.Register, i int) {
	if m := g.address(p, i); g.masked(i) {
		g.vector.store(r, g.tail, m)
	} else {
		VMOVUPD(r, m)
	}
}

func (g group) masked(i int) bool { return g.tail != nil && i == g.registers-1 }

func (g group) address(p reg.Register, i int) Mem { return Mem{Base: p, Disp: 8 * g.lanes * i} }
