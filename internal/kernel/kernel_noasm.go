//go:build !amd64 || purego

package kernel

// Name returns which of the kernels runs here: always "plain Go".
func Name() string { return plainGo }

func addRows(dst []float64, entries []Entry, rows []float64) {
	addRowsGeneric(dst, entries, rows)
}

func nonZeros(dst []Entry, x []float64) (int, float64) { return nonZerosGeneric(dst, x) }

func addOuter(dst []float64, at []Entry, f, g, a, b []float64) { addOuterGeneric(dst, at, f, g, a, b) }

func products(dst, d, w []float64, width, stride int) { productsGeneric(dst, d, w, width, stride) }

func sigmoidChanges(dst, s, z, c []float64) float64 { return sigmoidChangesGeneric(dst, s, z, c) }

func lossChanges(dst, d, p []float64) float64 { return lossChangesGeneric(dst, d, p) }
