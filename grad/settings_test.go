package grad_test

import (
	"math"
	"reflect"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

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

func TestResolvePanics(t *testing.T) {
	stencil := fd.Central.Stencil
	for want, settings := range map[string]grad.Settings{
		"grad: formula of derivative 2, want 1":        {Formula: fd.Central2nd},
		"grad: formula of derivative 0, want 1":        {Formula: fd.Formula{Stencil: stencil, Step: 1}},
		"grad: step 0, want positive and finite":       {Formula: fd.Formula{Stencil: stencil, Derivative: 1}},
		"grad: step -0.0001, want positive and finite": {Step: -1e-4},
		"grad: step NaN, want positive and finite":     {Step: math.NaN()},
		"grad: step +Inf, want positive and finite":    {Step: math.Inf(1)},
		"grad: -1 workers, want at least one":          {Workers: -1},
	} {
		if r := panicOf(func() { settings.Resolve() }); r != want {
			t.Errorf("%+v: panic %v, want %v", settings, r, want)
		}
	}
}
