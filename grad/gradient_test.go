package grad_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/loss"
)

// The functions of sections 4.3.2 and 4.3.3. The conversions forbid a fused
// multiply-add, which NumPy does not use.
func function1(x float64) float64   { return float64(0.01*float64(x*x)) + float64(0.1*x) }
func function2(x []float64) float64 { return float64(x[0]*x[0]) + float64(x[1]*x[1]) }

// The book's code under NumPy gave the wanted bits.
func TestBook(t *testing.T) {
	partial := func(x0, x1 float64, i int) float64 {
		x := []float64{x0, x1}
		return grad.Partial(func() float64 { return function2(x) }, x, i, nil)
	}
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"4.3.1 h = 10e-50", grad.Derivative(function1, 5, &grad.Settings{Formula: grad.Forward, Step: 10e-50}), 0},
		{"4.3.1 forward", grad.Derivative(function1, 5, &grad.Settings{Formula: grad.Forward}), 0.20000099999917254},
		{"4.3.2 at 5", grad.Derivative(function1, 5, nil), 0.1999999999990898},
		{"4.3.2 at 10", grad.Derivative(function1, 10, nil), 0.2999999999986347},
		{"4.3.3 for x0", partial(3, 4, 0), 6.00000000000378},
		{"4.3.3 for x1", partial(3, 4, 1), 7.999999999999119},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
		}
	}
	for _, test := range []struct{ x, want []float64 }{
		{[]float64{3, 4}, []float64{6.00000000000378, 7.999999999999119}},
		{[]float64{0, 2}, []float64{0, 4.000000000004}},
		{[]float64{3, 0}, []float64{6.000000000012662, 0}},
	} {
		if got := grad.Gradient(nil, function2, test.x, nil); !slices.Equal(got, test.want) {
			t.Errorf("4.4: gradient at %v = %v, want %v", test.x, got, test.want)
		}
	}
}

// Gradient descent of section 4.4.1 from (−3, 4), 100 steps, to the last bit:
// a good rate, one that is too large, and one that is too small.
func TestBookDescent(t *testing.T) {
	for rate, want := range map[float64][]float64{
		0.1:   {-6.111107928998789e-10, 8.148143905314271e-10},
		10:    {-25898374737328.363, -1295248616896.5398},
		1e-10: {-2.999999939999995, 3.9999999199999934},
	} {
		x, g := []float64{-3, 4}, make([]float64, 2)
		for range 100 {
			grad.Gradient(g, function2, x, nil)
			for i := range x {
				x[i] -= float64(rate * g[i])
			}
		}
		if !slices.Equal(x, want) {
			t.Errorf("rate %v: %v, want %v", rate, x, want)
		}
	}
}

// simpleNet of section 4.4.2, with the weights that the book prints.
func TestBookSimpleNet(t *testing.T) {
	w := mat.NewDense(2, 3, []float64{0.47355232, 0.9977393, 0.84668094, 0.85557411, 0.03563661, 0.69422093})
	x := mat.NewDense(1, 2, []float64{0.6, 0.9})
	want := []float64{
		0.2192475712392561, 0.14356242984070455, -0.3628100010055757,
		0.3288713569016277, 0.21534364482433954, -0.5442150014750569,
	}
	got := grad.InPlace(nil, func() float64 {
		var y mat.Dense
		y.Mul(x, w)
		loss.Softmax(y.RawRowView(0), y.RawRowView(0))
		return loss.CrossEntropyError(&y, []int{2})
	}, w.RawMatrix().Data, nil)
	// Go and NumPy may differ by some roundings in each loss of about 1, which
	// the division by 2h enlarges.
	const bound = 8 * 0x1p-53 / grad.BookStep
	if !floats.EqualApprox(got, want, bound) {
		t.Errorf("dW = %v, want %v", got, want)
	}
}

var formulas = map[string]fd.Formula{
	"forward":  grad.Forward,
	"central":  grad.Central,
	"backward": fd.Backward,
	"four points": {
		Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -2. / 3}, {Loc: 1, Coeff: 2. / 3}, {Loc: 2, Coeff: -1. / 12}},
		Derivative: 1,
		Step:       1e-3,
	},
}

// wavy has a gradient that is nowhere simple, of any number of variables.
func wavy(x []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += math.Sin(v) * math.Exp(x[(i+1)%len(x)]/3)
	}
	return sum
}

func normal(n int) []float64 {
	random := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, n)
	for i := range x {
		x[i] = random.NormFloat64()
	}
	return x
}

// Gonum's serial gradient does the same arithmetic. Products with ±½ and ±1
// are exact, so that compilers that fuse them change nothing.
func TestAgainstGonum(t *testing.T) {
	x := normal(20)
	for name, formula := range formulas {
		for _, step := range []float64{0, 1e-6, 1e-4, 0.3} {
			got := grad.Gradient(nil, wavy, x, &grad.Settings{Formula: formula, Step: step})
			want := fd.Gradient(nil, wavy, x, &fd.Settings{Formula: formula, Step: step})
			bound := 0.0
			if name == "four points" {
				bound = 1e-14 / cmp.Or(step, formula.Step)
			}
			if !floats.EqualApprox(got, want, bound) {
				t.Errorf("%s, step %v:\ngot  %v\nwant %v", name, step, got, want)
			}
		}
	}
}

// Gradient calls f only at the points of the formula, with one element displaced.
func TestCalls(t *testing.T) {
	const h = 0x1p-10
	at := []float64{1, 2}
	for _, test := range []struct {
		formula fd.Formula
		want    [][]float64
	}{
		{grad.Central, [][]float64{{1 - h, 2}, {1 + h, 2}, {1, 2 - h}, {1, 2 + h}}},
		{grad.Forward, [][]float64{{1, 2}, {1 + h, 2}, {1, 2 + h}}},
		{fd.Backward, [][]float64{{1, 2}, {1 - h, 2}, {1, 2 - h}}},
	} {
		var calls [][]float64
		grad.Gradient(nil, func(x []float64) float64 {
			calls = append(calls, slices.Clone(x))
			return 0
		}, at, &grad.Settings{Formula: test.formula, Step: h})
		if fmt.Sprint(calls) != fmt.Sprint(test.want) {
			t.Errorf("f was asked at %v, want %v", calls, test.want)
		}
	}

	calls := 0
	grad.Partial(func() float64 { calls++; return 0 }, at, 1, &grad.Settings{Formula: grad.Forward})
	if calls != 2 {
		t.Errorf("Partial asked f %d times, want 2", calls)
	}
}

// awkward returns numbers that change when a step is added and subtracted again.
func awkward() []float64 {
	return []float64{
		0.1, 1e300, -1e-300, math.Copysign(0, -1), 0, 5e-324, math.Inf(-1), math.MaxFloat64,
		math.Float64frombits(0x7ff8_0000_00ab_cdef), // NaN that carries something
		math.Float64frombits(0xfff0_0000_0000_0001), // signalling NaN
	}
}

func toBits(x []float64) []uint64 {
	bits := make([]uint64, len(x))
	for i, v := range x {
		bits[i] = math.Float64bits(v)
	}
	return bits
}

func TestRestore(t *testing.T) {
	x := awkward()
	want := toBits(x)
	for name, formula := range formulas {
		calls := 0
		settings := &grad.Settings{Formula: formula}
		grad.InPlace(nil, func() float64 { calls++; return floats.Sum(x) }, x, settings)
		if got := toBits(x); !slices.Equal(got, want) {
			t.Errorf("%s: x is %x, want %x", name, got, want)
		}
		for last := 1; last <= calls; last++ {
			call := 0
			f := func() float64 {
				if call++; call == last {
					panic("f fails")
				}
				return 0
			}
			if r := panicOf(func() { grad.InPlace(nil, f, x, settings) }); r != "f fails" {
				t.Errorf("%s, panic at call %d: recovered %v", name, last, r)
			}
			if got := toBits(x); !slices.Equal(got, want) {
				t.Fatalf("%s, panic at call %d: x is %x, want %x", name, last, got, want)
			}
		}
	}
}

func panicOf(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return nil
}

func TestDst(t *testing.T) {
	x, dst := normal(3), make([]float64, 3)
	if got := grad.Gradient(dst, wavy, x, nil); &got[0] != &dst[0] {
		t.Error("Gradient did not return dst")
	}
	if want := grad.Gradient(nil, wavy, x, nil); !slices.Equal(dst, want) {
		t.Errorf("dst = %v, want %v", dst, want)
	}
	if got := grad.Gradient(nil, wavy, nil, nil); len(got) != 0 {
		t.Errorf("gradient of no variables = %v", got)
	}
}
