package kernel

import (
	"fmt"
	"math"
	"runtime"
)

// fma returns x·y + z, rounded once. WebAssembly has no FMA instruction, and
// math.FMA takes thirty times as long there. So on WebAssembly the product is rounded,
// too, and the last bits differ from other platforms.
func fma(x, y, z float64) float64 {
	if runtime.GOARCH == "wasm" {
		return float64(x*y) + z
	}
	return math.FMA(x, y, z)
}

const (
	// Near is the largest |x| for which [Expm1] and [Log1p] are accurate. The
	// truncation error of their series is below 2⁻⁵⁶ of the result.
	Near = 1.0 / 64
	// Tiny is the largest |x| for the shorter series, up to x⁵, with the same bound.
	Tiny = 5e-4
)

// Expm1 returns exp(x) − 1 for |x| ≤ [Near], to 2 ulp, by its series up to x⁷.
// Terms are paired, so that a processor can compute several pairs at once.
func Expm1(x float64) float64 {
	q := x * x
	sum := fma(x, 1./5040, 1./720)
	sum = fma(sum, q, fma(x, 1./120, 1./24))
	sum = fma(sum, q, fma(x, 1./6, 1./2))
	return fma(sum, q, x)
}

// Log1p returns log(1 + x) for |x| ≤ expm1([Near]), to 2 ulp, by its series up
// to x⁹.
func Log1p(x float64) float64 {
	q := x * x
	sum := fma(x, 1./9, -1./8)
	sum = fma(sum, q, fma(x, 1./7, -1./6))
	sum = fma(sum, q, fma(x, 1./5, -1./4))
	sum = fma(sum, q, fma(x, 1./3, -1./2))
	return fma(sum, q, x)
}

func shortExpm1(x float64) float64 {
	q := x * x
	sum := fma(x, 1./120, 1./24)
	sum = fma(sum, q, fma(x, 1./6, 1./2))
	return fma(sum, q, x)
}

func shortLog1p(x float64) float64 {
	q := x * x
	sum := fma(x, 1./5, -1./4)
	sum = fma(sum, q, fma(x, 1./3, -1./2))
	return fma(sum, q, x)
}

const (
	round = 0x1.8p52 // y + round holds the integer nearest to y in its last bits
	ln2   = 0x1.62e42fefa39efp-1
	ln2Lo = math.Ln2 - ln2
)

// expSeries are the coefficients of exp(r) from r¹³ down to r².
var expSeries = [12]float64{1. / 6227020800, 1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880,
	1. / 40320, 1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2}

// Exp returns exp(x) to 1 ulp for every x, even if the result is subnormal, zero or
// infinite. Unlike math.Exp, it has the same bits on every processor.
//
// The result is 2ᵏ·exp(r), where k is the integer nearest to x/ln 2 and
// r = x − k·ln 2. Exp multiplies by two powers of two, so that both are normal numbers.
func Exp(x float64) float64 {
	if x > 710 {
		x = 710
	}
	if x < -746 {
		x = -746
	}
	k := fma(x, math.Log2E, round) - round
	r := fma(k, -ln2Lo, fma(k, -ln2, x))
	sum := expSeries[0]
	for _, c := range expSeries[1:] {
		sum = fma(sum, r, c)
	}
	y := 1 + fma(sum, r*r, r)
	half := fma(k, 0.5, round)
	return float64(y * powerOf2(half) * powerOf2(k-(half-round)+round))
}

// powerOf2 returns 2ᵏ, where the last bits of its argument hold k.
func powerOf2(k float64) float64 {
	return math.Float64frombits(math.Float64bits(k)<<52 + math.Float64bits(1))
}

// Logistic returns z = 1/(1+exp(−a)) and its complement 1 − z = exp(−a)/(1+exp(−a)).
// Each keeps its digits where it is small.
func Logistic(a float64) (z, complement float64) {
	e := Exp(-math.Abs(a))
	large := 1 / (1 + e)
	small := float64(e * large)
	if a < 0 {
		return small, large
	}
	return large, small
}

// Exps sets dst[i] to [Exp] of x[i]. It panics if the lengths differ; dst may be
// x.
func Exps(dst, x []float64) {
	if len(dst) != len(x) {
		panic(fmt.Sprintf("kernel: Exps into dst [%d] of x [%d]", len(dst), len(x)))
	}
	if hasAVX2 {
		expsAVX2(dst, x)
		return
	}
	for i, v := range x {
		dst[i] = Exp(v)
	}
}

// Logistics sets z[i] and c[i] to [Logistic] of a[i]. It panics if the lengths
// differ.
func Logistics(z, c, a []float64) {
	if len(z) != len(a) || len(c) != len(a) {
		panic(fmt.Sprintf("kernel: Logistics into z [%d] and c [%d] of a [%d]", len(z), len(c), len(a)))
	}
	if hasAVX2 {
		logisticsAVX2(z, c, a)
		return
	}
	for i, v := range a {
		z[i], c[i] = Logistic(v)
	}
}
