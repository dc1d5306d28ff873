// Package kernel holds the inner loops of the numerical gradient. Each function has a
// version in plain Go and, on amd64, one in AVX2 with fused multiply-add (FMA), four
// numbers at a time. Both give the same bits: they do the same operations in the same
// order, and fuse the same ones.
package kernel

import (
	"fmt"
	"math"
)

// Name returns the kernels in use: "AVX2" or "plain Go".
func Name() string {
	if hasAVX2 {
		return "AVX2"
	}
	return "plain Go"
}

// Entry is an element of a sparse vector. It is an alias because the assembly
// generator does not resolve named types.
type Entry = struct {
	Value float64
	Index int
}

// AddRows adds the product of a sparse vector and a matrix to dst: for each entry
// in turn, Value times row Index. A row has len(dst) numbers; rows begin stride numbers
// apart. AddRows does not check that the indices are within rows.
func AddRows(dst []float64, entries []Entry, rows []float64, stride int) {
	if hasAVX2 {
		addRowsAVX2(dst, entries, rows, stride)
		return
	}
	for _, e := range entries {
		for j, v := range rows[e.Index*stride:][:len(dst)] {
			dst[j] = fma(e.Value, v, dst[j])
		}
	}
}

// NonZeros stores the elements of x other than 0 and −0 in dst, in order. It returns
// their number and the largest |x|, ignoring NaN. It may overwrite all of dst, and
// panics if dst is shorter than len(x)+3.
func NonZeros(dst []Entry, x []float64) (n int, largest float64) {
	if len(dst) < len(x)+3 {
		panic(fmt.Sprintf("kernel: NonZeros of x [%d] into dst [%d]", len(x), len(dst)))
	}
	if hasAVX2 {
		return nonZerosAVX2(dst, x)
	}
	for i, v := range x {
		if v != 0 {
			dst[n] = Entry{Value: v, Index: i}
			n++
		}
		if v = math.Abs(v); v > largest {
			largest = v
		}
	}
	return n, largest
}

// AddOuter adds two outer products to a matrix: for each i in turn it adds f[i]·a
// and then g[i]·b to row at[i].Index of dst. A row has len(a) numbers; rows begin
// stride numbers apart. AddOuter does not check that the indices are within dst. It
// panics if at, f and g, or a and b, differ in length.
func AddOuter(dst []float64, stride int, at []Entry, f, g, a, b []float64) {
	if len(f) != len(at) || len(g) != len(at) || len(a) != len(b) {
		panic(fmt.Sprintf("kernel: AddOuter at [%d] of f [%d], g [%d], a [%d] and b [%d]", len(at), len(f), len(g), len(a), len(b)))
	}
	if hasAVX2 {
		addOuterAVX2(dst, stride, at, f, g, a, b)
		return
	}
	for i, e := range at {
		row := dst[e.Index*stride:][:len(a)]
		for j, v := range a {
			row[j] = fma(g[i], b[j], fma(f[i], v, row[j]))
		}
	}
}

// Products multiplies d elementwise by each of the M rows of a matrix. A row has width
// numbers and is repeated to the length of d; rows begin stride numbers apart:
//
//	dst[m·len(d) + i] = d[i]·w[m·stride + i mod width]
//
// dst is [M×len(d)]. Products panics if len(d) is no multiple of width, dst no
// multiple of len(d), or w too short.
func Products(dst, d, w []float64, width, stride int) {
	if len(dst) == 0 {
		return
	}
	if width < 1 || len(d)%width != 0 || len(d) == 0 || len(dst)%len(d) != 0 || stride < width ||
		len(w) < (len(dst)/len(d)-1)*stride+width {
		panic(fmt.Sprintf("kernel: Products into dst [%d] of d [%d] and w [%d], width %d, stride %d",
			len(dst), len(d), len(w), width, stride))
	}
	if hasAVX2 {
		productsAVX2(dst, d, w, width, stride)
		return
	}
	for ; len(dst) > 0; dst, w = dst[len(d):], w[min(stride, len(w)):] {
		for i, v := range d {
			dst[i] = v * w[i%width]
		}
	}
}

// Largest returns the largest |x|, or 0 if x is empty. It ignores NaN.
func Largest(x []float64) (largest float64) {
	if hasAVX2 {
		return largestAVX2(x)
	}
	for _, v := range x {
		if v = math.Abs(v); v > largest {
			largest = v
		}
	}
	return largest
}

// SigmoidSteps computes the changes of sigmoid units whose pre-activations all
// move by the same s, for several s. Unit j has the activation z[j] and the
// complement c[j] = 1 − z[j]; e[m] is 1 − exp(−s[m]):
//
//	dst[m·len(z) + j] = z·q/(1−q) with q = c·e
//
// It returns the largest |change|. SigmoidSteps panics if dst is not
// [len(e)×len(z)], or z and c differ in length.
func SigmoidSteps(dst, z, c, e []float64) (largest float64) {
	if len(z) != len(c) || len(dst) != len(e)*len(z) {
		panic(fmt.Sprintf("kernel: SigmoidSteps into dst [%d] of z [%d], c [%d] and e [%d]", len(dst), len(z), len(c), len(e)))
	}
	if hasAVX2 {
		return sigmoidStepsAVX2(dst, z, c, e)
	}
	for m, v := range e {
		for j := range z {
			q := float64(c[j] * v)
			change := float64(z[j]*q) / (1 - q)
			dst[m*len(z)+j] = change
			if change = math.Abs(change); change > largest {
				largest = change
			}
		}
	}
	return largest
}

// SigmoidChanges sets dst[i] to the change of a sigmoid unit with the activation
// z and the complement c = 1 − z when its pre-activation moves by s[i]. It returns
// the largest |s|. If it is above [Near], the changes are wrong. dst may be s.
// SigmoidChanges panics if dst and s differ in length.
func SigmoidChanges(dst, s []float64, z, c float64) (largest float64) {
	if len(dst) != len(s) {
		panic(fmt.Sprintf("kernel: SigmoidChanges into dst [%d] of s [%d]", len(dst), len(s)))
	}
	if hasAVX2 {
		return sigmoidChangesAVX2(dst, s, z, c)
	}
	for i, v := range s {
		q := float64(c * -Expm1(-v))
		dst[i] = float64(z*q) / (1 - q)
		if v = math.Abs(v); v > largest {
			largest = v
		}
	}
	return largest
}

// LossChanges sets dst[i] to the change of a sample's cross entropy,
//
//	log1p( Σ_k p[k]·expm1(d[k,i]) ),
//
// when the logit of each class k other than the label moves by d[k,i] relative to
// the label's; p[k] is the probability of the class. It returns the largest |d|.
// If it is above [Near], the changes are wrong. LossChanges panics if d is not
// [len(p)×len(dst)].
func LossChanges(dst, d, p []float64) (largest float64) {
	if len(d) != len(p)*len(dst) {
		panic(fmt.Sprintf("kernel: LossChanges into dst [%d] of d [%d] and p [%d]", len(dst), len(d), len(p)))
	}
	if hasAVX2 {
		return lossChangesAVX2(dst, d, p)
	}
	for i := range dst {
		sum := 0.0
		for k, pk := range p {
			v := d[k*len(dst)+i]
			sum = fma(pk, Expm1(v), sum)
			if v = math.Abs(v); v > largest {
				largest = v
			}
		}
		dst[i] = Log1p(sum)
	}
	return largest
}

// HiddenDifferences computes the odd parts of the loss of a sample as a function
// of each unit of the last hidden layer. The rows of dz [4×n] are the changes of
// the activations at S, −S, S/2 and −S/2, w [K×n] holds the weights into each
// class, y [K] the probabilities and t is the label:
//
//	Λ(m, j) = log1p( Σ_k y[k]·expm1(dz[m,j]·(w[k,j] − w[t,j])) )
//	far[j]  = (Λ(0, j) − Λ(1, j))·scale
//	near[j] = (Λ(2, j) − Λ(3, j))·scale
//
// If an argument of expm1 is above [Tiny], the result is wrong.
// HiddenDifferences panics if the shapes do not fit far [n] and near [n].
func HiddenDifferences(far, near, dz, w, y []float64, t int, scale float64) {
	n := len(far)
	if len(near) != n || len(dz) != 4*n || len(w) != len(y)*n || t < 0 || t >= len(y) {
		panic(fmt.Sprintf("kernel: HiddenDifferences into far [%d] and near [%d] of dz [%d], w [%d] and y [%d], label %d",
			n, len(near), len(dz), len(w), len(y), t))
	}
	if hasAVX2 {
		hiddenDifferencesAVX2(far, near, dz, w, y, t, scale)
		return
	}
	for j := range n {
		var sums [4]float64
		for k, p := range y {
			weight := w[k*n+j] - w[t*n+j] // 0 for the label
			for m := range sums {
				sums[m] = fma(p, shortExpm1(dz[m*n+j]*weight), sums[m])
			}
		}
		far[j] = (shortLog1p(sums[0]) - shortLog1p(sums[1])) * scale
		near[j] = (shortLog1p(sums[2]) - shortLog1p(sums[3])) * scale
	}
}

// OutputDifferences computes the odd parts of log1p(p[k]·e) for each class:
//
//	far[k]  = (log1p(p[k]·e[0]) − log1p(p[k]·e[1]))·scale
//	near[k] = (log1p(p[k]·e[2]) − log1p(p[k]·e[3]))·scale
//
// If |p·e| is above expm1([Tiny]), the result is wrong. OutputDifferences
// panics if far, near and p differ in length, or e is not [4].
func OutputDifferences(far, near, p, e []float64, scale float64) {
	if len(far) != len(p) || len(near) != len(p) || len(e) != 4 {
		panic(fmt.Sprintf("kernel: OutputDifferences into far [%d] and near [%d] of p [%d] and e [%d]", len(far), len(near), len(p), len(e)))
	}
	if hasAVX2 {
		outputDifferencesAVX2(far, near, p, e, scale)
		return
	}
	for k, v := range p {
		far[k] = (shortLog1p(v*e[0]) - shortLog1p(v*e[1])) * scale
		near[k] = (shortLog1p(v*e[2]) - shortLog1p(v*e[3])) * scale
	}
}
