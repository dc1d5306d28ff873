package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"numgrad/gradcheck"
)

// bowl is f(x) = Σ (i+1)·xᵢ² / 2, with its gradient.
func bowl(x []float64) (f float64, g []float64) {
	g = make([]float64, len(x))
	for i, v := range x {
		f += float64(i+1) * v * v / 2
		g[i] = float64(i+1) * v
	}
	return f, g
}

// The report names the fault of a loss that cannot be checked.
func TestCheckFault(t *testing.T) {
	for _, test := range []struct {
		name string
		loss func(x []float64, call int) float64
		want string
	}{
		{"dropout", func(x []float64, call int) float64 { return x[0] * float64(call) }, "when asked again"},
		{"dropout at the end", func(x []float64, call int) float64 { return x[0]*x[0] + float64(call/150) }, "at the end"},
		{"changes x", func(x []float64, _ int) float64 { x[1]++; return x[0] }, "changes the variables"},
		{"changes x at times", func(x []float64, call int) float64 {
			if call > 100 {
				x[1]++
			}
			return x[0]
		}, "changes the variables"},
		{"NaN", func([]float64, int) float64 { return math.NaN() }, "the loss is NaN"},
		{"Inf", func([]float64, int) float64 { return math.Inf(1) }, "the loss is +Inf"},
		{"flat", func([]float64, int) float64 { return 1 }, "does not change with any variable"},
	} {
		x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
		saved := slices.Clone(x)
		call := 0
		r := gradcheck.Check(func() float64 { call++; return test.loss(x, call) },
			[]gradcheck.Param{{Name: "x", X: x, Gradient: slices.Repeat([]float64{1}, len(x))}}, nil)
		if r.Fault == nil || !strings.Contains(r.Fault.Error(), test.want) {
			t.Errorf("%s: fault %v, want one with %q", test.name, r.Fault, test.want)
		}
		if err := r.Err(); err == nil || !strings.HasPrefix(err.Error(), "gradcheck: no verdict: ") {
			t.Errorf("%s: error %v", test.name, err)
		}
		if !strings.HasPrefix(r.String(), "no verdict: ") {
			t.Errorf("%s: report %q", test.name, r.String())
		}
		if !slices.Equal(x, saved) {
			t.Errorf("%s: x is %v after the check", test.name, x)
		}
	}
	x := []float64{1, 2, 3, math.NaN()}
	r := gradcheck.Check(func() float64 { return x[0] }, []gradcheck.Param{{Name: "W", X: x, Gradient: make([]float64, 4), Shape: []int{2, 2}}}, nil)
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "W[1,1] is NaN") {
		t.Errorf("NaN in W[1,1]: error %v", r.Err())
	}
}

// At the edge of a domain the derivative comes from one side, or from steps
// that stay inside; where neither is, the smallest step is named.
func TestCheckEdge(t *testing.T) {
	for _, test := range []struct {
		name     string
		f        func(x float64) float64
		x, right float64
		visible  float64
	}{
		{"log", math.Log, 1e-10, 1e10, 1e-8},
		{"log", math.Log, 1e-3, 1e3, 1e-9},
		{"1/x", func(x float64) float64 { return 1 / x }, 1e-9, -1e18, 1e-8},
		{"x·sqrt(1-x)", func(x float64) float64 { return x * math.Sqrt(1-x) }, 1 - 1e-6, math.Sqrt(1-(1-1e-6)) - (1-1e-6)/2/math.Sqrt(1-(1-1e-6)), 1e-7},
		{"exp, right of zero", func(x float64) float64 { return math.Exp(x) + 0*math.Sqrt(x) }, 0, 1, 1e-7},
		{"exp, left of one", func(x float64) float64 { return math.Exp(x) + 0*math.Sqrt(1-x) }, 1, math.E, 1e-7},
		{"asin", math.Asin, 1 - 1e-8, 1 / math.Sqrt((1-(1-1e-8))*(1+(1-1e-8))), 1e-5},
	} {
		x := []float64{test.x}
		check := func(g float64) gradcheck.Element {
			r := gradcheck.Check(func() float64 { return test.f(x[0]) }, []gradcheck.Param{{Name: "x", X: x, Gradient: []float64{g}}}, nil)
			if r.Fault != nil {
				t.Fatalf("%s at %v: %v", test.name, test.x, r.Fault)
			}
			return r.Params[0].Elements[0]
		}
		e := check(test.right)
		if e.Verdict != gradcheck.Agrees || !(e.Visible() < test.visible) {
			t.Errorf("%s at %v: visible %.1e, %+v", test.name, test.x, e.Visible(), e)
		}
		if e := check(test.right * (1 + 3*test.visible)); e.Verdict != gradcheck.Wrong {
			t.Errorf("%s at %v, off by %.1e: %+v", test.name, test.x, 3*test.visible, e)
		}
	}

	x := []float64{1, 2}
	r := gradcheck.Check(func() float64 {
		if x[1] != 2 {
			return math.NaN()
		}
		return x[0]
	}, []gradcheck.Param{{Name: "x", X: x, Gradient: []float64{1, 0}}}, nil)
	if r.Err() == nil || !strings.HasPrefix(r.Err().Error(), "gradcheck: cannot tell: x (the loss is not finite at x[1] ± h, for any h down to ") {
		t.Errorf("error %v", r.Err())
	}
}

// Steps are neither bound to the variables being of size one, nor periods of
// the loss.
func TestCheckScale(t *testing.T) {
	type function struct {
		name     string
		f, slope func(x float64) float64
		x        float64
	}
	var list []function
	wave := func(frequency, x float64) {
		list = append(list, function{fmt.Sprintf("sin(%g·x)", frequency),
			func(x float64) float64 { return math.Sin(frequency * x) },
			func(x float64) float64 { return frequency * math.Cos(frequency*x) }, x})
	}
	for k := range 24 {
		wave(math.Ldexp(math.Pi, k), 0.3)
		wave(math.Ldexp(1, k), 0.7)
	}
	wave(1e8, 1)
	wave(1e12, 1e-12)
	wave(1e6, 12)
	list = append(list, function{"exp(-(x-1.7e9)²)",
		func(x float64) float64 { return math.Exp(-(x - 1.7e9) * (x - 1.7e9)) },
		func(x float64) float64 { return -2 * (x - 1.7e9) * math.Exp(-(x-1.7e9)*(x-1.7e9)) }, 1.7e9 + 0.5})
	for _, f := range list {
		for factor, want := range map[float64]gradcheck.Verdict{1: gradcheck.Agrees, 1.01: gradcheck.Wrong, 0: gradcheck.Wrong, -1: gradcheck.Wrong} {
			x := []float64{f.x}
			r := gradcheck.Check(func() float64 { return f.f(x[0]) },
				[]gradcheck.Param{{Name: "x", X: x, Gradient: []float64{factor * f.slope(f.x)}}}, nil)
			if r.Fault != nil || r.Params[0].Elements[0].Verdict != want {
				t.Errorf("%s at %v, gradient times %v: want %v, got %v\n%+v", f.name, f.x, factor, want, r, r.Params)
			}
		}
	}
}

// The steps of an array of zeros follow the sizes of the other arrays.
func TestCheckZeroArray(t *testing.T) {
	x, b := []float64{0.3e-15, -0.2e-15, 0.7e-15}, []float64{0, 0, 0}
	loss := func() float64 {
		f := 0.0
		for i := range x {
			f += math.Sin(1e15*(x[i]+b[i]) + float64(i))
		}
		return f
	}
	g := make([]float64, len(x))
	for i := range g {
		g[i] = 1e15 * math.Cos(1e15*x[i]+float64(i))
	}
	if r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}, {Name: "b", X: b, Gradient: g}}, nil); r.Err() != nil {
		t.Error(r)
	}
}

// Steep losses hide no error of more than 1e-9, though they are far larger at
// smaller variables.
func TestCheckSteep(t *testing.T) {
	for name, f := range map[string][2]func(x float64) float64{
		"r⁻⁶":       {func(x float64) float64 { return math.Pow(x, -6) }, func(x float64) float64 { return -6 * math.Pow(x, -7) }},
		"r⁻¹²":      {func(x float64) float64 { return math.Pow(x, -12) }, func(x float64) float64 { return -12 * math.Pow(x, -13) }},
		"exp(13/x)": {func(x float64) float64 { return math.Exp(13 / x) }, func(x float64) float64 { return -13 / x / x * math.Exp(13/x) }},
	} {
		x, g := []float64{0.9, 1.1, 1.3, 1.7}, make([]float64, 4)
		for i, v := range x {
			g[i] = f[1](v)
		}
		r := gradcheck.Check(func() float64 {
			sum := 0.0
			for _, v := range x {
				sum += f[0](v)
			}
			return sum
		}, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil)
		if r.Err() != nil || r.Params[0].Visible > 1e-9 {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// A loss that is noisier than it shows near x is not called wrong.
func TestCheckHiddenNoise(t *testing.T) {
	x := []float64{0, -20, -35, -40}
	loss := func() float64 { // log Σ exp(x), as it is usually computed
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(v - x[0])
		}
		return x[0] + math.Log(sum)
	}
	g := make([]float64, 4)
	for i, v := range x {
		g[i] = math.Exp(v) / (1 + math.Exp(-20) + math.Exp(-35) + math.Exp(-40))
	}
	r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil)
	if r.Params[0].Wrong > 0 || r.Params[0].Elements[0].Verdict != gradcheck.Agrees {
		t.Errorf("%v%+v", r, r.Params)
	}
}

// A loss that is flat here, but not far away, does read the variables.
func TestCheckSaturated(t *testing.T) {
	x := []float64{40, 50}
	loss := func() float64 { return 1 / (1 + math.Exp(-x[0])) * math.Tanh(x[1]) }
	for g, want := range map[float64]string{0: "", 1e-18: "cannot tell: x (flat)", 1: "wrong: x: the loss is flat: it changes only where"} {
		r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: []float64{g, g}}}, nil)
		if err := r.Err(); err == nil != (want == "") || err != nil && !strings.HasPrefix(err.Error(), "gradcheck: "+want) {
			t.Errorf("gradient %v: %v, want %q", g, err, want)
		}
	}
}

// A zero agrees where the loss shows that it is one, and not where the loss
// cannot show anything else.
func TestCheckZero(t *testing.T) {
	const agrees, cannotTell = gradcheck.Agrees, gradcheck.CannotTell
	relu := func(v float64) float64 { return math.Max(0, v) }
	single := func(v float64) float64 { return float64(float32(v)) }
	for _, test := range []struct {
		name  string
		loss  func(x, y []float64) float64
		right []float64 // gradient of y, the rest of which is zero
		want  gradcheck.Verdict
		zero  gradcheck.Verdict // of zeros in its place
	}{
		{"hidden by a large loss", func(x, y []float64) float64 { return 1e12 + 1e9*x[0]*x[1] + 1e-3*math.Sin(y[0]) },
			[]float64{1e-3 * math.Cos(0.3)}, agrees, agrees},
		{"hidden by float32", func(x, y []float64) float64 { return single(3 + x[0]*x[1] + 1e-6*math.Sin(y[0])) },
			[]float64{1e-6 * math.Cos(0.3)}, cannotTell, cannotTell},
		{"hidden by float32 however far", func(x, y []float64) float64 { return single(3 + x[0]*x[1] + 1e-9*math.Sin(y[0])) },
			[]float64{1e-9 * math.Cos(0.3)}, cannotTell, cannotTell},
		{"not read", func(x, _ []float64) float64 { return x[0] * x[1] }, nil, agrees, agrees},
		{"read with a factor of zero", func(x, y []float64) float64 { return x[0]*x[1] + 0*y[0] }, nil, agrees, agrees},
		{"not read by a large loss", func(x, _ []float64) float64 { return 1e12 * x[0] * x[1] }, nil, agrees, agrees},
		{"not read by a loss in float32", func(x, _ []float64) float64 { return single(x[0] * x[1]) }, nil, cannotTell, cannotTell},
		{"dead", func(x, y []float64) float64 { return x[0]*x[1] + relu(y[0]-1) + relu(y[1]-2) }, nil, agrees, agrees},
		{"dead beside alive", func(x, y []float64) float64 { return x[0]*x[1] + relu(y[0]) + relu(y[1]-2) }, []float64{1}, agrees, gradcheck.Wrong},
		{"at a minimum", func(x, y []float64) float64 { return x[0]*x[1] + (y[0]-0.3)*(y[0]-0.3) }, nil, agrees, agrees},
	} {
		x, y := []float64{1.5, 2}, []float64{0.3, 0.4, 0.5}
		for _, spoiled := range []bool{false, true} {
			base := test.loss(x, y)
			dx := []float64{0, 0} // of x, which the losses are linear in
			for i := range x {
				x[i]++
				dx[i] = test.loss(x, y) - base
				x[i]--
			}
			dy, want := make([]float64, len(y)), test.zero
			if !spoiled {
				copy(dy, test.right)
				want = test.want
			}
			for _, sample := range []int{0, 100} {
				r := gradcheck.Check(func() float64 { return test.loss(x, y) },
					[]gradcheck.Param{{Name: "x", X: x, Gradient: dx}, {Name: "y", X: y, Gradient: dy}}, &gradcheck.Settings{Losses: sample})
				if got := r.Params[1].Verdict(); got != want || r.Fault != nil {
					t.Errorf("%s, spoiled %v, sample %d: %v, want %v\n%v", test.name, spoiled, sample, got, want, r)
				}
			}
		}
	}
}

// At a minimum the gradient is zero within a bar that is negligible beside the
// slopes nearby, unless the loss is so large that it hides them.
func TestCheckMinimum(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct {
		base, off float64
		want      gradcheck.Verdict
	}{{0, 1e-14, gradcheck.Agrees}, {1, 1e-14, gradcheck.Agrees}, {1e6, 1e-8, gradcheck.Agrees}, {1e10, 1e-4, gradcheck.CannotTell}} {
		x, centre, g := make([]float64, 20), make([]float64, 20), make([]float64, 20)
		for i := range x {
			centre[i] = random.NormFloat64()
			x[i] = centre[i] + test.off*random.NormFloat64()
		}
		loss := func() float64 {
			f := test.base
			for i, v := range x {
				f += (v - centre[i]) * (v - centre[i]) / 2
			}
			return f
		}
		check := func() gradcheck.ParamReport {
			return gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil).Params[0]
		}
		for i, v := range x {
			g[i] = v - centre[i]
		}
		p := check()
		if p.Verdict() != test.want || test.want == gradcheck.Agrees && p.Zero == 0 {
			t.Errorf("%+v: %v, %d are zero within %v", test, p.Verdict(), p.Zero, p.ZeroWithin)
		}
		g[3] += 3 * p.Elements[3].Bar
		if p := check(); p.Wrong != 1 {
			t.Errorf("%+v, off by three bars: %v", test, p.Verdict())
		}
	}
}

// A parameter agrees only if its untold elements are a small part of it.
func TestCheckUntold(t *testing.T) {
	for share, want := range map[float64]gradcheck.Verdict{0.03: gradcheck.CannotTell, 3e-4: gradcheck.Agrees} {
		x := []float64{1, 1, 1, 1, 1}
		loss := func() float64 {
			bits := math.Float64bits(x[4]) * 0x9e3779b97f4a7c15
			noise := share * 0.5 * float64(bits>>11) / (1 << 53)
			return x[0]*x[0] + x[1]*x[1] + x[2]*x[2] + x[3]*x[3] + 3*share*x[4] + noise
		}
		r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: []float64{2, 2, 2, 2, 3 * share}}}, nil)
		if got := r.Params[0].Verdict(); got != want || r.Params[0].CannotTell != 1 {
			t.Errorf("share %v: %v, want %v\n%v%+v", share, got, want, r, r.Params)
		}
		if !strings.Contains(r.String(), "x") || (want == gradcheck.Agrees) != strings.Contains(r.String(), "(but 1 of 5 cannot be told)") {
			t.Errorf("share %v: %v", share, r)
		}
	}
}

// Check copies the gradient, so a loss may overwrite it.
func TestCheckCopiesGradient(t *testing.T) {
	x := []float64{1, 2}
	g := []float64{1, 5} // the second is wrong
	r := gradcheck.Check(func() float64 {
		f, right := bowl(x)
		copy(g, right)
		return f
	}, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil)
	if r.Params[0].Wrong != 1 || r.Params[0].Worst(9)[0].Backprop != 5 {
		t.Errorf("%v", r)
	}
}

// At a kink any value between the two sides is right, and none beyond.
func TestCheckKink(t *testing.T) {
	for _, f := range []struct {
		name        string
		f           func(x float64) float64
		at          float64
		left, right float64
	}{
		{"abs", math.Abs, 0, -1, 1},
		{"abs in noise", func(x float64) float64 { return 1e7 + math.Abs(x) }, 0, -1, 1},
		{"relu", func(x float64) float64 { return math.Max(0, x) + math.Exp(x) }, 0, 1, 2},
		{"max", func(x float64) float64 { return math.Max(3*x, x*x) }, 3, 3, 6},
		{"max near", func(x float64) float64 { return math.Max(3*x, x*x) }, 3 + 1e-12, 3, 6},
	} {
		for _, test := range []struct {
			share float64
			want  gradcheck.Verdict
		}{{-0.01, gradcheck.Wrong}, {0, gradcheck.Agrees}, {0.3, gradcheck.Agrees}, {1, gradcheck.Agrees}, {1.01, gradcheck.Wrong}} {
			x := []float64{f.at}
			a := f.left + test.share*(f.right-f.left)
			r := gradcheck.Check(func() float64 { return f.f(x[0]) }, []gradcheck.Param{{Name: "x", X: x, Gradient: []float64{a}}}, nil)
			if got := r.Params[0].Elements[0]; got.Verdict != test.want {
				t.Errorf("%s with %v: %v, want %v: %+v", f.name, a, got.Verdict, test.want, got)
			}
		}
	}
	// Next to a kink there is one derivative.
	for distance := 1e-6; distance < 1; distance *= 1.1 {
		x := []float64{distance}
		r := gradcheck.Check(func() float64 { return math.Abs(x[0]) + math.Sin(x[0]) },
			[]gradcheck.Param{{Name: "x", X: x, Gradient: []float64{1 + math.Cos(distance)}}}, nil)
		if e := r.Params[0].Elements[0]; e.Verdict != gradcheck.Agrees || e.Kink != 0 || e.Bar > 1e-6 {
			t.Errorf("at distance %v: %+v", distance, e)
		}
	}
}

// Elements that share a kink are judged together, and not each by itself.
func TestCheckSharedKink(t *testing.T) {
	relu := func(v float64) float64 { return math.Max(0, v) }
	for _, test := range []struct {
		name string
		loss func(x []float64) float64
		x, g []float64
		want gradcheck.Verdict
	}{
		{"one of two maxima", func(x []float64) float64 { return slices.Max(x) }, []float64{3, 3}, []float64{1, 0}, gradcheck.Agrees},
		{"half for each", func(x []float64) float64 { return slices.Max(x) }, []float64{3, 3}, []float64{0.5, 0.5}, gradcheck.Agrees},
		{"all for each", func(x []float64) float64 { return slices.Max(x) }, []float64{3, 3}, []float64{1, 1}, gradcheck.Wrong},
		{"too little for each", func(x []float64) float64 { return slices.Max(x) }, []float64{3, 3}, []float64{0.3, 0.3}, gradcheck.Wrong},
		{"all for each of three", func(x []float64) float64 { return slices.Max(x) }, []float64{3, 3, 3}, []float64{1, 1, 1}, gradcheck.Wrong},
		{"0.4 for each of three", func(x []float64) float64 { return slices.Max(x) }, []float64{3, 3, 3}, []float64{0.4, 0.4, 0.4}, gradcheck.Wrong},
		{"two kinks of their own", func(x []float64) float64 { return relu(x[0]) - relu(x[1]) }, []float64{0, 0}, []float64{1, 1}, gradcheck.Wrong},
		{"the same, right", func(x []float64) float64 { return relu(x[0]) - relu(x[1]) }, []float64{0, 0}, []float64{1, -1}, gradcheck.Agrees},
		{"the minimum of two kinks, a backward pass that stops", func(x []float64) float64 { return relu(x[0]) + relu(x[1]) - min(relu(-x[0]), relu(-x[1])) }, []float64{0, 0}, []float64{0, 0}, gradcheck.Agrees},
		{"a sum of kinks, a backward pass that stops", func(x []float64) float64 { return relu(x[0]) + x[0] + x[1] }, []float64{0, 1}, []float64{0, 1}, gradcheck.CannotTell},
	} {
		r := gradcheck.Check(func() float64 { return test.loss(test.x) }, []gradcheck.Param{{Name: "x", X: test.x, Gradient: test.g}}, nil)
		if got := r.Params[0].Verdict(); got != test.want {
			t.Errorf("%s: %v, want %v\n%v", test.name, got, test.want, r)
		}
	}
	// Random directions meet 40 kinks, with slopes of either sign, and are no
	// evidence.
	x, g := make([]float64, 400), make([]float64, 400)
	for i := range x {
		x[i] = float64(i % 10)
		g[i] = float64(i%3) - 1
	}
	loss := func() float64 {
		f := 0.0
		for i, v := range x {
			f += (float64(i%3) - 1) * relu(v)
		}
		return f
	}
	r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, &gradcheck.Settings{Losses: 300})
	if p := r.Params[0]; p.Verdict() == gradcheck.Wrong || p.Directions > 0 || r.Asked > 1200 {
		t.Errorf("%d directions, %d losses: %v", p.Directions, r.Asked, r)
	}
}

// Noise widens the bar, and is no reason to call a gradient wrong or right.
func TestCheckNoise(t *testing.T) {
	for _, test := range []struct {
		name    string
		rounded func(f float64) float64
		off     float64
		want    gradcheck.Verdict
	}{
		{"float32, right", func(f float64) float64 { return float64(float32(f)) }, 0, gradcheck.Agrees},
		{"float32, off by 1 %", func(f float64) float64 { return float64(float32(f)) }, 0.01, gradcheck.Wrong},
		{"four digits, off by 1 %", func(f float64) float64 { return math.Round(f*1e4) / 1e4 }, 0.01, gradcheck.Wrong},
		{"three digits, sign turned", func(f float64) float64 { return math.Round(f*1e3) / 1e3 }, -2, gradcheck.Wrong},
		{"four digits, off by 1e-4", func(f float64) float64 { return math.Round(f*1e4) / 1e4 }, 1e-4, gradcheck.Agrees},
		{"one digit", func(f float64) float64 { return math.Round(f*10) / 10 }, 0, gradcheck.CannotTell},
		{"noise alone", func(f float64) float64 { _, frac := math.Modf(f * 1e9); return f + 1e6*frac }, 0, gradcheck.CannotTell},
	} {
		x := []float64{0.3, -0.7, 1.1, 0.9}
		_, g := bowl(x)
		for i := range g {
			g[i] *= 1 + test.off
		}
		r := gradcheck.Check(func() float64 {
			f, _ := bowl(x)
			return test.rounded(f)
		}, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil)
		if got := r.Params[0].Verdict(); r.Fault != nil || got != test.want {
			t.Errorf("%s: %v, want %v\n%v%+v", test.name, got, test.want, r, r.Params[0].Elements)
		}
	}
}

// Of a large parameter, elements outside of the sample are seen along directions
// and found.
func TestCheckSample(t *testing.T) {
	const n = 2000
	random := rand.New(rand.NewPCG(8, 9))
	x := make([]float64, n)
	for i := range x {
		x[i] = random.NormFloat64()
	}
	loss := func() float64 {
		f := 0.0
		for i, v := range x {
			f += math.Sin(v + float64(i))
		}
		return f / n
	}
	g := make([]float64, n)
	for i, v := range x {
		g[i] = math.Cos(v+float64(i)) / n
	}
	check := func() gradcheck.ParamReport {
		return gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}},
			&gradcheck.Settings{Losses: 700, Source: rand.NewPCG(1, 1)}).Params[0]
	}

	if p := check(); p.Verdict() != gradcheck.Agrees || len(p.Elements) > 40 || p.Directions == 0 || p.Blind > 1e-7 {
		t.Errorf("right: %v, %d elements, %d directions, blind %v", p.Verdict(), len(p.Elements), p.Directions, p.Blind)
	}
	size := math.Sqrt(1. / 2 / n) // of the gradient
	blind := check().Blind * size
	found := 0
	trials := cases(500)
	for trial := range trials {
		i := random.IntN(n)
		saved := g[i]
		g[i] += 2 * blind
		p := check()

		if p.Verdict() != gradcheck.Wrong {
			t.Errorf("trial %d: an error of twice Blind was missed", trial)
		}
		if w := p.Worst(1); len(w) == 1 && w[0].Index == i {
			found++
		}
		g[i] = saved
	}
	t.Logf("%d of %d found by name", found, trials)
	if found < trials*4/5 {
		t.Errorf("%d of %d found by name", found, trials)
	}
}

// A sampled check names only the elements and rows that it has found.
func TestCheckSampleAlone(t *testing.T) {
	const rows, cols = 60, 40
	random := rand.New(rand.NewPCG(3, 3))
	x, c, right := make([]float64, rows*cols), make([]float64, rows*cols), make([]float64, rows*cols)
	for i := range x {
		x[i], c[i] = random.NormFloat64(), math.Exp(2*random.NormFloat64())
		right[i] = c[i] * math.Cos(x[i])
	}
	loss := func() float64 {
		f := 0.0
		for i, v := range x {
			f += c[i] * math.Sin(v)
		}
		return f
	}
	each := func(factor float64, first, end, step int) func(g []float64) {
		return func(g []float64) {
			for i := first; i < end; i += step {
				g[i] *= factor
			}
		}
	}
	for _, test := range []struct {
		spoil func(g []float64)
		want  string
	}{
		{each(0, 7*cols, 8*cols, 1), "row 7 is zero"},
		{each(1.01, 7*cols, 8*cols, 1), ""},
		{each(0, 3, rows*cols, cols), "column 3 is zero"},
		{each(0, 7*cols+5, 7*cols+6, 1), "w[7,5] alone: zero"},
		{each(2, 7*cols+5, 7*cols+6, 1), "w[7,5] alone"},
		{each(math.NaN(), 7*cols+5, 7*cols+6, 1), "w[7,5] alone: not finite"},
	} {
		g := slices.Clone(right)
		test.spoil(g)
		r := gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: x, Gradient: g, Shape: []int{rows, cols}}}, &gradcheck.Settings{Losses: 700})
		if got, _, _ := strings.Cut(r.String(), "\n"); got != strings.TrimSuffix("wrong: w: "+test.want, ": ") {
			t.Errorf("%s, want %s\n%v", got, test.want, r)
		}
	}
}

// A loss that differs in its last bits when asked again is noisy, not random.
func TestCheckLastBits(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	x := []float64{0.3, -0.7, 1.1, 0.9}
	_, g := bowl(x)
	loss := func() float64 { f, _ := bowl(x); return f * (1 + 1e-13*random.NormFloat64()) }
	r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil)
	if r.Err() != nil || r.Params[0].Visible > 1e-8 {
		t.Errorf("right: %v", r)
	}
	g[2] *= 1 + 1e-6
	if r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, nil); r.Params[0].Wrong != 1 {
		t.Errorf("off by 1e-6: %v", r)
	}
}

// Changes that disagree with the loss are a fault.
func TestCheckChanges(t *testing.T) {
	x := []float64{1, 2, 3}
	_, g := bowl(x)
	loss := func() float64 { f, _ := bowl(x); return f }
	for factor, ok := range map[float64]bool{1: true, 1.01: false} {
		r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, &gradcheck.Settings{
			Changes: func(dst []float64, h float64) {
				for i, v := range x {
					dst[i] = factor * float64(i+1) * h * (v + h/2)
				}
			},
		})
		if (r.Err() == nil) != ok {
			t.Errorf("changes times %v: %v", factor, r.Err())
		}
	}
}

// Progress counts each loss and never exceeds its total.
func TestProgress(t *testing.T) {
	x := make([]float64, 50)
	for i := range x {
		x[i] = float64(i)
	}
	_, g := bowl(x)
	calls := 0
	r := gradcheck.Check(func() float64 { f, _ := bowl(x); return f }, []gradcheck.Param{{Name: "x", X: x, Gradient: g}}, &gradcheck.Settings{
		Losses: 300,
		Progress: func(done, total int) {
			if calls++; done != calls || done > total {
				t.Errorf("%d of %d at call %d", done, total, calls)
			}
		},
	})
	if calls != r.Asked {
		t.Errorf("%d calls, %d losses", calls, r.Asked)
	}
}

func TestCheckPanics(t *testing.T) {
	x := []float64{1}
	for want, params := range map[string][]gradcheck.Param{
		"gradcheck: Check of no elements":                                        nil,
		"gradcheck: Check of W with 1 elements, a gradient of 2 and shape [1]":   {{Name: "W", X: x, Gradient: make([]float64, 2)}},
		"gradcheck: Check of W with 1 elements, a gradient of 1 and shape [2 3]": {{Name: "W", X: x, Gradient: x, Shape: []int{2, 3}}},
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %v", got, want)
				}
			}()
			gradcheck.Check(func() float64 { return 0 }, params, nil)
		}()
	}
}
