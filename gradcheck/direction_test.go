package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/gradcheck"
)

// Along directions, the mistakes of the kill table are wrong in the same
// parameters, but for an error that is shorter than the report says.
func TestDirectionKills(t *testing.T) {
	if raceDetector {
		t.Skip("the net is too slow")
	}
	e := newExam(t)
	mutants := e.mutants()
	for n := 0; n < len(mutants); n += len(mutants) / min(len(mutants), cases(150)) {
		m := mutants[n]
		g := e.gradient(m)
		want := e.wrongParams(g)
		r := gradcheck.Check(e.loss, paired(e.net.Params, g), &gradcheck.Settings{Losses: 1500})
		for p, right := range paired(e.net.Params, e.right) {
			off := floats.Distance(paired(e.net.Params, g)[p].Gradient, right.Gradient, 2)
			short := r.Params[p].Directions > 0 && off < r.Params[p].Blind*floats.Norm(right.Gradient, 2)
			if is := r.Params[p].Verdict() == gradcheck.Wrong; is != slices.Contains(want, right.Name) && !short {
				t.Errorf("%s: %v", m.bug, r)
			}
		}
		if r.Asked > 4500 {
			t.Errorf("%s: %d losses", m.bug, r.Asked)
		}
	}
}

// A right gradient is not called wrong along directions, and an error of twice
// Blind, in one element or in all, is.
func TestDirectionPromise(t *testing.T) {
	for seed := range cases(400) {
		random := rand.New(rand.NewPCG(uint64(seed), 3))
		for _, kind := range []string{"net", "net in float32", "toy"} {
			s := &subject{}
			if kind == "toy" {
				n := newToy(rand.New(rand.NewPCG(uint64(seed), 5)))
				s.loss, s.params = n.loss, n.params(n.gradient(gradcheck.Float64))
			} else {
				s = draw(random, kind)
			}
			settings := &gradcheck.Settings{Losses: 250, Precision: s.precision}
			r := gradcheck.Check(s.loss, s.params, settings)
			for p := range r.Params {
				right := &r.Params[p]
				if right.Verdict() == gradcheck.Wrong {
					t.Errorf("seed %d, %s: %v", seed, kind, r)
				}
				length := floats.Norm(s.params[p].Gradient, 2)
				if right.Directions == 0 || right.Verdict() != gradcheck.Agrees || length == 0 {
					continue
				}
				e := make([]float64, len(s.params[p].X))
				e[random.IntN(len(e))] = 1
				if seed%2 == 0 {
					for i := range e {
						e[i] = random.NormFloat64()
					}
				}
				floats.Scale(2*right.Blind*length/floats.Norm(e, 2), e)
				spoiled := slices.Clone(s.params)
				spoiled[p].Gradient = floats.AddTo(make([]float64, len(e)), e, s.params[p].Gradient)
				if r := gradcheck.Check(s.loss, spoiled, settings); r.Params[p].Verdict() != gradcheck.Wrong {
					t.Errorf("seed %d, %s: an error of twice %v in %s is missed: %v", seed, kind, right.Blind, right.Name, r)
				}
				break
			}
		}
	}
}

// No constant has a unit: with other units for the loss and the variables each
// verdict and hint stays the same.
func TestUnits(t *testing.T) {
	spoil := []func(g []float64){
		func([]float64) {},
		func(g []float64) { floats.Scale(-1, g) },
		func(g []float64) { floats.Scale(2, g) },
		func(g []float64) { floats.Scale(1+1e-6, g) },
		func(g []float64) { g[len(g)/2] *= 1.5 },
		func(g []float64) { clear(g[:(len(g)+1)/2]) },
	}
	for seed := range cases(100) {
		s := draw(rand.New(rand.NewPCG(uint64(seed), 8)), "net")
		for kind, change := range spoil {
			check := func(variable, loss float64, losses int) string {
				var params []gradcheck.Param
				for _, p := range s.params {
					q := p
					q.X, q.Gradient = slices.Clone(p.X), slices.Clone(p.Gradient)
					floats.Scale(variable, q.X)
					floats.Scale(loss/variable, q.Gradient)
					change(q.Gradient)
					params = append(params, q)
				}
				r := gradcheck.Check(func() float64 {
					for i, p := range params {
						floats.ScaleTo(s.params[i].X, 1/variable, p.X)
					}
					return loss * s.loss()
				}, params, &gradcheck.Settings{Losses: losses})
				text := fmt.Sprint(r.Fault, r.Hint)
				if losses > 0 {
					text = "" // the sample depends on the losses so far
				}
				for _, p := range r.Params {
					text += fmt.Sprint(p.Name, " ", p.Verdict(), " ")
					if losses == 0 {
						text += p.Hint + "; "
					}
				}
				return text
			}
			for _, losses := range []int{0, 250} {
				want := check(1, 1, losses)
				for _, unit := range [][2]float64{{1, 1e-21}, {1e-10, 1}, {math.Ldexp(1, 40), 1e15}} {
					if got := check(unit[0], unit[1], losses); got != want {
						t.Errorf("seed %d, %s, mistake %d, units %v, %d losses:\n%s\nwant\n%s", seed, s.name, kind, unit, losses, got, want)
					}
				}
			}
		}
	}
}

// The bar of a direction allows for the precision of usual elements, also where
// the derivative along it cancels.
func TestDirectionPrecision(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 12))
		x, g := make([]float64, 400), make([]float64, 400)
		for i := range x {
			x[i] = random.NormFloat64()
			g[i] = x[i] + 3e-4*random.NormFloat64()
		}
		r := gradcheck.Check(func() float64 { return floats.Dot(x, x) / 2 }, []gradcheck.Param{{Name: "x", X: x, Gradient: g}},
			&gradcheck.Settings{Losses: 200, Precision: 1e-3})
		if r.Params[0].DirectionsWrong > 0 {
			t.Errorf("seed %d: %v", seed, r)
		}
	}
}
