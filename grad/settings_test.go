package grad_test

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
)

func TestResolve(t *testing.T) {
	cores := runtime.GOMAXPROCS(0)
	for _, test := range []struct {
		settings *grad.Settings
		want     grad.Settings
	}{
		{nil, grad.Settings{Formula: grad.Central, Step: 1e-4, Workers: cores}},
		{&grad.Settings{}, grad.Settings{Formula: grad.Central, Step: 1e-4, Workers: cores}},
		{&grad.Settings{Step: 0.5, Workers: 3}, grad.Settings{Formula: grad.Central, Step: 0.5, Workers: 3}},
		{&grad.Settings{Formula: grad.Forward}, grad.Settings{Formula: grad.Forward, Step: 1e-4, Workers: cores}},
		{&grad.Settings{Formula: fd.Backward}, grad.Settings{Formula: fd.Backward, Step: 2e-8, Workers: cores}},
	} {
		got := test.settings.Resolve()
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v resolves to %+v, want %+v", test.settings, got, test.want)
		}
		if again := got.Resolve(); !reflect.DeepEqual(again, got) {
			t.Errorf("%+v resolves to %+v, want itself", got, again)
		}
	}
}

func TestPanics(t *testing.T) {
	x := normal(3)
	f := func() float64 { return wavy(x) }
	replica := func() (func() float64, []float64) { return f, x }
	resolve := func(s grad.Settings) func() { return func() { s.Resolve() } }
	const tooShort = "grad: gradient of 3 variables into 2 places"
	for _, test := range []struct {
		want string
		call func()
	}{
		{tooShort, func() { grad.Gradient(make([]float64, 2), wavy, x, nil) }},
		{tooShort, func() { grad.Parallel(make([]float64, 2), replica, &grad.Settings{Workers: 1}) }},
		{"grad: replica of 2 variables, want 3", func() {
			n := 4
			grad.Parallel(nil, func() (func() float64, []float64) { n--; return f, make([]float64, n) }, &grad.Settings{Workers: 2})
		}},
		{"runtime error: index out of range [3] with length 3", func() { grad.Partial(f, x, 3, nil) }},
		{"grad: direction of 1 variables for 3", func() { grad.Directional(f, x, x[:1], nil) }},
		{"grad: Jacobian of 3 variables into 2 columns", func() {
			grad.Jacobian(mat.NewDense(1, 2, nil), func(_, _ []float64) {}, x, nil)
		}},
		{"grad: formula of derivative 2, want 1", resolve(grad.Settings{Formula: fd.Central2nd})},
		{"grad: step 0, want positive and finite", resolve(grad.Settings{Formula: fd.Formula{Stencil: fd.Central.Stencil, Derivative: 1}})},
		{"grad: step -0.0001, want positive and finite", resolve(grad.Settings{Step: -1e-4})},
		{"grad: step NaN, want positive and finite", resolve(grad.Settings{Step: math.NaN()})},
		{"grad: step +Inf, want positive and finite", resolve(grad.Settings{Step: math.Inf(1)})},
		{"grad: -1 workers, want at least one", resolve(grad.Settings{Workers: -1})},
	} {
		if got := fmt.Sprint(panicOf(test.call)); got != test.want {
			t.Errorf("panic %q, want %q", got, test.want)
		}
	}
}
