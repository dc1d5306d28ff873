package kernel

import "fmt"

// Entry is an element of a sparse vector. It is an alias, since the generator of
// the assembly knows no names of types.
type Entry = struct {
	Value float64
	Index int
}

// AddRows adds each entry's value times row number Index of a matrix to dst, in
// the order of the entries: the product of a sparse vector and the matrix, whose
// rows of len(dst) numbers follow each other in rows. That the indices are within
// rows is left to the caller.
func AddRows(dst []float64, entries []Entry, rows []float64) { addRows(dst, entries, rows) }

// NonZeros puts the elements of x that are neither 0 nor −0 into dst, in their
// order, and returns how many there are, and the largest |x|; a NaN is an
// element like others, but not the largest. dst needs three places more than x
// has, or NonZeros panics; what is left of it behind the n has no meaning.
func NonZeros(dst []Entry, x []float64) (n int, largest float64) {
	if len(dst) < len(x)+3 {
		panic(fmt.Sprintf("kernel: NonZeros of x [%d] into dst [%d]", len(x), len(dst)))
	}
	return nonZeros(dst, x)
}

// AddOuter adds f[i] times a, and then g[i] times b, to row number at[i].Index of
// the matrix dst, for each i in turn: two outer products of a sparse vector and a
// dense one. The rows of len(a) numbers follow each other in dst. That the
// indices are within dst is left to the caller. AddOuter panics if at, f and g
// differ in length, or a and b.
func AddOuter(dst []float64, at []Entry, f, g, a, b []float64) {
	if len(f) != len(at) || len(g) != len(at) || len(a) != len(b) {
		panic(fmt.Sprintf("kernel: AddOuter at [%d] of f [%d], g [%d], a [%d] and b [%d]", len(at), len(f), len(g), len(a), len(b)))
	}
	addOuter(dst, at, f, g, a, b)
}

// Products multiplies each of the M rows of a matrix with the numbers d, lane
// by lane. The rows of width numbers, which begin stride numbers apart in w,
// are repeated until they are as long as d:
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
	products(dst, d, w, width, stride)
}

// SigmoidChanges sets dst[i] to the change σ(a+s[i]) − σ(a) of a sigmoid unit
// that answers z[i] = σ(a), with the complement c[i] = 1 − z[i], when its
// pre-activation changes by s[i]:
//
//	z·q / (1−q) with q = c·(−expm1(−s))
//
// It returns the largest |s|. Above [Near] the changes are of no use. All
// slices have the same length, or SigmoidChanges panics; dst may be s.
func SigmoidChanges(dst, s, z, c []float64) (largest float64) {
	if n := len(dst); len(s) != n || len(z) != n || len(c) != n {
		panic(fmt.Sprintf("kernel: SigmoidChanges into dst [%d] of s [%d], z [%d] and c [%d]", len(dst), len(s), len(z), len(c)))
	}
	return sigmoidChanges(dst, s, z, c)
}

// LossChanges sets dst[i] to the change of a sample's cross entropy,
//
//	log1p( Σ_k p[k]·expm1(d[k,i]) ),
//
// when the logit of each class k other than the label moves by d[k,i] beyond
// that of the label; p[k] is the probability of the class.
//
// It returns the largest |d|. Above [Near] the changes are of no use. d is
// [len(p)×len(dst)], or LossChanges panics.
func LossChanges(dst, d, p []float64) (largest float64) {
	if len(d) != len(p)*len(dst) {
		panic(fmt.Sprintf("kernel: LossChanges into dst [%d] of d [%d] and p [%d]", len(dst), len(d), len(p)))
	}
	return lossChanges(dst, d, p)
}
