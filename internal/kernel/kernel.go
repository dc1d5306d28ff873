package kernel

import "math"

// Unit is the unit, ∛24, in which the kernels measure a change x of a logit or
// of a loss. In it the series x + x²/2 + x³/6 + x⁴/24 of expm1 has a leading
// coefficient of one, and takes one multiplication less for each class.
const Unit = 2.88449914061481676464327662156021918

// MaxChange bounds the change of a logit for which the series of [HiddenLoss]
// and [OutputLoss] are accurate to 2 ulp: for |x| ≤ 2⁻¹² and |s| ≤ expm1(2⁻¹²)
// what they leave out is x⁴/120 < 2⁻⁵⁴ of expm1(x) and s⁵/6 < 2⁻⁶² of log1p(s).
const MaxChange = 1.0 / (1 << 12)

// The coefficients of the two series in terms of Unit.
const (
	expA = 2 / Unit
	expB = 8 / (Unit * Unit)

	logC2 = -Unit / 2
	logC3 = Unit * Unit / 3
	logC4 = -6.0 // −Unit³/4
	logC5 = 24.0 / 5 * Unit
)

const plainGo = "plain Go"

func addRowsGeneric(dst, factors []float64, indices []int, rows []float64) {
	for i, f := range factors {
		for j, v := range rows[indices[i]*len(dst):][:len(dst)] {
			dst[j] = math.FMA(f, v, dst[j])
		}
	}
}

func hiddenLossGeneric(dst, z, c, w, p, m, weights []float64) {
	h := len(dst)
	for j := range dst {
		total := 0.0
		for i, weight := range weights {
			q := float64(c[j] * m[i])
			delta := float64(z[j]*q) / (1 - q)
			sum := 0.0
			for k, pk := range p {
				sum = math.FMA(pk, expm1(float64(delta*w[k*h+j])), sum)
			}
			total = math.FMA(weight, log1p(sum), total)
		}
		dst[j] = total
	}
}

func outputLossGeneric(dst, z []float64, p, step, weight float64) {
	for j := range dst {
		dst[j] = math.FMA(weight, log1p(p*expm1(float64(step*z[j]))), dst[j])
	}
}

// Expm1 returns exp(x) − 1 for |x| ≤ [MaxChange], by the same series.
func Expm1(x float64) float64 {
	r := math.FMA(x, 1.0/24, 1.0/6)
	r = math.FMA(r, x, 1.0/2)
	return math.FMA(x*x, r, x)
}

// expm1 is expm1(Unit·u) / Unit by its series, u + u²·((u+a)² + b).
func expm1(u float64) float64 {
	q := u + expA
	q = math.FMA(q, q, expB)
	return math.FMA(u*u, q, u)
}

// log1p is log1p(Unit·s) / Unit by its series.
func log1p(s float64) float64 {
	r := math.FMA(s, logC5, logC4)
	r = math.FMA(r, s, logC3)
	r = math.FMA(r, s, logC2)
	return math.FMA(s*s, r, s)
}
