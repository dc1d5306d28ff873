//go:build !purego

package kernel

import (
	"math"

	"golang.org/x/sys/cpu"
)

//go:generate sh -c "cd _asm && go run . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel"

// hasAVX2 chooses the assembly. GODEBUG=cpu.avx2=off or cpu.fma=off forbids it.
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// Constants for the assembly. Each number of a series is stored four times.
//
//lint:file-ignore U1000 the assembly reads them
var (
	tailMask = [8]int64{-1, -1, -1, -1}
	signBit  = uint64(1 << 63)
	one      = 1.0
	four     = int64(4)
	indices  = [4]int64{0, 1, 2, 3}
	pick     = picks()

	expm1Series      = fourTimes(1./5040, 1./720, 1./120, 1./24, 1./6, 1./2)
	log1pSeries      = fourTimes(1./9, -1./8, 1./7, -1./6, 1./5, -1./4, 1./3, -1./2)
	shortLog1pSeries = fourTimes(1./5, -1./4, 1./3, -1./2)
	expConstants     = fourTimes(append([]float64{710, -746, math.Log2E, round, -ln2, -ln2Lo, 0.5}, expSeries[:]...)...)
)

func fourTimes(numbers ...float64) (all [80]float64) {
	for i, v := range numbers {
		for lane := range 4 {
			all[4*i+lane] = v
		}
	}
	return all
}

// picks returns, for each set of lanes, the permutation of half lanes that moves the
// set to the front of a register.
func picks() (all [16][8]uint32) {
	for set := range all {
		n := 0
		for lane := range uint32(4) {
			if set>>lane&1 == 1 {
				all[set][n], all[set][n+1] = 2*lane, 2*lane+1
				n += 2
			}
		}
	}
	return all
}
