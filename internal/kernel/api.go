package kernel

import "fmt"

// AddRows adds factors[i] times the row rows[offsets[i]:][:len(dst)] to dst,
// for each i in turn, fused: the product of a sparse vector and a matrix. It
// panics if there is not one offset for each factor; that the offsets are
// within rows is left to the caller.
func AddRows(dst, factors []float64, offsets []int, rows []float64) {
	if len(factors) != len(offsets) {
		panic(fmt.Sprintf("kernel: AddRows with %d factors and %d offsets", len(factors), len(offsets)))
	}
	addRows(dst, factors, offsets, rows)
}

// HiddenLoss adds to dst[j], for each of the H hidden units j by itself,
// weight times the change of the sample's loss when the pre-activation of unit
// j alone moves by s. The activation z[j] then moves by
//
//	δ = σ(a+s) − σ(a) = z·q / (1−q),  q = c·m,  c = 1−z,  m = −expm1(−s),
//
// and the loss, with w[k,j] = W2[j,k] − W2[j,t] for the classes k other than
// the label t and their probabilities p[k], by
//
//	log1p( Σ_k p[k]·expm1(δ·w[k,j]) ).
//
// dst, z and c are [H], p is [K−1] and w is [(K−1)×H]. z is divided by [Unit],
// and the result comes in that unit. Each |δ·w| must be at most [MaxChange].
// HiddenLoss panics if the shapes differ.
func HiddenLoss(dst, z, c []float64, m float64, w, p []float64, weight float64) {
	h := len(dst)
	if len(z) != h || len(c) != h || len(w) != h*len(p) {
		panic(fmt.Sprintf("kernel: HiddenLoss of dst [%d], z [%d], c [%d], w [%d], p [%d]", h, len(z), len(c), len(w), len(p)))
	}
	hiddenLoss(dst, z, c, m, w, p, weight)
}

// OutputLoss adds to dst[j], for each of the H hidden units j by itself,
// weight times
//
//	log1p( p·expm1(step·z[j]) ),
//
// the change of the sample's loss when the weight from unit j to a class other
// than the label moves by step; p is the probability of the class. For the
// label itself, whose logit moves against all others, it is the same with
// −step and with p that of all others together.
//
// dst and z are [H]. z is divided by [Unit], and the result comes in that
// unit. Each |step·z| must be at most [MaxChange]. OutputLoss panics if the
// shapes differ.
func OutputLoss(dst, z []float64, p, step, weight float64) {
	if len(dst) != len(z) {
		panic(fmt.Sprintf("kernel: OutputLoss of dst [%d], z [%d]", len(dst), len(z)))
	}
	outputLoss(dst, z, p, step, weight)
}
