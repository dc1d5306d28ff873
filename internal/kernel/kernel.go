package kernel

import "math"

// MaxDisplacement bounds the displacements x for which [Expm1] and [log1p]
// are accurate to 2 ulp. Their series end after x⁴ and S⁵: what is left out is
// x⁴/120 < 2⁻⁵⁴ and S⁵/6 < 2⁻⁶² of the whole for |x| ≤ 2⁻¹², |S| ≤ expm1(2⁻¹²).
const MaxDisplacement = 1.0 / (1 << 12)

// Axpy adds alpha·x to dst, fused. x has at least the length of dst.
func Axpy(dst []float64, alpha float64, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.FMA(alpha, x[i], dst[i])
	}
}

// SigmoidDelta fills dst [H] with the changes of the activations z [H] when
// every pre-activation moves by s:
//
//	σ(a+s) − σ(a) = z·q / (1 − q),  q = (1−z)·m,  m = −expm1(−s).
//
// c [H] holds the complements 1 − z.
func SigmoidDelta(dst, z, c []float64, m float64) {
	z, c = z[:len(dst)], c[:len(dst)]
	for j := range dst {
		q := float64(c[j] * m)
		dst[j] = float64(z[j]*q) / (1 - q)
	}
}

// HiddenLoss adds to dst[j], for each of the H hidden units j by itself,
// coeff times the change of the loss when the activation of unit j alone
// moves by delta[j]:
//
//	log1p( Σ_k p[k]·expm1(δ·W2[j,k]) ) − δ·W2[j,t].
//
// p [K] are the probabilities of the classes and t is the label. w2t [K×H] is
// W2 transposed. Each |delta[j]·W2[j,k]| must be at most [MaxDisplacement].
func HiddenLoss(dst, delta, w2t, p []float64, t int, coeff float64) {
	h := len(dst)
	delta = delta[:h]
	for j := range dst {
		sum := 0.0
		for k, pk := range p {
			sum = math.FMA(pk, Expm1(delta[j]*w2t[k*h+j]), sum)
		}
		change := log1p(sum) - float64(delta[j]*w2t[t*h+j])
		dst[j] = math.FMA(coeff, change, dst[j])
	}
}

// OutputLoss adds to dst[k,j] [K×H], for each weight by itself, coeff times
// the change of the loss when W2[j,k] moves by step, and with it the logit k
// by step·z[j]:
//
//	log1p( p[k]·expm1(step·z[j]) ) − [k = t]·step·z[j].
//
// Each |step·z[j]| must be at most [MaxDisplacement].
func OutputLoss(dst, z, p []float64, t int, step, coeff float64) {
	h := len(z)
	for j := range z {
		x := step * z[j]
		e := Expm1(x)
		for k, pk := range p {
			dst[k*h+j] = math.FMA(coeff, log1p(pk*e), dst[k*h+j])
		}
		dst[t*h+j] = math.FMA(-coeff, x, dst[t*h+j])
	}
}

// Expm1 is exp(x) − 1 by its series, for |x| ≤ MaxDisplacement.
func Expm1(x float64) float64 {
	r := math.FMA(x, 1.0/24, 1.0/6)
	r = math.FMA(r, x, 1.0/2)
	return math.FMA(x*x, r, x)
}

// log1p is log(1 + s) by its series, for |s| ≤ expm1(MaxDisplacement).
func log1p(s float64) float64 {
	r := math.FMA(s, 1.0/5, -1.0/4)
	r = math.FMA(r, s, 1.0/3)
	r = math.FMA(r, s, -1.0/2)
	return math.FMA(s*s, r, s)
}
