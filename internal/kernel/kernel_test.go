package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const precision = 160

func number(v float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(v) }

// sumOf returns x/d(1) + x²/d(2) + … of 26 terms.
func sumOf(x *big.Float, divisor func(n int) *big.Float) *big.Float {
	power, sum := number(1), number(0)
	for n := 1; n <= 26; n++ {
		power.Mul(power, x)
		sum.Add(sum, number(0).Quo(power, divisor(n)))
	}
	return sum
}

func factorial(n int) *big.Float {
	return number(0).SetInt(new(big.Int).MulRange(1, int64(n)))
}

// alternating is n for odd n and −n for even n.
func alternating(n int) *big.Float {
	if n%2 == 0 {
		n = -n
	}
	return number(float64(n))
}

// bigExp is exp(x), from the series of x/2⁸⁰⁰ … x/2¹¹ squared again.
func bigExp(x float64) *big.Float {
	small, halvings := number(x), 0
	for small.Sign() != 0 && small.MantExp(nil) > -2 {
		small.Quo(small, number(2))
		halvings++
	}
	e := number(1)
	e.Add(e, sumOf(small, factorial))
	for range halvings {
		e.Mul(e, e)
	}
	return e
}

// ulps returns the error of got in units of the last place of want, as a float64
// has it.
func ulps(got float64, want *big.Float) float64 {
	rounded, _ := want.Float64()
	size := math.Abs(rounded)
	off := number(0).Sub(want, number(got))
	share, _ := off.Quo(off, number(math.Nextafter(size, math.Inf(1))-size)).Float64()
	return math.Abs(share)
}

// The error of each function is within its bound over its range.
func TestAccuracy(t *testing.T) {
	series := func(divisor func(int) *big.Float) func(float64) *big.Float {
		return func(x float64) *big.Float { return sumOf(number(x), divisor) }
	}
	for _, test := range []struct {
		name     string
		f        func(float64) float64
		want     func(float64) *big.Float
		from, to float64
		bound    float64
	}{
		{"Expm1", Expm1, series(factorial), -Near, Near, 2},
		{"Log1p", Log1p, series(alternating), math.Expm1(-Near), math.Expm1(Near), 2},
		{"shortExpm1", shortExpm1, series(factorial), -Tiny, Tiny, 2},
		{"shortLog1p", shortLog1p, series(alternating), math.Expm1(-Tiny), math.Expm1(Tiny), 2},
		{"Exp", Exp, bigExp, -746, 709.78, 1},
		{"Exp", Exp, bigExp, -1, 1, 1},
	} {
		random := rand.New(rand.NewPCG(1, 3))
		worst, at := 0.0, 0.0
		for i := range 5000 {
			x := test.from + (test.to-test.from)*float64(i)/5000
			if i%3 == 0 {
				x *= math.Exp(-50 * random.Float64())
			}
			if e := ulps(test.f(x), test.want(x)); !(e <= worst) {
				worst, at = e, x
			}
		}
		t.Logf("%s: at most %.3f ulp, at %v", test.name, worst, at)
		if !(worst <= test.bound) {
			t.Errorf("%s(%v) = %v is wrong by %v ulp", test.name, at, test.f(at), worst)
		}
	}
}

func TestExp(t *testing.T) {
	inf := math.Inf(1)
	for x, want := range map[float64]float64{
		0: 1, inf: inf, -inf: 0, 1e300: inf, -1e300: 0, 709.782712893384: 1.7976931348622732e308, 709.782712893385: inf,
		-745.1332191019411: math.SmallestNonzeroFloat64, -745.1332191019412: 0, math.SmallestNonzeroFloat64: 1,
	} {
		if got := Exp(x); got != want {
			t.Errorf("Exp(%v) = %v, want %v", x, got, want)
		}
	}
	if got := Exp(math.NaN()); !math.IsNaN(got) {
		t.Errorf("Exp(NaN) = %v", got)
	}
	for _, a := range []float64{-800, -40, -1, 0, 2, 30, 800} {
		z, c := Logistic(a)
		wantZ, wantC := 1/(1+math.Exp(-a)), 1/(1+math.Exp(a))
		if !(math.Abs(z-wantZ) <= 4*0x1p-53*wantZ) || !(math.Abs(c-wantC) <= 4*0x1p-53*wantC) {
			t.Errorf("Logistic(%v) = %v, %v, want %v, %v", a, z, c, wantZ, wantC)
		}
	}
}

// A change of a sigmoid unit is right to some ulp even if the activation is close to 0
// or 1, where a difference of two activations has no digits.
func TestSigmoidChanges(t *testing.T) {
	for _, a := range []float64{-40, -3, 0, 2, 30} {
		z, c := 1/(1+math.Exp(-a)), 1/(1+math.Exp(a))
		for _, s := range []float64{Near, -Near, 1e-4, -1e-9, 1e-20} {
			want := c / (1 + math.Exp(-a-s)) * -math.Expm1(-s) // (1−σ(a))·σ(a+s)·(1−exp(−s))
			dst, again := make([]float64, 1), make([]float64, 1)
			if largest := SigmoidChanges(dst, []float64{s}, z, c); largest != math.Abs(s) {
				t.Errorf("the largest of %v is %v", s, largest)
			}
			if largest := SigmoidSteps(again, []float64{z}, []float64{c}, []float64{-math.Expm1(-s)}); largest != math.Abs(again[0]) {
				t.Errorf("the largest of %v is %v", again, largest)
			}
			for _, got := range []float64{dst[0], again[0]} {
				if bound := (8 + math.Abs(a)) * 0x1p-53; !(math.Abs(got-want) <= bound*math.Abs(want)) { // a+s is rounded
					t.Errorf("the change at %v by %v is %v, want %v", a, s, got, want)
				}
			}
		}
	}
}

func TestLossChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 4))
	for _, size := range []float64{Near, Tiny, 1e-12} {
		p := []float64{0.5, 0.2, 1e-9, 0.05}
		d := make([]float64, 4*7)
		for i := range d {
			d[i] = size * (2*random.Float64() - 1)
		}
		d[9] = -size
		dst := make([]float64, 7)
		if largest := LossChanges(dst, d, p); largest != size {
			t.Errorf("the largest is %v, want %v", largest, size)
		}
		for i, got := range dst {
			sum, terms := 0.0, 0.0
			for k, pk := range p {
				sum += pk * math.Expm1(d[k*7+i])
				terms += math.Abs(pk * d[k*7+i])
			}
			if want := math.Log1p(sum); !(math.Abs(got-want) <= 10*0x1p-53*terms) {
				t.Errorf("size %v: element %d is %v, want %v", size, i, got, want)
			}
		}
	}
}

func TestMatrices(t *testing.T) {
	dst := []float64{1, 1}
	AddRows(dst, []Entry{{Value: 2, Index: 2}, {Value: -1, Index: 0}}, []float64{1, 2, 0, 3, 4, 0, 5, 6}, 3)
	check(t, "AddRows", dst, 1+10-1, 1+12-2)

	dst = []float64{1, 1, 1, 1, 7, 1, 1, 1, 1}
	AddOuter(dst, 5, []Entry{{Index: 1}, {Index: 0}}, []float64{2, 0}, []float64{1, -1}, []float64{1, 2, 3, 4}, []float64{10, 20, 30, 40})
	check(t, "AddOuter", dst, 1-10, 1-20, 1-30, 1-40, 7, 1+2+10, 1+4+20, 1+6+30, 1+8+40)

	dst = make([]float64, 8)
	Products(dst, []float64{1, 2, 3, 4}, []float64{10, 20, 0, 30, 40}, 2, 3)
	check(t, "Products", dst, 10, 40, 30, 80, 30, 80, 90, 160)

	check(t, "Largest", []float64{Largest([]float64{1, -7, 3, math.NaN(), 6, 2}), Largest(nil)}, 7, 0)
}

func TestNonZeros(t *testing.T) {
	x := []float64{0, math.Copysign(0, -1), 3, 0, 0, -5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, math.NaN()}
	dst := make([]Entry, len(x)+3)
	n, largest := NonZeros(dst, x)
	if n != 4 || largest != 5 || dst[0] != (Entry{3, 2}) || dst[1] != (Entry{-5, 5}) || dst[2] != (Entry{2, 16}) || dst[3].Index != 17 {
		t.Errorf("%v of %v, the largest %v", dst[:n], x, largest)
	}
}

func check(t *testing.T, name string, got []float64, want ...float64) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: %v, want %v", name, got, want)
			return
		}
	}
}

func TestShapes(t *testing.T) {
	three, four := make([]float64, 3), make([]float64, 4)
	for name, call := range map[string]func(){
		"NonZeros":          func() { NonZeros(make([]Entry, 6), four) },
		"AddOuter":          func() { AddOuter(nil, 4, nil, nil, nil, three, four) },
		"AddOuter, f":       func() { AddOuter(nil, 4, nil, three, nil, four, four) },
		"AddOuter, g":       func() { AddOuter(nil, 4, nil, nil, three, four, four) },
		"Products, width":   func() { Products(four, four, four, 3, 3) },
		"Products, dst":     func() { Products(three, four, four, 4, 4) },
		"Products, stride":  func() { Products(four, four, four, 4, 3) },
		"Products, w":       func() { Products(make([]float64, 8), four, four, 4, 4) },
		"SigmoidSteps":      func() { SigmoidSteps(four, three, three, three) },
		"SigmoidChanges":    func() { SigmoidChanges(three, four, 1, 1) },
		"LossChanges":       func() { LossChanges(three, four, three) },
		"HiddenDifferences": func() { HiddenDifferences(four, three, four, four, four, 1, 1) },
		"OutputDifferences": func() { OutputDifferences(four, three, four, four, 1) },
		"Exps":              func() { Exps(three, four) },
		"Logistics":         func() { Logistics(three, four, three) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
