//go:build !amd64 || purego

package kernel

// Name returns which of the kernels runs here: always "plain Go".
func Name() string { return plainGo }

func addRows(dst, factors []float64, indices []int, rows []float64) {
	addRowsGeneric(dst, factors, indices, rows)
}

func hiddenLoss(dst, z, c, w, p, m, weights []float64) {
	hiddenLossGeneric(dst, z, c, w, p, m, weights)
}

func outputLoss(dst, z []float64, p, step, weight float64) {
	outputLossGeneric(dst, z, p, step, weight)
}
