package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const precision = 160

func number(v float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(v) }

// sumOf returns x/d(1) + x²/d(2) + … of 24 terms, which leaves out less than
// 2⁻¹⁴⁰ of it for |x| ≤ 2⁻⁵.
func sumOf(x float64, divisor func(n int) *big.Float) *big.Float {
	power, sum := number(1), number(0)
	for n := 1; n <= 24; n++ {
		power.Mul(power, number(x))
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

// The series are right to 2 ulp wherever they are used.
func TestSeries(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	for _, test := range []struct {
		name    string
		f       func(float64) float64
		divisor func(int) *big.Float
		largest float64
	}{
		{"Expm1", Expm1, factorial, Near},
		{"Log1p", Log1p, alternating, math.Expm1(Near)},
	} {
		worst, at := 0.0, 0.0
		for i := range 20000 {
			x := test.largest * (1 - float64(i)/10000)
			if i%3 == 0 {
				x *= math.Exp(-50 * random.Float64())
			}
			want := sumOf(x, test.divisor)
			rounded, _ := want.Float64()
			off, _ := want.Sub(want, number(test.f(x))).Float64()
			ulp := math.Nextafter(math.Abs(rounded), math.Inf(1)) - math.Abs(rounded)
			if e := math.Abs(off) / ulp; !(e <= worst) {
				worst, at = e, x
			}
		}
		t.Logf("%s: at most %.3f ulp, at %v", test.name, worst, at)
		if !(worst <= 2) {
			t.Errorf("%s(%v) = %v is wrong by %v ulp", test.name, at, test.f(at), worst)
		}
	}
}

// A change of a sigmoid unit is right to some ulp of itself where the activation
// is next to 0 or to 1: there a difference of two activations has no digits.
func TestSigmoidChanges(t *testing.T) {
	for _, a := range []float64{-40, -3, 0, 2, 30} {
		z, c := 1/(1+math.Exp(-a)), 1/(1+math.Exp(a))
		for _, s := range []float64{Near, -Near, 1e-4, -1e-9, 1e-20} {
			dst := make([]float64, 1)
			if largest := SigmoidChanges(dst, []float64{s}, []float64{z}, []float64{c}); largest != math.Abs(s) {
				t.Errorf("the largest of %v is %v", s, largest)
			}
			want := c / (1 + math.Exp(-a-s)) * -math.Expm1(-s)                                          // (1−σ(a))·σ(a+s)·(1−exp(−s))
			if bound := (8 + math.Abs(a)) * 0x1p-53; !(math.Abs(dst[0]-want) <= bound*math.Abs(want)) { // a+s is rounded
				t.Errorf("the change at %v by %v is %v, want %v", a, s, dst[0], want)
			}
		}
	}
}

func TestLossChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 4))
	for _, size := range []float64{Near, 1e-4, 1e-12} {
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
	AddRows(dst, []Entry{{Value: 2, Index: 2}, {Value: -1, Index: 0}}, []float64{1, 2, 3, 4, 5, 6})
	check(t, "AddRows", dst, 1+10-1, 1+12-2)

	dst = []float64{1, 1, 1, 1, 1, 1}
	AddOuter(dst, []Entry{{Index: 2}, {Index: 0}}, []float64{2, 0}, []float64{1, -1}, []float64{1, 2}, []float64{10, 20})
	check(t, "AddOuter", dst, 1-10, 1-20, 1, 1, 1+2+10, 1+4+20)

	dst = make([]float64, 8)
	Products(dst, []float64{1, 2, 3, 4}, []float64{10, 20, 0, 30, 40}, 2, 3)
	check(t, "Products", dst, 10, 40, 30, 80, 30, 80, 90, 160)
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
		"NonZeros":         func() { NonZeros(make([]Entry, 6), four) },
		"AddOuter":         func() { AddOuter(nil, nil, nil, nil, three, four) },
		"AddOuter, f":      func() { AddOuter(nil, nil, three, nil, four, four) },
		"AddOuter, g":      func() { AddOuter(nil, nil, nil, three, four, four) },
		"Products, width":  func() { Products(four, four, four, 3, 3) },
		"Products, dst":    func() { Products(three, four, four, 4, 4) },
		"Products, stride": func() { Products(four, four, four, 4, 3) },
		"Products, w":      func() { Products(make([]float64, 8), four, four, 4, 4) },
		"SigmoidChanges":   func() { SigmoidChanges(three, three, three, four) },
		"LossChanges":      func() { LossChanges(three, four, three) },
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
