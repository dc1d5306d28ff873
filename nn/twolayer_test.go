package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"numgrad/grad"
	"numgrad/nn"
)

// predictByTheBook is the book's predict (section 4.5.1), with gonum's matrix
// products.
func predictByTheBook(p *nn.Params, x mat.Matrix) *mat.Dense {
	var a1, a2 mat.Dense
	a1.Mul(x, p.W1)
	a1.Apply(func(_, j int, v float64) float64 {
		return 1 / (1 + math.Exp(-(v + p.B1[j])))
	}, &a1)
	a2.Mul(&a1, p.W2)
	rows, _ := a2.Dims()
	for n := range rows {
		y := a2.RawRowView(n)
		floats.Add(y, p.B2)
		floats.AddConst(-floats.Max(y), y)
		for k, v := range y {
			y[k] = math.Exp(v)
		}
		floats.Scale(1/floats.Sum(y), y)
	}
	return &a2
}

func TestPredictLossAccuracy(t *testing.T) {
	for _, s := range samples() {
		want := predictByTheBook(s.net.Params, s.x)
		got := s.net.Predict(nil, s.x)
		if bound := 2 * s.lossError(0); !mat.EqualApprox(got, want, bound) {
			t.Errorf("%s: Predict = %v, want %v within %v", s.name, mat.Formatted(got), mat.Formatted(want), bound)
		}

		wantLoss, right := 0.0, 0
		for n, label := range s.t {
			wantLoss -= math.Log(want.At(n, label)) / float64(len(s.t))
			if floats.MaxIdx(want.RawRowView(n)) == label {
				right++
			}
		}
		if got := s.net.Loss(s.x, s.t); math.Abs(got-wantLoss) > 2*s.lossError(0) && !math.IsInf(wantLoss, 1) {
			t.Errorf("%s: Loss = %v, want %v", s.name, got, wantLoss)
		}
		if got := s.net.Correct(s.x, s.t); got != right {
			t.Errorf("%s: Correct = %d, want %d", s.name, got, right)
		}
		if got, want := s.net.Accuracy(s.x, s.t), float64(right)/float64(len(s.t)); got != want {
			t.Errorf("%s: Accuracy = %v, want %v", s.name, got, want)
		}
	}
}

func TestPredictDst(t *testing.T) {
	s := newSample("", 6, 4, 3, 5, 1, grey)
	want, dst := s.net.Predict(nil, s.x), mat.NewDense(5, 3, nil)
	if got := s.net.Predict(dst, s.x); got != dst {
		t.Error("Predict did not return dst")
	}
	if !mat.Equal(dst, want) {
		t.Errorf("into dst: %v, want %v", mat.Formatted(dst), mat.Formatted(want))
	}
}

func TestNewTwoLayer(t *testing.T) {
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	for name, w := range map[string]*mat.Dense{"W1": net.W1, "W2": net.W2} {
		values := w.RawMatrix().Data
		mean, std := stat.MeanStdDev(values, nil)
		// Four standard errors: one seed in some thousands would fail.
		n := float64(len(values))
		if math.Abs(mean) > 4*0.01/math.Sqrt(n) || math.Abs(std-0.01) > 4*0.01/math.Sqrt(2*n) {
			t.Errorf("%s has mean %v and standard deviation %v, want 0 and 0.01", name, mean, std)
		}
	}
	if b := slices.Concat(net.B1, net.B2); floats.Norm(b, 1) != 0 {
		t.Errorf("biases %v, want zeros", b)
	}
	again := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	if !slices.Equal(net.Vector, again.Vector) {
		t.Error("the same seed gives other weights")
	}
	other := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(2, 0))
	if slices.Equal(net.Vector, other.Vector) {
		t.Error("another seed gives the same weights")
	}
}

// The vector is W1, b1, W2, b2, by rows.
func TestParamsAreViews(t *testing.T) {
	p := nn.NewParams(3, 2, 4)
	if d, h, k := p.Sizes(); d != 3 || h != 2 || k != 4 {
		t.Errorf("sizes %d, %d, %d", d, h, k)
	}
	if len(p.Vector) != 3*2+2+2*4+4 {
		t.Fatalf("%d weights, want 20", len(p.Vector))
	}
	for i := range p.Vector {
		p.Vector[i] = float64(i)
	}
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"W1[0,0]", p.W1.At(0, 0), 0},
		{"W1[2,1]", p.W1.At(2, 1), 5},
		{"b1[0]", p.B1[0], 6},
		{"b1[1]", p.B1[1], 7},
		{"W2[0,3]", p.W2.At(0, 3), 11},
		{"W2[1,0]", p.W2.At(1, 0), 12},
		{"b2[0]", p.B2[0], 16},
		{"b2[3]", p.B2[3], 19},
	} {
		if test.got != test.want {
			t.Errorf("%s is %v, want %v", test.name, test.got, test.want)
		}
	}

	clone := p.Clone()
	p.W1.Set(0, 1, -1)
	p.B2[3] = -1
	if p.Vector[1] != -1 || p.Vector[19] != -1 {
		t.Errorf("what the views set is not in the vector %v", p.Vector)
	}
	if clone.Vector[1] != 1 || clone.B2[3] != 19 {
		t.Errorf("the clone has changed: %v", clone.Vector)
	}
	_, _ = append(p.B1, 99), append(p.Vector[:0:0], p.B2...)
	if p.W2.At(0, 0) != 8 {
		t.Error("appending to b1 has overwritten W2")
	}
}

func TestPanics(t *testing.T) {
	net := nn.NewTwoLayer(3, 2, 4, 1, rand.NewPCG(1, 0))
	x, labels := mat.NewDense(5, 3, nil), make([]int, 5)
	narrow, few := mat.NewDense(5, 2, nil), make([]int, 4)
	bad := []int{0, 0, 4, 0, 0}
	g, other := nn.NewParams(3, 2, 4), nn.NewParams(3, 3, 4)
	const badLabel = "label 4 of row 2 is not in 0…3"
	for _, test := range []struct {
		call func()
		want string
	}{
		{func() { nn.NewParams(3, 0, 4) }, "nn: net of 3 inputs, 0 hidden units and 4 classes, want at least one of each"},
		{func() { nn.NewTwoLayer(3, 2, -1, 1, rand.NewPCG(1, 0)) }, "nn: net of 3 inputs, 2 hidden units and -1 classes, want at least one of each"},
		{func() { net.Predict(nil, narrow) }, "nn: x is [5×2], want 3 columns"},
		{func() { net.Predict(mat.NewDense(5, 3, nil), x) }, "nn: y is [5×3], want [5×4]"},
		{func() { net.Loss(narrow, labels) }, "nn: x is [5×2], want 3 columns"},
		{func() { net.Loss(x, few) }, "loss: CrossEntropy of 5 rows with 4 labels"},
		{func() { net.Loss(x, bad) }, "loss: CrossEntropy: " + badLabel},
		{func() { net.Correct(narrow, labels) }, "nn: Correct of x [5×2] and t [5], want x [N×3] and t [N]"},
		{func() { net.Correct(x, bad) }, "nn: Correct: " + badLabel},
		{func() { net.Gradient(g, narrow, labels) }, "nn: Gradient of x [5×2] and t [5], want x [N×3] and t [N]"},
		{func() { net.Gradient(g, x, bad) }, "nn: Gradient: " + badLabel},
		{func() { net.Gradient(other, x, labels) }, "nn: Gradient of a 3-2-4 net into a 3-3-4 one"},
		{func() { net.NumericalGradient(g, x, few, nil) }, "nn: NumericalGradient of x [5×3] and t [4], want x [N×3] and t [N]"},
		{func() { net.NumericalGradient(g, x, bad, nil) }, "nn: NumericalGradient: " + badLabel},
		{func() { net.NumericalGradient(other, x, labels, nil) }, "nn: NumericalGradient of a 3-2-4 net into a 3-3-4 one"},
		{func() { net.NumericalGradient(g, new(mat.Dense), nil, nil) }, "nn: NumericalGradient of x [0×0] and t [0], want x [N×3] and t [N]"},
		{func() { net.NumericalGradient(g, x, labels, &grad.Settings{Step: -1}) }, "grad: step -1, want positive and finite"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != test.want {
					t.Errorf("panic %q, want %q", got, test.want)
				}
			}()
			test.call()
		}()
	}
}
