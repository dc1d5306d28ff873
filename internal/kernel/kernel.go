package kernel

import "math"

// Near bounds the arguments x for which [Expm1] and [Log1p] are right. For
// |x| ≤ 2⁻⁶ their series leave out less than 2⁻⁵⁶ of the result.
const Near = 1.0 / 64

const plainGo = "plain Go"

// Expm1 returns exp(x) − 1 for |x| ≤ [Near], to 2 ulp, by its series up to x⁷.
// The terms are put together in pairs, so that a processor can work on several.
func Expm1(x float64) float64 {
	q := float64(x * x)
	a := float64(x*(1./5040)) + 1./720
	b := float64(x*(1./120)) + 1./24
	c := float64(x*(1./6)) + 1./2
	sum := float64((float64(a*q)+b)*q) + c
	return x + float64(q*sum)
}

// Log1p returns log(1 + x) for |x| ≤ expm1([Near]), to 2 ulp, by its series up
// to x⁹.
func Log1p(x float64) float64 {
	q := float64(x * x)
	a := float64(x*(1./9)) - 1./8
	b := float64(x*(1./7)) - 1./6
	c := float64(x*(1./5)) - 1./4
	d := float64(x*(1./3)) - 1./2
	sum := float64((float64((float64(a*q)+b)*q)+c)*q) + d
	return x + float64(q*sum)
}

func addRowsGeneric(dst []float64, entries []Entry, rows []float64) {
	for _, e := range entries {
		row := rows[e.Index*len(dst):][:len(dst)]
		for j, v := range row {
			dst[j] += float64(e.Value * v)
		}
	}
}

func nonZerosGeneric(dst []Entry, x []float64) (n int, largest float64) {
	for i := 0; i < len(x); {
		if rest := x[i:]; len(rest) >= 8 && AllZero(rest[:8]) {
			i += 8 // the usual case in an image, in one step
			continue
		}
		for end := min(i+8, len(x)); i < end; i++ {
			dst[n] = Entry{Value: x[i], Index: i}
			if math.Float64bits(x[i])<<1 != 0 { // neither 0 nor −0, told without a jump
				n++
			}
		}
	}
	for _, e := range dst[:n] {
		if v := math.Abs(e.Value); v > largest {
			largest = v
		}
	}
	return n, largest
}

// AllZero reports whether there is nothing in x but zeros that are positive.
func AllZero(x []float64) bool {
	bits := uint64(0)
	for _, v := range x {
		bits |= math.Float64bits(v)
	}
	return bits == 0
}

func addOuterGeneric(dst []float64, at []Entry, f, g, a, b []float64) {
	f, g, b = f[:len(at)], g[:len(at)], b[:len(a)]
	for i, e := range at {
		fi, gi, row := f[i], g[i], dst[e.Index*len(a):][:len(a)]
		for j, v := range a {
			row[j] = row[j] + float64(fi*v) + float64(gi*b[j])
		}
	}
}

func productsGeneric(dst, d, w []float64, width, stride int) {
	for ; len(dst) > 0; dst, w = dst[len(d):], w[min(stride, len(w)):] {
		row := w[:width]
		for from := 0; from < len(d); from += width {
			to, factors := dst[from:][:width], d[from:][:width]
			for j, v := range row {
				to[j] = factors[j] * v
			}
		}
	}
}

func sigmoidChangesGeneric(dst, s, z, c []float64) (largest float64) {
	z, c, dst = z[:len(s)], c[:len(s)], dst[:len(s)]
	for i, v := range s {
		q := float64(c[i] * -Expm1(-v))
		dst[i] = float64(z[i]*q) / (1 - q)
		if v = math.Abs(v); v > largest {
			largest = v
		}
	}
	return largest
}

func lossChangesGeneric(dst, d, p []float64) (largest float64) {
	for i := range dst {
		sum := 0.0
		for k, pk := range p {
			v := d[k*len(dst)+i]
			sum += float64(pk * Expm1(v))
			if v = math.Abs(v); v > largest {
				largest = v
			}
		}
		dst[i] = Log1p(sum)
	}
	return largest
}
