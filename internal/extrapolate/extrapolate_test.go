package extrapolate_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"numgrad/internal/extrapolate"
)

// The derivative of the logarithm at 2, and how far it may be off.
func ExampleDerivative() {
	e := extrapolate.Derivative(extrapolate.Around(math.Log, 2))
	fmt.Printf("%.10f, off by less than 1e-11: %v\n", e.Difference, e.Bar() < 1e-11)
	// Output: 0.5000000000, off by less than 1e-11: true
}

// Noise of known size is found.
func ExampleNoise() {
	random := rand.New(rand.NewPCG(1, 2))
	f := func(t float64) float64 { return math.Exp(t) + 1e-9*random.NormFloat64() }
	f0 := f(0)
	sigma := extrapolate.Noise(func(t float64) float64 { return f(t) - f0 }, f0)
	fmt.Println(sigma > 0.3e-9 && sigma < 3e-9)
	// Output: true
}

// The steps of a line make the truncation as small as the round-off.
func ExampleFirstStep() {
	for _, noise := range []float64{0x1p-53, 0x1p-24} {
		fmt.Println(extrapolate.FirstStep(noise, 1))
	}
	// Output:
	// 0.001953125
	// 0.0625
}

type function struct {
	name     string
	f, slope func(x float64) float64
}

var functions = []function{
	{"exp", math.Exp, math.Exp},
	{"sin", math.Sin, math.Cos},
	{"tanh", math.Tanh, func(x float64) float64 { return 1 / (math.Cosh(x) * math.Cosh(x)) }},
	{"x³", func(x float64) float64 { return x * x * x }, func(x float64) float64 { return 3 * x * x }},
	{"1/(1+x²)", func(x float64) float64 { return 1 / (1 + x*x) }, func(x float64) float64 { return -2 * x / ((1 + x*x) * (1 + x*x)) }},
	{"sin 1000x", func(x float64) float64 { return math.Sin(1000 * x) }, func(x float64) float64 { return 1000 * math.Cos(1000*x) }},
	{"log(1+exp x)", func(x float64) float64 { return math.Log1p(math.Exp(x)) }, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
}

// Of smooth functions, the bar holds the derivative, and is small.
func TestDerivative(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	all, within := 0, 0
	for _, f := range functions {
		for range 500 {
			x := 3 * random.NormFloat64()
			e := extrapolate.Derivative(extrapolate.Around(f.f, x))
			off := math.Abs(e.Difference - f.slope(x))
			rounded := 1e-13 * math.Abs(1000*x) // of the argument of sin 1000x
			if all++; off <= e.Bar()+rounded {
				within++
			}
			if off > 2*e.Bar()+rounded || e.Kink != 0 || e.Bar() > 1e-8*(1+math.Abs(f.slope(x))) {
				t.Errorf("%s at %v: off by %.1e: %+v", f.name, x, off, e)
			}
		}
	}
	t.Logf("%d of %d within the bar", within, all)
	if within < all*99/100 {
		t.Errorf("%d of %d within the bar, want 99 %%", within, all)
	}
}

// Next to a kink there is one derivative, and on it any between two.
func TestKink(t *testing.T) {
	for distance := 1e-9; distance < 1; distance *= 3 {
		e := extrapolate.Derivative(extrapolate.Around(func(x float64) float64 { return math.Abs(x) + x*x }, distance))
		if off := math.Abs(e.Difference - 1 - 2*distance); off > e.Kink+2*e.Bar() || e.Bar() > 1e-4 && e.Kink == 0 {
			t.Errorf("at distance %v: off by %v: %+v", distance, off, e)
		}
	}
	e := extrapolate.Derivative(extrapolate.Around(math.Abs, 0))
	if math.Abs(e.Difference) > 1e-9 || math.Abs(e.Kink-1) > 1e-9 {
		t.Errorf("at the kink: %+v", e)
	}
}

// If a function is finite on one side only, that side counts.
func TestEdge(t *testing.T) {
	f := func(x float64) float64 { return math.Exp(x) + 0*math.Sqrt(x) }
	e := extrapolate.Derivative(extrapolate.Around(f, 0))
	if off := math.Abs(e.Difference - 1); off > 2*e.Bar() || e.Bar() > 1e-6 {
		t.Errorf("off by %v: %+v", off, e)
	}
	none := extrapolate.Derivative(extrapolate.Line{
		At:    func(float64) (change, step, noise float64) { return math.NaN(), 1, 0 },
		First: 1, Last: 1. / 64,
	})
	if !math.IsNaN(none.Difference) || none.Step != 1./64/8 {
		t.Errorf("nowhere finite: %+v", none)
	}
}

// Noise finds the noise of values rounded to any number of bits by math/big.
func TestNoise(t *testing.T) {
	for bits := uint(12); bits < 50; bits += 4 {
		f := func(t float64) float64 {
			v, _ := new(big.Float).SetPrec(bits).SetFloat64(1.4 + 0.8*math.Sin(t+1)).Float64()
			return v
		}
		f0 := f(0)
		want := math.Ldexp(1, 1-int(bits)) / math.Sqrt(12) // of numbers from 2 to 4 half as large again
		got := extrapolate.Noise(func(t float64) float64 { return f(t) - f0 }, f0)
		if got < want/2 || got > 4*want {
			t.Errorf("%d bits: noise %.2g, want %.2g", bits, got, want)
		}
	}
}

// Functions rounded to float32, with kinks at all distances: few derivatives are
// outside of their bars, where a kink is nearer than round-off shows.
func TestKinksInNoise(t *testing.T) {
	for _, test := range []struct {
		nearest   float64 // the logarithm of a distance
		all, most int     // outside of the bar
	}{{-8, 30000, 1100}, {-4, 50000, 290}} {
		random := rand.New(rand.NewPCG(7, 6))
		outside := 0
		for range test.all {
			slope := random.NormFloat64()
			var at, bend [6]float64
			for k := range at {
				at[k] = math.Copysign(math.Exp(test.nearest*random.Float64()), random.NormFloat64())
				bend[k] = random.NormFloat64()
			}
			e := extrapolate.Derivative(extrapolate.Around(func(x float64) float64 {
				sum := 300 + slope*x
				for k, a := range at {
					sum += bend[k] * math.Max(0, math.Copysign(1, a)*(x-a))
				}
				return float64(float32(sum))
			}, 0))
			if math.Abs(e.Difference-slope) > e.Kink+2*e.Bar() {
				outside++
			}
		}
		if outside > test.most {
			t.Errorf("%v: %d of %d outside of the bar, want at most %d", test.nearest, outside, test.all, test.most)
		}
	}
}
