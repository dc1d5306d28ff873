//go:build !amd64 || purego

package kernel

// Name returns which of the kernels runs here: always "plain Go".
func Name() string { return plainGo }

func addRows(dst, factors []float64, offsets []int, rows []float64) {
	addRowsGeneric(dst, factors, offsets, rows)
}

func hiddenLoss(dst, z, c []float64, m float64, w, p []float64, weight float64) {
	hiddenLossGeneric(dst, z, c, m, w, p, weight)
}

func outputLoss(dst, z []float64, p, step, weight float64) {
	outputLossGeneric(dst, z, p, step, weight)
}
