package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"numgrad/grad"
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

// A loss that cannot be checked is told as that.
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
		{"NaN nearby", func(x []float64, _ int) float64 {
			if x[1] != 2 {
				return math.NaN()
			}
			return x[0]
		}, "not finite at x[1] ± h"},
		{"flat", func([]float64, int) float64 { return 1 }, "does not change with any variable"},
	} {
		x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
		saved := slices.Clone(x)
		call := 0
		r := gradcheck.Check(func() float64 { call++; return test.loss(x, call) },
			[]gradcheck.Param{{Name: "x", X: x, Gradient: make([]float64, len(x))}}, nil)
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
}

// The gradient is that of before the check, also where the loss writes its
// own into the same memory.
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
		{"three digits, off by 1 %", func(f float64) float64 { return math.Round(f*1e3) / 1e3 }, 0.01, gradcheck.Agrees},
		{"three digits, sign turned", func(f float64) float64 { return math.Round(f*1e3) / 1e3 }, -2, gradcheck.Wrong},
		{"one digit", func(f float64) float64 { return math.Round(f*10) / 10 }, 0, gradcheck.CannotTell},
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

// Of a large parameter a sample is drawn; what was not drawn is seen along
// directions, and found.
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
			&gradcheck.Settings{Sample: 20, Source: rand.NewPCG(1, 1)}).Params[0]
	}

	if p := check(); p.Verdict() != gradcheck.Agrees || len(p.Elements) != 20 || p.Directions == 0 || p.Blind > 1e-7 {
		t.Errorf("right: %v, %d elements, %d directions, blind %v", p.Verdict(), len(p.Elements), p.Directions, p.Blind)
	}
	size := math.Sqrt(1. / 2 / n) // of the gradient
	blind := check().Blind * size
	found := 0
	const trials = 50 / thin
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

// Any number of workers makes the same report.
func TestCheckWorkers(t *testing.T) {
	n := newToy(rand.New(rand.NewPCG(1, 5)))
	g := n.gradient()
	g[0] *= 1.01
	report := func(s *gradcheck.Settings) string {
		r := gradcheck.Check(n.loss, n.params(g), s)
		return fmt.Sprintf("%v%+v", r, r.Params)
	}
	replica := func() (func() float64, [][]float64) {
		c := *n
		c.w = slices.Clone(n.w)
		var x [][]float64
		for _, p := range c.params(g) {
			x = append(x, p.X)
		}
		return c.loss, x
	}
	for _, sample := range []int{0, 2} {
		want := report(&gradcheck.Settings{Sample: sample})
		for workers := 1; workers < 4; workers++ {
			if got := report(&gradcheck.Settings{Sample: sample, Replica: replica, Workers: workers}); got != want {
				t.Errorf("%d workers:\n%s\nwant\n%s", workers, got, want)
			}
		}
	}
}

// Fixed is the difference of the book, with an error bar.
func TestCheckFixed(t *testing.T) {
	x := []float64{3, 4, -0.5}
	right := wavyGradient(x)
	for _, settings := range []*grad.Settings{{}, {Formula: grad.Forward}, {Step: 1e-2}, {Formula: grad.Forward, Step: 1e-2}} {
		r := gradcheck.Check(func() float64 { return wavy(x) }, []gradcheck.Param{{Name: "x", X: x, Gradient: right}},
			&gradcheck.Settings{Fixed: settings})
		want := grad.Gradient(nil, wavy, x, settings)
		for i, e := range r.Params[0].Elements {
			if math.Abs(e.Difference-want[i]) > 1e-11 {
				t.Errorf("%+v: element %d is %v, want %v", settings, i, e.Difference, want[i])
			}
			if off := math.Abs(want[i] - right[i]); off > e.Truncation+e.Roundoff || e.Truncation > 5*off+1e-11 {
				t.Errorf("%+v: element %d is off by %v: %+v", settings, i, off, e.Estimate)
			}
		}
		if err := r.Err(); err != nil {
			t.Errorf("%+v: %v", settings, err)
		}
	}
}

// Changes that are not those of the loss are found.
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

func TestCheckPanics(t *testing.T) {
	x := []float64{1}
	for want, params := range map[string][]gradcheck.Param{
		"gradcheck: Check of no elements":                           nil,
		"gradcheck: Check of W with 1 elements and a gradient of 2": {{Name: "W", X: x, Gradient: make([]float64, 2)}},
		"gradcheck: Check of W with 1 elements and shape [2 3]":     {{Name: "W", X: x, Gradient: x, Shape: []int{2, 3}}},
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

// wavy is a function of three variables with its gradient.
func wavy(x []float64) float64 {
	return math.Sin(x[0])*math.Exp(x[1]/3) + math.Sin(x[1])*math.Exp(x[2]/3) + math.Sin(x[2])*math.Exp(x[0]/3)
}

func wavyGradient(x []float64) []float64 {
	g := make([]float64, 3)
	for i := range g {
		next, last := x[(i+1)%3], x[(i+2)%3]
		g[i] = math.Cos(x[i])*math.Exp(next/3) + math.Sin(last)*math.Exp(x[i]/3)/3
	}
	return g
}
