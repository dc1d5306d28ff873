package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of float64 in a register.
const lanes = 4

// slice loads the address and the length of a parameter.
func slice(name string) (base, length reg.Register) {
	return Load(Param(name).Base(), GP64()), Load(Param(name).Len(), GP64())
}

// broadcast returns a register with the number at m in each lane.
func broadcast(m Mem) reg.VecVirtual {
	r := YMM()
	VBROADCASTSD(m, r)
	return r
}

// broadcastParam returns a register with a parameter in each lane.
func broadcastParam(name string) reg.VecVirtual {
	parameter, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return broadcast(parameter.Addr)
}

// zeros returns a register of zeros.
func zeros() reg.VecVirtual {
	r := YMM()
	VXORPD(r, r, r)
	return r
}

// memory returns the addresses of the first n numbers of a variable that holds
// each of them four times.
func memory(name string, n int) []Op {
	var all []Op
	for i := range n {
		all = append(all, variable(name).Offset(8*lanes*i))
	}
	return all
}

// registers returns registers with the contents of [memory].
func registers(name string, n int) []Op {
	all := memory(name, n)
	for i, m := range all {
		r := YMM()
		VMOVUPD(m, r)
		all[i] = r
	}
	return all
}

// maximum is the largest absolute value of each lane so far.
type maximum struct{ of, sign reg.VecVirtual }

func newMaximum() maximum { return maximum{zeros(), broadcast(variable("signBit"))} }

// update takes the numbers of x into account. It ignores NaN.
func (m maximum) update(x reg.VecVirtual) {
	size := YMM()
	VANDNPD(x, m.sign, size)
	VMAXPD(m.of, size, m.of)
}

// result returns the largest of all lanes as the given result of the function.
func (m maximum) result(index int) {
	half, low := XMM(), m.of.AsX()
	VEXTRACTF128(Imm(1), m.of, half)
	VMAXPD(half, low, low)
	VPERMILPD(Imm(1), low, half)
	VMAXSD(half, low, low)
	VZEROUPPER()
	Store(low, ReturnIndex(index))
	RET()
}

// variable is the address of a Go variable.
func variable(name string) Mem {
	return Mem{Symbol: Symbol{Name: "·" + name}, Base: reg.StaticBase}
}

// at is the address of register i of the numbers at p.
func at(p reg.Register, i int) Mem { return Mem{Base: p, Disp: 8 * lanes * i} }

// group is some registers' worth of neighbouring numbers.
type group struct {
	name      string
	registers int
	mask      reg.Register // of the last register, or nil
	width     int          // of a register: 4, 2 or 1 numbers
}

// groups goes through slices of n numbers, whose pointers it moves on, in
// groups of size registers and, for what is left, one smaller group.
func groups(n reg.Register, size int, body func(group), pointers ...reg.Register) {
	names++
	prefix := fmt.Sprintf("groups_%d_", names)
	whole := size * lanes
	Label(prefix + "next")
	CMPQ(n, U32(uint32(whole)))
	JL(LabelRef(prefix + "rest"))
	body(group{name: prefix + "full", registers: size, width: lanes})
	for _, p := range pointers {
		ADDQ(U32(uint32(8*whole)), p)
	}
	SUBQ(U32(uint32(whole)), n)
	JMP(LabelRef(prefix + "next"))

	Label(prefix + "rest")
	for registers := size; registers > 0; registers-- {
		smaller := fmt.Sprintf("%sat_most_%d", prefix, registers-1)
		CMPQ(n, U32(uint32((registers-1)*lanes)))
		JLE(LabelRef(smaller))
		if registers > 1 {
			SUBQ(U32(uint32((registers-1)*lanes)), n)
		}
		body(group{fmt.Sprintf("%srest_%d", prefix, registers), registers, mask(n), lanes})
		JMP(LabelRef(prefix + "at_most_0"))
		Label(smaller)
	}
}

var names int

// unmasked is groups without masks, since a masked store takes ten times as long
// as another: what is left goes by two numbers, and by one.
func unmasked(n reg.Register, size int, body func(group), pointers ...reg.Register) {
	names++
	prefix := fmt.Sprintf("groups_%d_", names)
	for registers := size; registers > 0; registers-- {
		step(prefix, n, registers, lanes, body, pointers)
	}
	step(prefix, n, 1, 2, body, pointers)
	step(prefix, n, 1, 1, body, pointers)
}

// step repeats body for groups of one size while there are enough numbers.
func step(prefix string, n reg.Register, registers, width int, body func(group), pointers []reg.Register) {
	again := fmt.Sprintf("%s%d_of_%d", prefix, registers, width)
	Label(again)
	CMPQ(n, U32(uint32(registers*width)))
	JL(LabelRef(again + "_done"))
	body(group{name: again, registers: registers, width: width})
	for _, p := range pointers {
		ADDQ(U32(uint32(8*registers*width)), p)
	}
	SUBQ(U32(uint32(registers*width)), n)
	JMP(LabelRef(again))
	Label(again + "_done")
}

// mask returns a register that has the first n lanes set.
func mask(n reg.Register) reg.Register {
	// tailMask holds four −1 and then four 0: n of the one before the other.
	first, offset, mask := GP64(), GP64(), YMM()
	LEAQ(variable("tailMask").Offset(32), first)
	MOVQ(n, offset)
	SHLQ(U8(3), offset)
	SUBQ(offset, first)
	VMOVUPD(Mem{Base: first}, mask)
	return mask
}

// loop repeats body, whose last operation changes left, until left is zero.
func (g group) loop(name string, left reg.Register, body func()) {
	name = g.name + "_" + name
	TESTQ(left, left)
	JZ(LabelRef(name + "_done"))
	Label(name)
	body()
	JNZ(LabelRef(name))
	Label(name + "_done")
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

// loadOne returns register i of the numbers at p, with zeros in the lanes that the
// group does not have.
func (g group) loadOne(p reg.Register, i int) reg.VecVirtual {
	r := YMM()
	switch {
	case g.masked(i):
		VMASKMOVPD(at(p, i), g.mask, r)
	case g.width == 1:
		VMOVSD(at(p, i), r.AsX())
	case g.width == 2:
		VMOVUPD(at(p, i), r.AsX())
	default:
		VMOVUPD(at(p, i), r)
	}
	return r
}

func (g group) storeOne(r reg.VecVirtual, p reg.Register, i int) {
	switch {
	case g.masked(i):
		VMASKMOVPD(r, g.mask, at(p, i))
	case g.width == 1:
		VMOVSD(r.AsX(), at(p, i))
	case g.width == 2:
		VMOVUPD(r.AsX(), at(p, i))
	default:
		VMOVUPD(r, at(p, i))
	}
}

// masked reports whether register i is the last one, and not full.
func (g group) masked(i int) bool { return g.mask != nil && i == g.registers-1 }
