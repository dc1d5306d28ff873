package kernel

import "fmt"

// AddRows adds factors[i] times row number indices[i] of a matrix to dst, for
// each i in turn, fused: the product of a sparse vector and the matrix, whose
// rows of len(dst) numbers follow each other in rows. It panics if there is not
// one index for each factor; that the indices are within rows is left to the
// caller.
func AddRows(dst, factors []float64, indices []int, rows []float64) {
	if len(factors) != len(indices) {
		panic(fmt.Sprintf("kernel: AddRows with %d factors and %d indices", len(factors), len(indices)))
	}
	addRows(dst, factors, indices, rows)
}

// HiddenLoss sets dst[j], for each of the H hidden units j by itself, to the
// sum over the moves i of weights[i] times the change of the sample's loss when
// the pre-activation of unit j alone moves by s[i]. The activation z[j] then
// moves by
//
//	δ = σ(a+s) − σ(a) = z·q / (1−q),  q = c·m,  c = 1−z,  m = −expm1(−s),
//
// and the loss, with w[k,j] = W2[j,k] − W2[j,t] for the classes k other than
// the label t and their probabilities p[k], by
//
//	log1p( Σ_k p[k]·expm1(δ·w[k,j]) ).
//
// m and weights are [moves]; dst, z and c are [H], p is [K−1] and w is
// [(K−1)×H]. z is divided by [Unit], and the changes come in that unit. Each
// |δ·w| must be at most [MaxChange]. HiddenLoss panics if the shapes differ.
func HiddenLoss(dst, z, c, w, p, m, weights []float64) {
	h := len(dst)
	if len(z) != h || len(c) != h || len(w) != h*len(p) || len(m) != len(weights) {
		panic(fmt.Sprintf("kernel: HiddenLoss of dst [%d], z [%d], c [%d], w [%d], p [%d], m [%d], weights [%d]",
			h, len(z), len(c), len(w), len(p), len(m), len(weights)))
	}
	hiddenLoss(dst, z, c, w, p, m, weights)
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
