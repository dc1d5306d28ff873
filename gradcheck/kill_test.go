package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/gradcheck"
	"numgrad/nn"
	"numgrad/perturb"
)

// exam is the net of the book as it begins to train, and a batch of MNIST.
type exam struct {
	net   *nn.Net
	x     *mat.Dense
	t     []int
	right *nn.Params // its gradient
}

func newExam(t testing.TB) *exam {
	train, _, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var batch dataset.Batch
	train.Gather(&batch, dataset.Epoch(nil, train.Len(), 1, 0)[:100])
	e := &exam{net: nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 2)), x: batch.X, t: batch.T}
	e.right = nn.NewParams(784, 50, 10)
	e.net.Gradient(e.right, e.x, e.t)
	return e
}

func (e *exam) loss() float64 { return e.net.Loss(e.x, e.t) }

// check is the check of a gradient of the net by all its elements.
func (e *exam) check(g *nn.Params) *gradcheck.Report {
	var engine perturb.Engine
	return gradcheck.Check(e.loss, paired(e.net.Params, g), &gradcheck.Settings{
		Changes: func(dst []float64, h float64) { engine.Changes(dst, e.net, e.x, e.t, h) },
	})
}

// A mutant is a backward pass with a mistake in a step or in its result.
type mutant struct {
	bug   string
	steps func(b *backward)
	spoil func(g *nn.Params)
}

// backward is the backward pass of the textbook, with steps that can be replaced.
type backward struct {
	*exam
	a1, z1, dy *mat.Dense // [N×H], [N×H], [N×K]
	w2         mat.Matrix // [K×H], through which dy goes back
	slope      func(a, z float64) float64
	input      mat.Matrix // [N×D]
}

func sigmoid(a float64) float64 { return 1 / (1 + math.Exp(-a)) }

func (e *exam) gradient(m mutant) *nn.Params {
	rows := len(e.t)
	b := &backward{exam: e, a1: new(mat.Dense), w2: e.net.Layers[1].W.T(), input: e.x}
	b.slope = func(_, z float64) float64 { return z * (1 - z) }
	b.a1.Mul(e.x, e.net.Layers[0].W)
	b.a1.Apply(func(_, j int, v float64) float64 { return v + e.net.Layers[0].B[j] }, b.a1)
	b.z1 = mat.DenseCopyOf(b.a1)
	b.z1.Apply(func(_, _ int, a float64) float64 { return sigmoid(a) }, b.z1)
	b.dy = e.net.Predict(e.x)
	for i, label := range e.t {
		b.dy.Set(i, label, b.dy.At(i, label)-1)
	}
	b.dy.Scale(1/float64(rows), b.dy)
	if m.steps != nil {
		m.steps(b)
	}

	g := nn.NewParams(e.net.Sizes()...)
	g.Layers[1].W.Mul(b.z1.T(), b.dy)
	var da1 mat.Dense
	da1.Mul(b.dy, b.w2)
	da1.Apply(func(i, j int, dz float64) float64 { return dz * b.slope(b.a1.At(i, j), b.z1.At(i, j)) }, &da1)
	g.Layers[0].W.Mul(b.input.T(), &da1)
	for i := range rows {
		floats.Add(g.Layers[0].B, da1.RawRowView(i))
		floats.Add(g.Layers[1].B, b.dy.RawRowView(i))
	}
	if m.spoil != nil {
		m.spoil(g)
	}
	return g
}

// times multiplies a part of the gradient.
func times(factor float64, part func(g *nn.Params) []float64) func(*nn.Params) {
	return func(g *nn.Params) { floats.Scale(factor, part(g)) }
}

func w1(g *nn.Params) []float64  { return g.Layers[0].W.RawMatrix().Data }
func w2(g *nn.Params) []float64  { return g.Layers[1].W.RawMatrix().Data }
func b1(g *nn.Params) []float64  { return g.Layers[0].B }
func b2(g *nn.Params) []float64  { return g.Layers[1].B }
func all(g *nn.Params) []float64 { return g.Vector }

// one is the element W1[312,7], of usual size.
func one(g *nn.Params) []float64 { return g.Layers[0].W.RawRowView(312)[7:8] }

func (e *exam) mutants() []mutant {
	rows := len(e.t)
	return []mutant{
		{bug: "W1's sign turned", spoil: times(-1, w1)},
		{bug: "W1 zero", spoil: times(0, w1)},
		{bug: "b1 zero", spoil: times(0, b1)},
		{bug: "b2 zero", spoil: times(0, b2)},
		{bug: "one element of W1 zero", spoil: times(0, one)},
		{bug: "one element of W1 off by 1e-5", spoil: times(1+1e-5, one)},
		{bug: "W1 off by 1 %", spoil: times(1.01, w1)},
		{bug: "W1 off by 1e-3", spoil: times(1+1e-3, w1)},
		{bug: "W1 off by 1e-4", spoil: times(1+1e-4, w1)},
		{bug: "W1 off by 1e-5", spoil: times(1+1e-5, w1)},
		{bug: "W2 off by 1e-3", spoil: times(1+1e-3, w2)},
		{bug: "W2 off by 1e-4", spoil: times(1+1e-4, w2)},
		{bug: "W2 off by 1e-5", spoil: times(1+1e-5, w2)},
		{bug: "1/N missing", spoil: times(float64(rows), all)},
		{bug: "1/N twice for b1", spoil: times(1/float64(rows), b1)},
		{bug: "gradients not set to zero before", spoil: times(2, all)},
		{bug: "W2 not transposed", steps: func(b *backward) {
			h, k := e.net.Layers[1].W.Dims()
			b.w2 = mat.NewDense(k, h, e.net.Layers[1].W.RawMatrix().Data)
		}},
		{bug: "σ′ of z1 in place of a1", steps: func(b *backward) {
			b.slope = func(_, z float64) float64 { return sigmoid(z) * (1 - sigmoid(z)) }
		}},
		{bug: "a1(1 − a1) for σ′", steps: func(b *backward) {
			b.slope = func(a, _ float64) float64 { return a * (1 - a) }
		}},
		{bug: "σ′ left out", steps: func(b *backward) {
			b.slope = func(_, _ float64) float64 { return 1 }
		}},
		{bug: "b2 not summed over the batch", spoil: func(g *nn.Params) {
			y := e.net.Predict(e.x)
			copy(g.Layers[1].B, y.RawRowView(0))
			g.Layers[1].B[e.t[0]]--
			floats.Scale(1/float64(rows), g.Layers[1].B)
		}},
		{bug: "labels off by one", steps: func(b *backward) {
			for i, label := range e.t {
				b.dy.Set(i, label, b.dy.At(i, label)+1/float64(rows))
				next := (label + 1) % 10
				b.dy.Set(i, next, b.dy.At(i, next)-1/float64(rows))
			}
		}},
		{bug: "the derivative of softmax twice", steps: func(b *backward) {
			y := e.net.Predict(e.x)
			for i := range rows {
				dy, p := b.dy.RawRowView(i), y.RawRowView(i)
				mean := floats.Dot(dy, p)
				for k := range dy {
					dy[k] = p[k] * (dy[k] - mean)
				}
			}
		}},
		{bug: "last class left out", steps: func(b *backward) {
			for i := range rows {
				b.dy.Set(i, 9, 0)
			}
		}},
		{bug: "last class left out in W2", spoil: func(g *nn.Params) {
			for j := range 50 {
				g.Layers[1].W.Set(j, 9, 0)
			}
		}},
		{bug: "last sample left out", steps: func(b *backward) { clear(b.dy.RawRowView(rows - 1)) }},
		{bug: "z1 from before the last step", steps: func(b *backward) {
			old := e.net.Clone()
			floats.AddScaled(old.Vector, 0.1, e.right.Vector)
			b.z1.Mul(e.x, old.Layers[0].W)
			b.z1.Apply(func(_, j int, a float64) float64 { return sigmoid(a + old.Layers[0].B[j]) }, b.z1)
		}},
		{bug: "W2 updated before W1's turn", steps: func(b *backward) {
			updated := mat.DenseCopyOf(e.net.Layers[1].W)
			floats.AddScaled(updated.RawMatrix().Data, -0.1, w2(e.right))
			b.w2 = updated.T()
		}},
		{bug: "x shifted by a pixel", steps: func(b *backward) {
			shifted := mat.NewDense(rows, 784, nil)
			for i := range rows {
				copy(shifted.RawRowView(i)[1:], e.x.RawRowView(i))
			}
			b.input = shifted
		}},
		{bug: "two hidden units swapped in W1", spoil: func(g *nn.Params) {
			for i := range 784 {
				row := g.Layers[0].W.RawRowView(i)
				row[3], row[30] = row[30], row[3]
			}
		}},
		{bug: "W1 stored as its transpose", spoil: func(g *nn.Params) {
			transposed := mat.DenseCopyOf(g.Layers[0].W.T())
			copy(w1(g), transposed.RawMatrix().Data)
		}},
		{bug: "one hidden unit left out of W2", spoil: func(g *nn.Params) { clear(g.Layers[1].W.RawRowView(17)) }},
		{bug: "weight decay of 1e-4 that the loss lacks", spoil: func(g *nn.Params) {
			floats.AddScaled(w1(g), 1e-4, w1(e.net.Params))
			floats.AddScaled(w2(g), 1e-4, w2(e.net.Params))
		}},
		{bug: "momentum of 0.1 of a gradient of W1 from one step before", spoil: func(g *nn.Params) {
			old := &nn.Net{Params: e.net.Clone()}
			floats.AddScaled(old.Vector, 0.1, e.right.Vector)
			before := nn.NewParams(e.net.Sizes()...)
			old.Gradient(before, e.x, e.t)
			floats.Scale(0.9, w1(g))
			floats.AddScaled(w1(g), 0.1, w1(before))
		}},
	}
}

// wrongParams names the parameters in which g is another gradient.
func (e *exam) wrongParams(g *nn.Params) []string {
	var names []string
	right := paired(e.net.Params, e.right)
	for p, param := range paired(e.net.Params, g) {
		for i, v := range right[p].Gradient {
			if math.Abs(param.Gradient[i]-v) > 1e-8*math.Abs(v) {
				names = append(names, param.Name)
				break
			}
		}
	}
	return names
}

// Every wrong backward pass is caught, with the right names in the first line
// of the report.
func TestKillTable(t *testing.T) {
	e := newExam(t)
	var table strings.Builder
	fmt.Fprint(&table, "| planted bug | wrong | `gradcheck.Check` says |\n|---|---|---|\n")

	for n, m := range append([]mutant{{bug: "*none*"}}, e.mutants()...) {
		if raceDetector && n%10 != 0 {
			continue
		}
		g := e.gradient(m)
		want := e.wrongParams(g)
		report := e.check(g)
		line, _, _ := strings.Cut(report.String(), "\n")
		says, hint, _ := strings.Cut(line, ": ")
		names, hint, _ := strings.Cut(hint, ": ")
		if m.bug == "*none*" {
			if report.Err() != nil {
				t.Errorf("a right gradient: %v", report)
			}
			hint = "agrees"
		} else if says != "wrong" || names != strings.Join(want, ", ") || report.Err() == nil {
			t.Errorf("%s: the report begins with\n%s\nwant wrong: %s", m.bug, line, strings.Join(want, ", "))
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", m.bug, strings.Join(want, ", "), hint)
	}
	inDocument(t, "kill table", table.String())
}
