//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd _asm && go run . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel"

//lint:ignore U1000 the assembly reads it
var constants = [...]float64{1, expA, expB, logC2, logC3, logC4, logC5}

//lint:ignore U1000 the assembly reads it
var tailMask = [8]int64{-1, -1, -1, -1}

// The processor's best, less what GODEBUG=cpu.avx512f=off and its like forbid.
var (
	hasAVX512 = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasBMI2
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA
)

// Name returns which of the kernels runs here: "AVX-512", "AVX2" or "plain Go".
func Name() string {
	switch {
	case hasAVX512:
		return "AVX-512"
	case hasAVX2:
		return "AVX2"
	default:
		return plainGo
	}
}

func addRows(dst, factors []float64, indices []int, rows []float64) {
	switch {
	case hasAVX512:
		addRowsAVX512(dst, factors, indices, rows)
	case hasAVX2:
		addRowsAVX2(dst, factors, indices, rows)
	default:
		addRowsGeneric(dst, factors, indices, rows)
	}
}

func hiddenLoss(dst, z, c, w, p, m, weights []float64) {
	switch {
	case hasAVX512:
		hiddenLossAVX512(dst, z, c, w, p, m, weights)
	case hasAVX2:
		hiddenLossAVX2(dst, z, c, w, p, m, weights)
	default:
		hiddenLossGeneric(dst, z, c, w, p, m, weights)
	}
}

func outputLoss(dst, z []float64, p, step, weight float64) {
	switch {
	case hasAVX512:
		outputLossAVX512(dst, z, p, step, weight)
	case hasAVX2:
		outputLossAVX2(dst, z, p, step, weight)
	default:
		outputLossGeneric(dst, z, p, step, weight)
	}
}
