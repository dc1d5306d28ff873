package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize/functions"

	"numgrad/gradcheck"
)

// A problem is a function of package functions with the point at which its
// test or its author starts.
type problem struct {
	f     interface{ Func(x []float64) float64 }
	start []float64
}

func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i + 1)
	}
	return x
}

func constant(n int, v float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

func problems() []problem {
	return []problem{
		{functions.Beale{}, []float64{1, 1}},
		{functions.BiggsEXP2{}, []float64{1, 2}},
		{functions.BiggsEXP3{}, []float64{1, 2, 1}},
		{functions.BiggsEXP4{}, []float64{1, 2, 1, 1}},
		{functions.BiggsEXP5{}, []float64{1, 2, 1, 1, 1}},
		{functions.BiggsEXP6{}, []float64{1, 2, 1, 1, 1, 1}},
		{functions.Box3D{}, []float64{0, 10, 20}},
		{functions.BrownBadlyScaled{}, []float64{1, 1}},
		{functions.BrownAndDennis{}, []float64{25, 5, -5, -1}},
		{functions.ExtendedPowellSingular{}, []float64{3, -1, 0, 3, 3, -1, 0, 3}},
		{functions.ExtendedRosenbrock{}, []float64{-1.2, 1, -1.2, 1}},
		{functions.Gaussian{}, []float64{0.4, 1, 0}},
		{functions.GulfResearchAndDevelopment{}, []float64{5, 2.5, 0.15}},
		{functions.HelicalValley{}, []float64{-1, 0, 0}},
		{functions.Linear{}, []float64{1, 2, 3}},
		{functions.PenaltyI{}, ramp(10)},
		{functions.PenaltyII{}, constant(10, 0.5)},
		{functions.PowellBadlyScaled{}, []float64{0, 1}},
		{functions.Sphere{}, []float64{1, 2, 3}},
		{functions.Trigonometric{}, constant(10, 0.1)},
		{functions.VariablyDimensioned{}, []float64{0.75, 0.5, 0.25, 0}},
		{functions.Watson{}, constant(9, 0)},
		{functions.Wood{}, []float64{-3, -1, -3, -1}},
		{functions.NewMinimalSurface(6, 6), constant(16, 0)},
		{functions.ConcaveRight{}, []float64{1}},
		{functions.ConcaveLeft{}, []float64{1}},
		{functions.Plassmann{L: 39, Beta: 0.01}, []float64{0.5}},
		{functions.YanaiOzawaKaneko{Beta1: 1e-2, Beta2: 1e-3}, []float64{0.5}},
	}
}

func (p problem) gradient(x []float64) []float64 {
	g := make([]float64, len(x))
	switch f := p.f.(type) {
	case interface {
		Grad(g, x []float64) []float64
	}:
		f.Grad(g, x)
	case interface{ Grad(g, x []float64) }:
		f.Grad(g, x)
	}
	return g
}

// name is the function's without package and fields.
func (p problem) name() string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", p.f), "*")
	return strings.TrimPrefix(name, "functions.")
}

// points are the start, and others about it.
func (p problem) points(n int, random *rand.Rand) [][]float64 {
	list := [][]float64{p.start}
	for range n {
		x := make([]float64, len(p.start))
		for i, v := range p.start {
			x[i] = v + (1+math.Abs(v))*(random.Float64()-0.5)*math.Pow(10, 3*random.Float64()-1)
		}
		list = append(list, x)
	}
	return list
}

// On functions with known gradients, the differences are nearer to them than
// gonum's at its own steps, and the bar says how near.
func TestFunctions(t *testing.T) {
	others := 120
	if raceDetector {
		others = 20
	}
	random := rand.New(rand.NewPCG(3, 4))
	covered, all, flat := 0, 0, 0
	for _, p := range problems() {
		var central, check []float64 // relative errors
		within := 0
		for _, x := range p.points(others, random) {
			exact := p.gradient(x)
			size := floats.Norm(exact, math.Inf(1))
			if !(p.f.Func(x) < math.MaxFloat64 && size < math.Sqrt(math.MaxFloat64)) {
				continue // far from the start some overflow
			}
			r := gradcheck.Check(func() float64 { return p.f.Func(x) }, []gradcheck.Param{{Name: "x", X: x, Gradient: exact}}, nil)
			if r.Fault != nil {
				// Far from the start some are flat: no step of 2⁻⁹ changes the
				// last bit.
				if size*0x1p-9 > gradcheck.Float64*math.Abs(r.Loss) {
					t.Errorf("%s at %v, with the gradient %v: %v", p.name(), x, exact, r.Fault)
				}
				flat++
				continue
			}
			onCentral := fd.Gradient(nil, p.f.Func, x, &fd.Settings{Formula: fd.Central})
			for i, e := range r.Params[0].Elements {
				off := math.Abs(e.Difference - exact[i])
				central = append(central, math.Abs(onCentral[i]-exact[i])/size)
				check = append(check, off/size)
				// The exact gradient is rounded, too.
				if off <= e.Truncation+e.Roundoff+e.Kink+4*gradcheck.Float64*size {
					within++
				} else {
					t.Logf("%s at %v: element %d is %v, off by %.2g: %+v", p.name(), x, i, exact[i], off, e)
				}
				if e.Verdict == gradcheck.Wrong {
					t.Errorf("%s at %v: element %d: %+v", p.name(), x, i, e)
				}
			}
		}
		if median(check) > median(central) {
			t.Errorf("%s: median error %.1e, that of fd.Central is %.1e", p.name(), median(check), median(central))
		}
		covered, all = covered+within, all+len(check)
	}
	t.Logf("%d of %d elements within the bar, %d points on a plateau", covered, all, flat)
	if float64(covered) < 0.99*float64(all) {
		t.Errorf("%d of %d elements are within the bar, want 99 %%", covered, all)
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
