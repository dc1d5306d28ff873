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

func TestPredictLossAccuracy(t *testing.T) {
	eachSample(func(s sample) {
		before := slices.Clone(s.net.Vector)
		y := s.net.Predict(s.x)
		if rows, columns := y.Dims(); rows != len(s.t) || columns != s.net.Classes() {
			t.Fatalf("%s: Predict is [%d×%d]", s.name, rows, columns)
		}
		wantLoss, right := 0.0, 0
		for n, label := range s.t {
			want := s.answer(n)
			if !floats.EqualApprox(y.RawRowView(n), want, 1e-14) {
				t.Errorf("%s: row %d of Predict is %v, want %v", s.name, n, y.RawRowView(n), want)
			}
			p := want[label]
			if s.net.BookLoss {
				p += 1e-7
			}
			wantLoss -= math.Log(p) / float64(len(s.t))
			if floats.MaxIdx(want) == label {
				right++
			}
		}
		if got := s.net.Loss(s.x, s.t); !(math.Abs(got-wantLoss) <= 1e-13) {
			t.Errorf("%s: Loss = %v, want %v", s.name, got, wantLoss)
		}
		if got, want := s.net.Accuracy(s.x, s.t), float64(right)/float64(len(s.t)); got != want {
			t.Errorf("%s: Accuracy = %v, want %v", s.name, got, want)
		}
		if !slices.Equal(s.net.Vector, before) {
			t.Errorf("%s: the weights have changed", s.name)
		}
	})
}

// The loss keeps the digits of an answer that is nearly certain.
func TestLossNearZero(t *testing.T) {
	net := &nn.Net{Params: nn.NewParams(1, 3)}
	net.Layers[0].B[0] = 50
	want := 2 * math.Exp(-50)
	if got := net.Loss(mat.NewDense(1, 1, nil), []int{0}); !(math.Abs(got-want) <= 1e-15*want) {
		t.Errorf("loss %v, want %v", got, want)
	}
}

func TestNew(t *testing.T) {
	sizes := []int{784, 120, 90, 10}
	for name, std := range map[string]func(int) float64{"He": nn.He, "Xavier": nn.Xavier, "Normal": nn.Normal(0.03)} {
		net := nn.New(sizes, std, rand.NewPCG(1, 0))
		for l, layer := range net.Layers {
			want := map[string]float64{"He": math.Sqrt(2 / float64(sizes[l])), "Xavier": 1 / math.Sqrt(float64(sizes[l])), "Normal": 0.03}[name]
			values := layer.W.RawMatrix().Data
			mean, got := stat.MeanStdDev(values, nil)
			// Four standard errors: one seed in some thousands would fail.
			n := float64(len(values))
			if math.Abs(mean) > 4*want/math.Sqrt(n) || math.Abs(got-want) > 4*want/math.Sqrt(2*n) {
				t.Errorf("%s: W%d has mean %v and standard deviation %v, want 0 and %v", name, l+1, mean, got, want)
			}
			// A uniform distribution has a kurtosis of −1.2.
			if k := stat.ExKurtosis(values, nil); math.Abs(k) > 4*math.Sqrt(24/n) {
				t.Errorf("%s: W%d has the excess kurtosis %v, want that of a normal distribution, 0", name, l+1, k)
			}
			if floats.Norm(layer.B, 1) != 0 {
				t.Errorf("%s: b%d is %v, want zeros", name, l+1, layer.B)
			}
		}
		if again := nn.New(sizes, std, rand.NewPCG(1, 0)); !slices.Equal(net.Vector, again.Vector) {
			t.Errorf("%s: the same seed gives other weights", name)
		}
		if other := nn.New(sizes, std, rand.NewPCG(2, 0)); slices.Equal(net.Vector, other.Vector) {
			t.Errorf("%s: another seed gives the same weights", name)
		}
	}
	two := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	if want := nn.New([]int{784, 50, 10}, nn.Normal(0.01), rand.NewPCG(1, 0)); !slices.Equal(two.Vector, want.Vector) {
		t.Error("NewTwoLayer is not New with a standard deviation of 0.01")
	}
}

// The vector is W1, b1, W2, b2, …, by rows, and the layers and arrays are views.
func TestParamsAreViews(t *testing.T) {
	p := nn.NewParams(3, 2, 4)
	if got := p.Sizes(); !slices.Equal(got, []int{3, 2, 4}) || p.Inputs() != 3 || p.Classes() != 4 || nn.Form(got) != "3-2-4" {
		t.Errorf("sizes %v, %d inputs, %d classes, form %s", got, p.Inputs(), p.Classes(), nn.Form(got))
	}
	if len(p.Vector) != 3*2+2+2*4+4 {
		t.Fatalf("%d weights, want 20", len(p.Vector))
	}
	for i := range p.Vector {
		p.Vector[i] = float64(i)
	}
	first, second := p.Layers[0], p.Layers[1]
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"W1[0,0]", first.W.At(0, 0), 0},
		{"W1[2,1]", first.W.At(2, 1), 5},
		{"b1[0]", first.B[0], 6},
		{"b1[1]", first.B[1], 7},
		{"W2[0,3]", second.W.At(0, 3), 11},
		{"W2[1,0]", second.W.At(1, 0), 12},
		{"b2[0]", second.B[0], 16},
		{"b2[3]", second.B[3], 19},
	} {
		if test.got != test.want {
			t.Errorf("%s is %v, want %v", test.name, test.got, test.want)
		}
	}

	at := 0
	for i, a := range p.Arrays() {
		want := []struct {
			name  string
			shape []int
		}{{"W1", []int{3, 2}}, {"b1", []int{2}}, {"W2", []int{2, 4}}, {"b2", []int{4}}}[i]
		if a.Name != want.name || !slices.Equal(a.Shape, want.shape) {
			t.Errorf("array %d is %s %v, want %s %v", i, a.Name, a.Shape, want.name, want.shape)
		}
		if &a.Data[0] != &p.Vector[at] {
			t.Errorf("%s is no view of the vector's element %d", a.Name, at)
		}
		at += len(a.Data)
	}
	if at != len(p.Vector) {
		t.Errorf("the arrays have %d elements, want %d", at, len(p.Vector))
	}

	clone := p.Clone()
	first.W.Set(0, 1, -1)
	second.B[3] = -1
	if p.Vector[1] != -1 || p.Vector[19] != -1 {
		t.Errorf("what the views set is not in the vector %v", p.Vector)
	}
	if clone.Vector[1] != 1 || clone.Layers[1].B[3] != 19 || !slices.Equal(clone.Sizes(), p.Sizes()) {
		t.Errorf("the clone has changed: %v", clone.Vector)
	}
	_ = append(first.B, 99)
	if second.W.At(0, 0) != 8 {
		t.Error("appending to b1 has overwritten W2")
	}
}

func TestPanics(t *testing.T) {
	net := nn.New([]int{3, 2, 4}, nn.Normal(1), rand.NewPCG(1, 0))
	x, labels := mat.NewDense(5, 3, nil), make([]int, 5)
	narrow, few := mat.NewDense(5, 2, nil), make([]int, 4)
	bad := []int{0, 0, 4, 0, 0}
	g, other, deeper := nn.NewParams(3, 2, 4), nn.NewParams(3, 3, 4), nn.NewParams(3, 2, 2, 4)
	const badLabel = "label 4 of row 2 is not in 0…3"
	const wantSizes = ", want inputs, hidden layers and classes, at least one of each size"
	for _, test := range []struct {
		call func()
		want string
	}{
		{func() { nn.NewParams() }, "nn: net of sizes []" + wantSizes},
		{func() { nn.NewParams(3) }, "nn: net of sizes [3]" + wantSizes},
		{func() { nn.NewParams(3, 0, 4) }, "nn: net of sizes [3 0 4]" + wantSizes},
		{func() { nn.NewTwoLayer(3, 2, -1, 1, rand.NewPCG(1, 0)) }, "nn: net of sizes [3 2 -1]" + wantSizes},
		{func() { net.Loss(narrow, labels) }, "nn: Loss of x [5×2] and t [5], want x [N×3] and t [N]"},
		{func() { net.Loss(x, few) }, "nn: Loss of x [5×3] and t [4], want x [N×3] and t [N]"},
		{func() { net.Loss(x, bad) }, "nn: Loss: " + badLabel},
		{func() { net.Accuracy(narrow, labels) }, "nn: Accuracy of x [5×2] and t [5], want x [N×3] and t [N]"},
		{func() { net.Accuracy(x, bad) }, "nn: Accuracy: " + badLabel},
		{func() { net.Gradient(g, narrow, labels) }, "nn: Gradient of x [5×2] and t [5], want x [N×3] and t [N]"},
		{func() { net.Gradient(g, x, bad) }, "nn: Gradient: " + badLabel},
		{func() { net.Gradient(other, x, labels) }, "nn: Gradient of a 3-2-4 net into a 3-3-4 one"},
		{func() { net.Gradient(deeper, x, labels) }, "nn: Gradient of a 3-2-4 net into a 3-2-2-4 one"},
		{func() { net.NumericalGradient(other, x, labels, nil) }, "nn: NumericalGradient of a 3-2-4 net into a 3-3-4 one"},
		{func() { net.NumericalGradient(g, x, bad, nil) }, "nn: Loss: " + badLabel},
		{func() { net.NumericalGradient(g, x, labels, &grad.Settings{Step: -1}) }, "grad: step -1, want positive and finite"},
		{func() { net.Gradient(g, new(mat.Dense), nil) }, "nn: Gradient of x [0×0] and t [0], want x [N×3] and t [N]"},
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
