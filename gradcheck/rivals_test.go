package gradcheck_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/nn"
	"numgrad/perturb"
)

var rivals = flag.Bool("rivals", false, "ask the rules of other tools about the planted bugs")

// What the rules of other tools make of the same bugs. They are asked in
// make rivals, because they are no part of this checker.
func TestRivals(t *testing.T) {
	if !*rivals {
		t.Skip("run with -rivals")
	}
	e := newExam(t)
	rules := e.rules()
	var table strings.Builder
	fmt.Fprint(&table, "| planted bug |")
	for _, r := range rules {
		fmt.Fprintf(&table, " %s |", r.name)
	}
	fmt.Fprintf(&table, "\n|---|%s\n", strings.Repeat("---|", len(rules)))
	for _, m := range append([]mutant{{bug: "*none*"}}, e.mutants()...) {
		g := e.gradient(m)
		fmt.Fprintf(&table, "| %s |", m.bug)
		for _, r := range rules {
			fmt.Fprintf(&table, " %s |", r.outcome(g))
		}
		fmt.Fprintln(&table)
	}
	inDocument(t, "rivals", table.String())
}

// A rule is how another tool decides. Rules that draw something are asked
// several times.
type rule struct {
	name   string
	draws  int
	passes func(g *nn.Params, draw int) bool
}

func (r rule) outcome(g *nn.Params) string {
	caught := 0
	for draw := range r.draws {
		if !r.passes(g, draw) {
			caught++
		}
	}
	switch caught {
	case 0:
		return "–"
	case r.draws:
		return "wrong"
	default:
		return fmt.Sprintf("%d %%", 100*caught/r.draws)
	}
}

// rules are those of the tools' sources, with their default settings or, where
// there are none, those of their documentation. They look at one loss after
// the other; the losses for 39,760 displaced weights are here the loss plus
// its change, rounded to a float64, so that they have the round-off of a
// subtraction of losses.
func (e *exam) rules() []rule {
	f0 := e.loss()
	var engine perturb.Engine
	at := func(h float64) []float64 {
		f := make([]float64, len(e.net.Vector))
		engine.Changes(f, e.net, e.x, e.t, h)
		for i := range f {
			f[i] += f0
		}
		return f
	}
	central := func(h float64) []float64 {
		d, minus := at(h), at(-h)
		for i := range d {
			d[i] = (d[i] - minus[i]) / (2 * h)
		}
		return d
	}
	// along is the central difference on the way by ±h·v.
	along := func(v []float64, h float64) float64 {
		saved := slices.Clone(e.net.Vector)
		defer copy(e.net.Vector, saved)
		floats.AddScaledTo(e.net.Vector, saved, h, v)
		plus := e.loss()
		floats.AddScaledTo(e.net.Vector, saved, -h, v)
		return (plus - e.loss()) / (2 * h)
	}
	starts := []int{0, 784 * 50, 784*50 + 50, 784*50 + 50 + 500, len(e.net.Vector)}
	const draws = 50

	torch := central(1e-6)

	// One direction for each parameter, of numbers from U[0,1).
	type direction struct {
		v          []float64
		difference float64
	}
	var fast, jax []direction
	random := rand.New(rand.NewPCG(5, 6))
	for range draws {
		for p := range 4 {
			v := make([]float64, len(e.net.Vector))
			for i := starts[p]; i < starts[p+1]; i++ {
				v[i] = random.Float64()
			}
			floats.Scale(1/floats.Norm(v, 2), v)
			fast = append(fast, direction{v, along(v, 1e-6)})
		}
		v := make([]float64, len(e.net.Vector))
		for i := range v {
			v[i] = random.NormFloat64()
		}
		jax = append(jax, direction{v, along(v, 1e-4/2)})
	}

	cs231n := central(1e-5)
	theano := at(1e-7)
	for i := range theano {
		theano[i] = (theano[i] - f0) / 1e-7
	}
	ceres := ridders(central)

	return []rule{
		{"PyTorch", 1, func(g *nn.Params, _ int) bool {
			for i, n := range torch {
				if math.Abs(g.Vector[i]-n) > 1e-5+1e-3*math.Abs(n) {
					return false
				}
			}
			return true
		}},
		{"PyTorch, fast", draws, func(g *nn.Params, draw int) bool {
			for _, d := range fast[4*draw : 4*draw+4] {
				if math.Abs(floats.Dot(g.Vector, d.v)-d.difference) > 1e-5*floats.Sum(d.v)+1e-3*math.Abs(d.difference) {
					return false
				}
			}
			return true
		}},
		{"JAX", draws, func(g *nn.Params, draw int) bool {
			d := jax[draw]
			return math.Abs(floats.Dot(g.Vector, d.v)-d.difference) <= 1e-5+1e-5*math.Abs(d.difference)
		}},
		{"CS231n", draws, func(g *nn.Params, draw int) bool {
			random := rand.New(rand.NewPCG(7, uint64(draw)))
			for p := range 4 {
				for range 10 {
					i := starts[p] + random.IntN(starts[p+1]-starts[p])
					a, n := g.Vector[i], cs231n[i]
					if math.Abs(a-n)/(math.Abs(a)+math.Abs(n)) > 1e-7 {
						return false
					}
				}
			}
			return true
		}},
		{"Theano", 1, func(g *nn.Params, _ int) bool {
			for i, n := range theano {
				off := math.Abs(g.Vector[i] - n)
				if off > 1e-4 && off/math.Max(math.Abs(g.Vector[i])+math.Abs(n), 1e-8) > 1e-4 {
					return false
				}
			}
			return true
		}},
		{"Ceres", 1, func(g *nn.Params, _ int) bool {
			for i, n := range ceres {
				a := g.Vector[i]
				off := math.Abs(a - n)
				if a != 0 && n != 0 {
					off /= math.Max(math.Abs(a), math.Abs(n))
				}
				if !(off < 1e-8) {
					return false
				}
			}
			return true
		}},
	}
}

// ridders extrapolates central differences at halved steps from 1e-2 on, and
// takes of each element what the table's own estimate of the error says is
// best, as Ceres does.
func ridders(central func(h float64) []float64) []float64 {
	const halvings = 10
	const goodEnough = 1e-12
	var last [][]float64 // the row of the table before, by order
	var best, bestError []float64
	var done []bool
	h := 1e-2
	for k := range halvings {
		row := [][]float64{central(h)}
		if k == 0 {
			best = slices.Clone(row[0])
			bestError = slices.Repeat([]float64{math.Inf(1)}, len(best))
			done = make([]bool, len(best))
		}
		power := 4.0
		for order := 1; order <= k; order++ {
			next := make([]float64, len(best))
			for i := range next {
				next[i] = (row[order-1][i]*power - last[order-1][i]) / (power - 1)
				off := math.Max(math.Abs(next[i]-row[order-1][i]), math.Abs(next[i]-last[order-1][i]))
				if !done[i] && off <= bestError[i] {
					best[i], bestError[i] = next[i], off
				}
			}
			row = append(row, next)
			power *= 4
		}
		if k > 0 {
			for i := range done {
				// It stops where the error is small, or begins to grow.
				done[i] = done[i] || bestError[i] < goodEnough ||
					math.Abs(row[k][i]-last[k-1][i]) >= 2*bestError[i]
			}
		}
		last = row
		h /= 2
	}
	return best
}
