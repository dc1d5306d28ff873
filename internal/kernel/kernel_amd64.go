//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd _asm && go run . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel"

// What the assembly reads.
//
//lint:file-ignore U1000 the assembly reads it
var (
	tailMask    = [8]int64{-1, -1, -1, -1}
	signBit     = uint64(1 << 63)
	one         = 1.0
	expm1Series = [...]float64{1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2}
	four        = int64(4)
	indices     = [4]int64{0, 1, 2, 3}
	pick        = picks()
	log1pSeries = fourTimes(1./9, -1./8, 1./7, -1./6, 1./5, -1./4, 1./3, -1./2)
)

func fourTimes(numbers ...float64) (all [32]float64) {
	for i, v := range numbers {
		for lane := range 4 {
			all[4*i+lane] = v
		}
	}
	return all
}

// picks returns, for each set of lanes, where the halves of a register's lanes
// come from when those of the set are moved to its front.
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

// GODEBUG=cpu.avx2=off forbids it.
var hasAVX2 = cpu.X86.HasAVX2

// Name returns which of the kernels runs here: "AVX2" or "plain Go".
func Name() string {
	if hasAVX2 {
		return "AVX2"
	}
	return plainGo
}

func addRows(dst []float64, entries []Entry, rows []float64) {
	if hasAVX2 {
		addRowsAVX2(dst, entries, rows)
	} else {
		addRowsGeneric(dst, entries, rows)
	}
}

func nonZeros(dst []Entry, x []float64) (int, float64) {
	if hasAVX2 {
		return nonZerosAVX2(dst, x)
	}
	return nonZerosGeneric(dst, x)
}

func addOuter(dst []float64, at []Entry, f, g, a, b []float64) {
	if hasAVX2 {
		addOuterAVX2(dst, at, f, g, a, b)
	} else {
		addOuterGeneric(dst, at, f, g, a, b)
	}
}

func products(dst, d, w []float64, width, stride int) {
	if hasAVX2 {
		productsAVX2(dst, d, w, width, stride)
	} else {
		productsGeneric(dst, d, w, width, stride)
	}
}

func sigmoidChanges(dst, s, z, c []float64) float64 {
	if hasAVX2 {
		return sigmoidChangesAVX2(dst, s, z, c)
	}
	return sigmoidChangesGeneric(dst, s, z, c)
}

func lossChanges(dst, d, p []float64) float64 {
	if hasAVX2 {
		return lossChangesAVX2(dst, d, p)
	}
	return lossChangesGeneric(dst, d, p)
}
