package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/gradcheck"
)

// A subject is a loss with its right gradient.
type subject struct {
	name      string
	loss      func() float64
	params    []gradcheck.Param
	precision float64
}

// check checks the gradient, changed by spoil unless that is nil.
func (s *subject) check(spoil func(p, i int, g float64) float64) *gradcheck.Report {
	params := slices.Clone(s.params)
	for p := range params {
		g := slices.Clone(params[p].Gradient)
		for i := range g {
			if spoil != nil {
				g[i] = spoil(p, i, g[i])
			}
		}
		params[p].Gradient = g
	}
	return gradcheck.Check(s.loss, params, &gradcheck.Settings{Precision: s.precision})
}

// Visible is a promise: an error of three times as much is called
// wrong, in every element that agrees.
func keepsPromise(t *testing.T, s *subject, random *rand.Rand) {
	t.Helper()
	right := s.check(nil)
	if right.Fault != nil {
		t.Errorf("%s: %v", s.name, right.Fault)
		return
	}
	of := func(p, i int) gradcheck.Element { return right.Params[p].Elements[i] }
	agrees := func(p, i int) bool { return of(p, i).Verdict == gradcheck.Agrees }
	for p := range right.Params {
		for _, e := range right.Params[p].Worst(1) {
			t.Errorf("%s: false alarm: %s %+v", s.name, right.Params[p].ElementName(e), e)
		}
	}

	expect := func(bug string, spoiled func(p, i int) bool, spoil func(p, i int, g float64) float64) {
		r := s.check(func(p, i int, g float64) float64 {
			if spoiled(p, i) {
				return spoil(p, i, g)
			}
			return g
		})
		for p := range r.Params {
			for i, e := range r.Params[p].Elements {
				if spoiled(p, i) && e.Verdict != gradcheck.Wrong {
					t.Errorf("%s, %s: %s is %v: %+v", s.name, bug, r.Params[p].ElementName(e), e.Verdict, e)
					return
				}
			}
		}
	}
	threefold := func(p, i int, g float64) float64 {
		e := of(p, i)
		if v := e.Visible(); v < 1e300 {
			return g + math.Copysign(3*v*math.Abs(e.Difference), g)
		}
		return g + 3*e.Bar
	}
	isBarred := func(p, i int) bool { return agrees(p, i) && of(p, i).Bar > 0 }
	expect("off by three times what is visible", isBarred, threefold)
	p := random.IntN(len(s.params))
	only := random.IntN(len(s.params[p].X))
	expect("the same in one element", func(q, i int) bool { return q == p && i == only && isBarred(q, i) }, threefold)

	for p := range right.Params {
		if r := &right.Params[p]; r.Verdict() == gradcheck.Agrees && r.Visible > 1./3 && r.Zero == 0 && sees(r) {
			t.Errorf("%s: %s agrees: %v", s.name, r.Name, right)
		}
	}
	sharp := func(p, i int) bool { return agrees(p, i) && of(p, i).Visible() < 1e-3 }
	for bug, factor := range map[string]float64{"sign turned": -1, "doubled": 2, "zero": 0, "1.01 times": 1.01} {
		expect(bug, sharp, func(_, _ int, g float64) float64 { return factor * g })
		r := s.check(func(_, _ int, g float64) float64 { return factor * g })
		for p := range r.Params {
			if right.Params[p].Visible < 1e-3 && r.Params[p].Verdict() != gradcheck.Wrong {
				t.Errorf("%s, %s %s: %v", s.name, r.Params[p].Name, bug, r)
			}
			if right.Params[p].Verdict() == gradcheck.CannotTell && r.Params[p].Verdict() == gradcheck.Agrees && !s.tiny(p) {
				t.Errorf("%s, %s %s, which cannot be told if it is right: %v", s.name, r.Params[p].Name, bug, r)
			}
			for i, e := range r.Params[p].Elements {
				if of(p, i).Verdict == gradcheck.CannotTell && e.Verdict == gradcheck.Agrees && !s.tiny(p) && !s.negligible(p, i) {
					t.Errorf("%s, %s %s, which cannot be told if it is right: %+v", s.name, r.Params[p].ElementName(e), bug, e)
				}
			}
		}
	}
}

// sees reports whether the differences show anything of a parameter: it is not
// at a kink, and not zero.
func sees(p *gradcheck.ParamReport) bool {
	some := false
	for _, e := range p.Elements {
		if e.Kink > 0 {
			return false
		}
		some = some || e.Difference != 0
	}
	return some
}

// tiny reports whether a parameter is negligible: its gradient is no more
// than a few last places of the largest one.
func (s *subject) tiny(p int) bool {
	largest := 0.0
	for _, param := range s.params {
		largest = math.Max(largest, floats.Norm(param.Gradient, math.Inf(1)))
	}
	return floats.Norm(s.params[p].Gradient, math.Inf(1)) < 0x1p-50*largest
}

// negligible reports whether an element is less than a millionth of a usual one.
func (s *subject) negligible(p, i int) bool {
	g := s.params[p].Gradient
	return math.Abs(g[i]) <= 1e-6*floats.Norm(g, 2)/math.Sqrt(float64(len(g)))
}

// draw draws a subject of any kind.
func draw(random *rand.Rand, kind string) *subject {
	switch kind {
	case "net", "net in float32":
		s := &subject{precision: gradcheck.Float64}
		if kind != "net" {
			s.precision = gradcheck.Float32
		}
		n := newDeep(random, 6, s.precision)
		s.name, s.loss = n.String(), n.loss
		s.params = n.params(n.gradient(s.precision))
		return s
	case "hidden":
		return drawHidden(random)
	default:
		return drawFunction(random, kind)
	}
}

// drawHidden draws a loss with a large term, which may hide y. It may be rounded
// to float32, and its minimum in y may be near.
func drawHidden(random *rand.Rand) *subject {
	x, y, centre := make([]float64, 2), make([]float64, 1+random.IntN(5)), make([]float64, 5)
	exponent := func(low, high float64) float64 { return math.Pow(10, low+(high-low)*random.Float64()) }
	base, size, near := exponent(-2, 12), exponent(-10, 3), exponent(-16, 0)
	minimum, single := random.IntN(2) == 0, random.IntN(2) == 0
	for i := range x {
		x[i] = 1 + random.Float64()
	}
	for i := range y {
		centre[i] = random.NormFloat64()
		y[i] = centre[i] + near*random.NormFloat64()
	}
	s := &subject{name: fmt.Sprintf("base %.2g, size %.2g, near %.2g, minimum %v, single %v", base, size, near, minimum, single)}
	s.loss = func() float64 {
		f := base * (1 + x[0]*x[1])
		for i, v := range y {
			if minimum {
				f += size * (v - centre[i]) * (v - centre[i]) / 2
			} else {
				f += size * math.Sin(v)
			}
		}
		if single {
			return float64(float32(f))
		}
		return f
	}
	g := make([]float64, len(y))
	for i, v := range y {
		g[i] = size * math.Cos(v)
		if minimum {
			g[i] = size * (v - centre[i])
		}
	}
	s.params = []gradcheck.Param{
		{Name: "x", X: x, Gradient: []float64{base * x[1], base * x[0]}},
		{Name: "y", X: y, Gradient: g},
	}
	return s
}

var functionKinds = []string{"product", "power", "cancelling sum", "noise", "Fourier features", "log", "square root", "float32 loss", "hidden"}

// drawFunction draws a function of a few variables of the given kind.
func drawFunction(random *rand.Rand, kind string) *subject {
	n := 2 + random.IntN(5)
	x, g := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = random.NormFloat64()
	}
	s := &subject{name: fmt.Sprintf("%s of %d", kind, n), params: []gradcheck.Param{{Name: "x", X: x, Gradient: g}}}
	switch kind {
	case "product": // ½(Πx − 1)²
		product := func() float64 {
			v := 1.0
			for i := range x {
				v *= x[i]
			}
			return v
		}
		s.loss = func() float64 { r := product() - 1; return r * r / 2 }
		r := product() - 1
		for i := range g {
			g[i] = r * product() / x[i]
		}
	case "power": // Σ |x|^p
		powers := make([]float64, n)
		for i := range x {
			powers[i] = 1 + 9*random.Float64()
			x[i] = math.Exp(2 * random.NormFloat64())
			g[i] = powers[i] * math.Pow(x[i], powers[i]-1)
		}
		s.loss = func() float64 {
			sum := 0.0
			for i := range x {
				sum += math.Pow(x[i], powers[i])
			}
			return sum
		}
	case "cancelling sum": // ½(Σ c·x)², little of which is left
		c := make([]float64, n)
		sum := func() float64 {
			v := 0.0
			for i := range x {
				v += c[i] * x[i]
			}
			return v
		}
		for i := range c {
			c[i] = 1e3 * random.NormFloat64()
		}
		x[0] -= (sum() - math.Pow(10, -6*random.Float64())) / c[0]
		s.loss = func() float64 { v := sum(); return v * v / 2 }
		for i := range g {
			g[i] = sum() * c[i]
		}
	case "noise", "float32 loss":
		size := math.Pow(10, -4-8*random.Float64())
		s.loss = func() float64 {
			sum := 0.0
			bits := uint64(1)
			for i, v := range x {
				sum += math.Cosh(v) * float64(i+1)
				bits = (bits ^ math.Float64bits(v)) * 0x9e3779b97f4a7c15
				bits ^= bits >> 29
			}
			if kind == "noise" {
				return sum + size*(float64(bits>>11)/(1<<53)-0.5)
			}
			return float64(float32(sum))
		}
		for i, v := range x {
			g[i] = math.Sinh(v) * float64(i+1)
		}
	case "Fourier features": // Σ sin(2^k·π·x + k)
		terms := 1 + random.IntN(16)
		wave := func(v float64) (f, slope float64) {
			for k := range terms {
				w := math.Ldexp(math.Pi, k)
				f += math.Sin(w*v + float64(k))
				slope += w * math.Cos(w*v+float64(k))
			}
			return f, slope
		}
		s.loss = func() float64 {
			sum := 0.0
			for _, v := range x {
				f, _ := wave(v)
				sum += f
			}
			return sum
		}
		for i, v := range x {
			_, g[i] = wave(v)
		}
	case "log", "square root":
		for i := range x {
			x[i] = math.Pow(10, -9*random.Float64())
			g[i] = 1 / x[i]
			if kind != "log" {
				g[i] = 0.5 / math.Sqrt(x[i])
			}
		}
		s.loss = func() float64 {
			sum := 0.0
			for _, v := range x {
				if kind == "log" {
					sum += math.Log(v)
				} else {
					sum += math.Sqrt(v)
				}
			}
			return sum
		}
	}
	return s
}

// The package's promise, over nets of 1 to 12 layers and functions of all
// kinds. make test-long draws 25 times as many.
func TestPromise(t *testing.T) {
	for _, kind := range append([]string{"net", "net in float32"}, functionKinds...) {
		t.Run(kind, func(t *testing.T) {
			n := 10000
			if strings.HasPrefix(kind, "net") {
				n = 150 // each is checked eleven times
			}
			for seed := range cases(n) {
				random := rand.New(rand.NewPCG(uint64(seed), 77))
				s := draw(random, kind)
				s.name = fmt.Sprintf("seed %d: %s", seed, s.name)
				keepsPromise(t, s, random)
			}
		})
	}
}
