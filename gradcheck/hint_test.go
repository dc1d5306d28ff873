package gradcheck_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/gradcheck"
)

// Usual mistakes, and the first line of the report.
func TestHints(t *testing.T) {
	const rows, cols = 6, 5
	random := rand.New(rand.NewPCG(1, 2))
	x, c := make([]float64, rows*cols), make([]float64, rows*cols)
	for i := range x {
		x[i], c[i] = float64(float32(random.NormFloat64())), random.NormFloat64()
	}
	loss := func() float64 {
		f := 0.0
		for i, v := range x {
			f += math.Sin(c[i] + v)
		}
		return f
	}
	right := make([]float64, len(x))
	for i, v := range x {
		right[i] = math.Cos(c[i] + v)
	}
	for want, spoil := range map[string]func(g []float64){
		"the sign is turned": func(g []float64) { floats.Scale(-1, g) },
		"100 times too large; if that is a number of samples, a sum is meant to be a mean":     func(g []float64) { floats.Scale(100, g) },
		"100 times too small; if that is a number of samples, a mean is meant to be a sum":     func(g []float64) { floats.Scale(0.01, g) },
		"twice what it should be; was backward called twice, or the gradient not set to zero?": func(g []float64) { floats.Scale(2, g) },
		"row 2 is zero":             func(g []float64) { clear(g[2*cols : 3*cols]) },
		"rows [0 3] are zero":       func(g []float64) { clear(g[:cols]); clear(g[3*cols : 4*cols]) },
		"in 7 of 30 elements: zero": func(g []float64) { clear(g[4:11]) },
		"w[3,1] alone":              func(g []float64) { g[3*cols+1] += 1e-9 },
		"w[3,1] alone: not finite":  func(g []float64) { g[3*cols+1] = math.NaN() },
		"this is the transpose": func(g []float64) {
			for i := range rows {
				for j := range cols {
					g[j*rows+i] = right[i*cols+j]
				}
			}
		},
	} {
		g := append([]float64(nil), right...)
		spoil(g)
		r := gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: x, Gradient: g, Shape: []int{rows, cols}}}, nil)
		line, _, _ := strings.Cut(r.String(), "\n")
		if line != "wrong: w: "+want {
			t.Errorf("%s, want wrong: w: %s", line, want)
		}
	}
	// One that does not read the variables beside one that does.
	copied := append([]float64(nil), x...)
	r := gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: x, Gradient: right}, {Name: "v", X: copied, Gradient: right}}, nil)
	if want := "wrong: v: the loss does not change with it; does it read this very memory?"; !strings.HasPrefix(r.String(), want+"\n") {
		t.Errorf("%v", r)
	}
	// Wide bars cannot tell a factor of 7 from 7.1.
	g := append([]float64(nil), right...)
	floats.Scale(7, g)
	r = gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: x, Gradient: g}}, &gradcheck.Settings{Precision: 0.05})
	if r.Params[0].Wrong == 0 || r.Params[0].Hint != "" && strings.Contains(r.Params[0].Hint, "times") {
		t.Errorf("wide bars: %v", r)
	}
}

// Without a later array that agrees, the report names no first right array.
func TestHintOfLastRight(t *testing.T) {
	a, b, c := []float64{0.3, 0.4}, []float64{0.5, 0.7}, []float64{0}
	wrong := func(x []float64) []float64 { return []float64{1.01 * math.Cos(x[0]), 1.01 * math.Cos(x[1])} }
	for want, slope := range map[string]float64{"": 0, "right from c on; look at the step from c to b": 1.5} {
		r := gradcheck.Check(func() float64 {
			return math.Sin(a[0]) + math.Sin(a[1]) + math.Sin(b[0]) + math.Sin(b[1]) + math.Max(0, c[0]) + c[0]
		}, []gradcheck.Param{{Name: "a", X: a, Gradient: wrong(a)}, {Name: "b", X: b, Gradient: wrong(b)}, {Name: "c", X: c, Gradient: []float64{slope}}}, nil)
		if r.Hint != want {
			t.Errorf("slope %v: %v", slope, r)
		}
	}
}

// A constant in the logarithm makes small errors that point along the gradient
// in every array. Other errors do not get its hint.
func TestHintOfLogarithm(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	w, b := make([]float64, 12), make([]float64, 12)
	for i := range w {
		w[i], b[i] = random.NormFloat64(), random.NormFloat64()
	}
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	for _, test := range []struct {
		constant float64
		spoil    func(i int) float64 // the factor of the gradient
		want     bool
	}{
		{1e-7, func(int) float64 { return 1 }, true},
		{0, func(i int) float64 { return 1 + 1e-7*math.Pow(-1, float64(i)) }, false},
		{0, func(int) float64 { return 1.001 }, false},
	} {
		dw, db := make([]float64, len(w)), make([]float64, len(b))
		for i := range w {
			dw[i] = (sigmoid(w[i]) - 1) * test.spoil(i)
			db[i] = (sigmoid(b[i]) - 1) * test.spoil(i)
		}
		r := gradcheck.Check(func() float64 {
			f := 0.0
			for i := range w {
				f -= math.Log(sigmoid(w[i])*sigmoid(b[i]) + test.constant)
			}
			return f
		}, []gradcheck.Param{{Name: "w", X: w, Gradient: dw}, {Name: "b", X: b, Gradient: db}}, nil)
		if r.Err() == nil || strings.Contains(r.Hint, "1e-7 in the logarithm") != test.want {
			t.Errorf("constant %v: %v", test.constant, r)
		}
	}
}

// The JSON of a report has null for numbers that are not finite.
func TestReportJSON(t *testing.T) {
	x := []float64{0, 2}
	r := gradcheck.Check(func() float64 { return x[1] }, []gradcheck.Param{{Name: "x", X: x[:1], Gradient: []float64{0}}, {Name: "y", X: x[1:], Gradient: []float64{math.NaN()}}}, nil)
	text, err := json.Marshal(r)
	for _, want := range []string{`"agrees":false`, `"fault":null`, `"loss":2,`, `"visible":null`, `"backprop":null`, `"difference":1`, `"name":"y[0]"`} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s, %v", want, text, err)
		}
	}
}
