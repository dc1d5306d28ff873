package grad_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
)

// A Jacobian agrees with gonum's, and x does not change.
func TestJacobian(t *testing.T) {
	x := normal(5)
	saved := slices.Clone(x)
	f := func(y, x []float64) {
		for i := range y {
			y[i] = wavy(x) * math.Cos(float64(i)*x[i])
		}
	}
	for name, formula := range formulas {
		got := grad.Jacobian(mat.NewDense(3, 5, nil), f, x, &grad.Settings{Formula: formula})
		want := mat.NewDense(3, 5, nil)
		fd.Jacobian(want, f, x, &fd.JacobianSettings{Formula: formula})
		if !mat.EqualApprox(got, want, 1e-9) {
			t.Errorf("%s:\n%v\nwant\n%v", name, mat.Formatted(got), mat.Formatted(want))
		}
		if !slices.Equal(toBits(x), toBits(saved)) {
			t.Errorf("%s: x is %v, was %v", name, x, saved)
		}
	}
}

// A Jacobian of one row is the gradient, and so are directions of one element.
func TestDirectional(t *testing.T) {
	x := normal(6)
	f := func() float64 { return wavy(x) }
	g := grad.Gradient(nil, wavy, x, nil)
	row := grad.Jacobian(mat.NewDense(1, 6, nil), func(y, x []float64) { y[0] = wavy(x) }, x, nil).RawRowView(0)
	if !slices.Equal(toBits(row), toBits(g)) {
		t.Errorf("a row of %v, want %v", row, g)
	}
	v := normal(6)
	if got, want := grad.Directional(f, x, v, nil), floats.Dot(g, v); math.Abs(got-want) > 1e-6 {
		t.Errorf("along %v: %v, want %v", v, got, want)
	}
	saved := slices.Clone(x)
	func() {
		defer func() {
			if recover() == nil || !slices.Equal(toBits(x), toBits(saved)) {
				t.Errorf("x is %v after a panic, was %v", x, saved)
			}
		}()
		grad.Directional(func() float64 { panic("f fails") }, x, v, nil)
	}()
}

// The error is within the error bar, and a kink is found.
func TestExtrapolate(t *testing.T) {
	for x := -3.0; x < 3; x += 0.37 {
		e := grad.Extrapolate(math.Sinh, x)
		if off := math.Abs(e.Value - math.Cosh(x)); off > e.Truncation+e.Roundoff || off > 1e-10 || e.Kink != 0 {
			t.Errorf("sinh at %v: off by %v: %+v", x, off, e)
		}
	}
	if e := grad.Extrapolate(math.Abs, 0); math.Abs(e.Value) > 1e-9 || math.Abs(e.Kink-1) > 1e-9 {
		t.Errorf("the kink: %+v", e)
	}
	if e := grad.Extrapolate(math.Log, -1); !math.IsNaN(e.Value) {
		t.Errorf("log at -1: %+v", e)
	}
}
