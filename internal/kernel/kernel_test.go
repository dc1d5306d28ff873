package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// unit is [Unit] with all its digits.
var unit, _, _ = big.ParseFloat("2.88449914061481676464327662156021918", 10, precision, big.ToNearestEven)

const precision = 160

func number(v float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(v) }

// series sums x^n / divisors[n−1]. Ten terms leave out less than 2⁻¹¹⁰ of the
// whole, for |x| ≤ 2⁻¹¹.
func series(x *big.Float, divisors [10]float64) *big.Float {
	power, sum := number(1), number(0)
	for _, divisor := range divisors {
		power.Mul(power, x)
		sum.Add(sum, number(0).Quo(power, number(divisor)))
	}
	return sum
}

// bigExpm1 is x + x²/2! + x³/3! + …
func bigExpm1(x *big.Float) *big.Float {
	return series(x, [...]float64{1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800})
}

// bigLog1p is x − x²/2 + x³/3 − …
func bigLog1p(x *big.Float) *big.Float {
	return series(x, [...]float64{1, -2, 3, -4, 5, -6, 7, -8, 9, -10})
}

// inUnit is f in terms of Unit: f(Unit·u) / Unit.
func inUnit(f func(*big.Float) *big.Float, u float64) *big.Float {
	y := f(number(0).Mul(unit, number(u)))
	return y.Quo(y, unit)
}

func TestSeries(t *testing.T) {
	largestSum := math.Expm1(MaxChange)
	for _, test := range []struct {
		name    string
		f       func(float64) float64
		exact   func(float64) *big.Float
		largest float64
	}{
		{"Expm1", Expm1, func(x float64) *big.Float { return bigExpm1(number(x)) }, MaxChange},
		{"expm1", expm1, func(u float64) *big.Float { return inUnit(bigExpm1, u) }, MaxChange / Unit},
		{"log1p", log1p, func(s float64) *big.Float { return inUnit(bigLog1p, s) }, largestSum / Unit},
	} {
		worst, at := 0.0, 0.0
		for _, x := range points(test.largest) {
			if e := ulps(test.f(x), test.exact(x)); !(e <= worst) {
				worst, at = e, x
			}
		}
		t.Logf("%s: at most %.3f ulp, at %v", test.name, worst, at)
		if !(worst <= 2) {
			t.Errorf("%s(%v) = %v is wrong by %v ulp", test.name, at, test.f(at), worst)
		}
		for _, zero := range []float64{0, math.Copysign(0, -1)} {
			if got := test.f(zero); got != 0 {
				t.Errorf("%s(%v) = %v", test.name, zero, got)
			}
		}
	}
}

// points are numbers in ±largest: its ends and their neighbours, tiny ones,
// dense ones, and random ones of every size.
func points(largest float64) []float64 {
	random := rand.New(rand.NewPCG(1, 3))
	p := []float64{largest, math.Nextafter(largest, 0), math.SmallestNonzeroFloat64, 0x1p-1022, 1e-160, 1e-20}
	for i := 1; i < 2000; i++ {
		p = append(p, largest*float64(i)/2000)
		p = append(p, largest*random.Float64())
		p = append(p, math.Ldexp(largest*random.Float64(), -random.IntN(60)))
	}
	for _, x := range p {
		p = append(p, -x)
	}
	return p
}

// ulps is the distance of got from want, in units of the spacing of numbers
// of the size of want.
func ulps(got float64, want *big.Float) float64 {
	nearest, _ := want.Float64()
	nearest = math.Abs(nearest)
	difference, _ := number(got).Sub(number(got), want).Float64()
	return math.Abs(difference) / (math.Nextafter(nearest, math.Inf(1)) - nearest)
}

// A sample of a net with weights w2 [H×K] into the classes, and what the
// kernels want to know of it.
type sample struct {
	a       []float64 // [H] pre-activations
	w2      [][]float64
	y       []float64 // [K]
	label   int
	z, c    []float64 // [H] activations in terms of Unit, and complements
	w, rest []float64 // [(K−1)×H] weights less those of the label, [K−1]
}

func newSample(random *rand.Rand, hidden, classes int) sample {
	s := sample{label: random.IntN(classes), y: make([]float64, classes)}
	sum := 0.0
	for k := range s.y {
		s.y[k] = random.ExpFloat64()
		sum += s.y[k]
	}
	for k := range s.y {
		s.y[k] /= sum
	}
	for range hidden {
		a := 4 * random.NormFloat64()
		s.a = append(s.a, a)
		s.z = append(s.z, 1/(1+math.Exp(-a))/Unit)
		s.c = append(s.c, 1/(1+math.Exp(a)))
		row := make([]float64, classes)
		for k := range row {
			row[k] = random.NormFloat64()
		}
		s.w2 = append(s.w2, row)
	}
	for k := range s.y {
		if k != s.label {
			s.rest = append(s.rest, s.y[k])
			for j := range hidden {
				s.w = append(s.w, s.w2[j][k]-s.w2[j][s.label])
			}
		}
	}
	return s
}

// The wanted change is log1p(Σ y·expm1(δ·W2)) − δ·W2[t], over all classes, by
// the functions of package math.
func TestHiddenLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 4))
	for _, classes := range []int{1, 2, 3, 10, 13} {
		for _, hidden := range []int{1, 2, 7, 8, 9, 50} {
			s := newSample(random, hidden, classes)
			for _, step := range []float64{1e-4, -1e-4, 1e-9, MaxChange, -MaxChange} {
				const weight = 3
				got := slices.Repeat([]float64{5}, hidden) // to be overwritten
				m := []float64{-math.Expm1(-step), -math.Expm1(step)}
				hiddenLossGeneric(got, s.z, s.c, s.w, s.rest, m, []float64{weight, 0})
				for j, a := range s.a {
					delta := -math.Expm1(-step) / ((1 + math.Exp(a)) * (1 + math.Exp(-a-step)))
					sum, size := 0.0, 0.0
					for k, y := range s.y {
						sum += y * math.Expm1(delta*s.w2[j][k])
						size = math.Max(size, math.Abs(delta*s.w2[j][k]))
					}
					want := weight / Unit * (math.Log1p(sum) - delta*s.w2[j][s.label])
					checkChange(t, got[j], 0, want, weight*size, classes)
				}
			}
		}
	}
}

func TestOutputLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 5))
	for _, hidden := range []int{1, 2, 7, 8, 9, 50} {
		s := newSample(random, hidden, 3)
		for k, y := range s.y {
			for _, step := range []float64{1e-4, -1e-4, 1e-9, MaxChange, -MaxChange} {
				const weight = 3
				got := slices.Repeat([]float64{5}, hidden)
				p, sign := y, 1.0
				if k == s.label { // it moves against all others
					p, sign = 1-y, -1
				}
				outputLossGeneric(got, s.z, p, sign*step, weight)
				for j := range s.z {
					change := step * s.z[j] * Unit
					want := math.Log1p(y * math.Expm1(change))
					if k == s.label {
						want -= change
					}
					checkChange(t, got[j], 5, weight/Unit*want, weight*math.Abs(change), 2)
				}
			}
		}
	}
}

// checkChange compares the sum of base and a change of the loss, which is made
// of terms of the given size.
func checkChange(t *testing.T, got, base, change, size float64, terms int) {
	t.Helper()
	const ulp = 0x1p-53
	want := base + change
	if bound := 2*base*ulp + float64(terms+8)*2*ulp*size; math.Abs(got-want) > bound {
		t.Errorf("got %v, want %v: %v apart, at most %v", got, want, math.Abs(got-want), bound)
	}
}

func TestAddRows(t *testing.T) {
	got := []float64{1, 2, 3}
	addRowsGeneric(got, []float64{-2, 1}, []int{2, 0}, []float64{100, 10, 20, 0, 0, 0, 10, 20, 30})
	if want := []float64{1 - 20 + 100, 2 - 40 + 10, 3 - 60 + 20}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Fused: the product is not rounded before the sum.
	small := []float64{-1}
	addRowsGeneric(small, []float64{1 + 0x1p-30}, []int{0}, []float64{1 - 0x1p-30})
	if small[0] != -0x1p-60 {
		t.Errorf("got %v, want the whole -2⁻⁶⁰", small[0])
	}
}
