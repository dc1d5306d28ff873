package loss_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"numgrad/loss"
)

// ulp is the largest relative error of one rounding.
const ulp = 0x1p-53

func TestAgainstBigFloat(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, scale := range []float64{1e-9, 1e-3, 1, 30, 700, 1e4} {
		for _, classes := range []int{1, 2, 3, 10} {
			for range 10 {
				a := make([]float64, classes)
				for k := range a {
					a[k] = scale * (2*random.Float64() - 1)
				}
				checkRow(t, a)
			}
		}
	}
	for _, a := range [][]float64{
		{50, 0, 0},
		{0, 50, 50},
		{1e4, -1e4},
		{1e4, 1e4, 1e4},
		{-1e4, -1e4},
		{1e4 - 300, 1e4, 1e4 - 700},
		{0, math.Copysign(0, -1)},
		{math.Inf(-1), 3, 4},
	} {
		checkRow(t, a)
	}
}

// checkRow compares every function of one row of logits with its definition.
func checkRow(t *testing.T, a []float64) {
	t.Helper()
	exps := make([]*big.Float, len(a))
	sum := number(0)
	for k, v := range a {
		exps[k] = exp(v)
		sum.Add(sum, exps[k])
	}
	// exp(v − max) turns the rounding of v − max into a relative error, of
	// up to |v − max| roundings; past 750 it is zero. Each of the K additions
	// and of the handful of other operations adds another.
	relative := (math.Min(spread(a), 750) + float64(len(a)) + 6) * ulp

	logSum := log(sum)
	if got, want := loss.LogSumExp(a), float(logSum); !near(got, want, relative*(1+math.Abs(want))) {
		t.Errorf("LogSumExp(%v) = %v, want %v", a, got, want)
	}
	y := loss.Softmax(nil, a)
	for k := range a {
		if want := float(number(0).Quo(exps[k], sum)); !near(y[k], want, relative*want) {
			t.Errorf("Softmax(%v)[%d] = %v, want %v", a, k, y[k], want)
		}
		if math.IsInf(a[k], -1) {
			continue
		}
		// The bound is relative to the loss, even for a tiny loss.
		want := float(number(0).Sub(logSum, number(a[k])))
		if got := loss.NegLogSoftmax(a, k); !near(got, want, relative*want) {
			t.Errorf("NegLogSoftmax(%v, %d) = %v, want %v", a, k, got, want)
		}
	}
}

// near reports whether got is within bound of want, or of the smallest
// numbers there are.
func near(got, want, bound float64) bool {
	return math.Abs(got-want) <= bound+2*math.SmallestNonzeroFloat64
}

// spread is the largest distance from the maximum of a to a finite element.
func spread(a []float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range a {
		high = math.Max(high, v)
		if !math.IsInf(v, -1) {
			low = math.Min(low, v)
		}
	}
	return high - low
}

// number is v with enough bits to hold 1 + exp(−750).
func number(v float64) *big.Float { return new(big.Float).SetPrec(1200).SetFloat64(v) }

func float(v *big.Float) float64 {
	f, _ := v.Float64()
	return f
}

func exp(v float64) *big.Float { return bigExp(number(v)) }

// bigExp is exp by its series at v/2²⁴, squared 24 times.
func bigExp(v *big.Float) *big.Float {
	if v.IsInf() {
		return number(0)
	}
	const halvings = 24
	small := number(0).SetMantExp(v, -halvings)
	term, sum := number(1), number(1)
	for n := 1.0; n < 100; n++ {
		term.Mul(term, small)
		term.Quo(term, number(n))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// log solves exp(y) = v by Halley's method. Each step triples the digits.
func log(v *big.Float) *big.Float {
	mantissa := number(0)
	exponent := v.MantExp(mantissa)
	y := number(math.Log(float(mantissa)) + float64(exponent)*math.Ln2)
	for range 5 {
		e := bigExp(y)
		change := number(0).Sub(v, e)
		change.Quo(change, e.Add(v, e))
		y.Add(y, change.Mul(change, number(2)))
	}
	return y
}

func TestSoftmaxDst(t *testing.T) {
	a := []float64{0.3, 2.9, 4}
	want := loss.Softmax(nil, a)

	dst := make([]float64, 3)
	if got := loss.Softmax(dst, a); &got[0] != &dst[0] {
		t.Error("Softmax did not return dst")
	}
	if fmt.Sprint(dst) != fmt.Sprint(want) {
		t.Errorf("into dst: %v, want %v", dst, want)
	}
	if a[0] != 0.3 || a[1] != 2.9 || a[2] != 4 {
		t.Errorf("Softmax changed its logits to %v", a)
	}
	if loss.Softmax(a, a); fmt.Sprint(a) != fmt.Sprint(want) {
		t.Errorf("in place: %v, want %v", a, want)
	}
}

func TestNotFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		a                    []float64
		label                int
		softmax, sumExp, neg float64 // softmax of the label
	}{
		{[]float64{nan, 1}, 0, nan, nan, nan},
		{[]float64{nan, 1}, 1, nan, nan, nan},
		{[]float64{1, nan}, 0, nan, nan, nan},
		{[]float64{nan}, 0, nan, nan, nan},
		{[]float64{inf, nan}, 0, nan, nan, nan},
		{[]float64{inf, 1}, 0, nan, inf, nan},
		{[]float64{inf, 1}, 1, nan, inf, inf},
		{[]float64{inf, inf}, 0, nan, nan, nan},
		{[]float64{-inf, 1}, 0, 0, 1, inf},
		{[]float64{-inf, 1}, 1, 1, 1, 0},
		{[]float64{-inf, -inf}, 0, nan, nan, nan},
	} {
		if got := loss.Softmax(nil, test.a)[test.label]; !same(got, test.softmax) {
			t.Errorf("Softmax(%v)[%d] = %v, want %v", test.a, test.label, got, test.softmax)
		}
		if got := loss.LogSumExp(test.a); !same(got, test.sumExp) {
			t.Errorf("LogSumExp(%v) = %v, want %v", test.a, got, test.sumExp)
		}
		if got := loss.NegLogSoftmax(test.a, test.label); !same(got, test.neg) {
			t.Errorf("NegLogSoftmax(%v, %d) = %v, want %v", test.a, test.label, got, test.neg)
		}
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
