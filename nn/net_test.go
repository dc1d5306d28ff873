package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/nn"
)

// Loss and Accuracy follow from the probabilities of Predict. Package perturb
// compares the loss with the book's code under NumPy.
func TestLossAccuracy(t *testing.T) {
	eachSample(func(s sample) {
		y := s.net.Predict(s.x)
		want, right := 0.0, 0
		for n, label := range s.t {
			if sum := floats.Sum(y.RawRowView(n)); !(math.Abs(sum-1) <= 1e-14) {
				t.Errorf("%s: the probabilities of row %d sum to %v", s.name, n, sum)
			}
			p := y.At(n, label)
			if s.net.BookLoss {
				p += 1e-7
			}
			want -= math.Log(p) / float64(len(s.t))
			if floats.MaxIdx(y.RawRowView(n)) == label {
				right++
			}
		}
		if got := s.net.Loss(s.x, s.t); !(math.Abs(got-want) <= 1e-13) {
			t.Errorf("%s: Loss = %v, want %v", s.name, got, want)
		}
		if got, want := s.net.Accuracy(s.x, s.t), float64(right)/float64(len(s.t)); got != want {
			t.Errorf("%s: Accuracy = %v, want %v", s.name, got, want)
		}
	})
}

// The weights are normal numbers in the order of Vector, times the layer's standard
// deviation; the biases are zero.
func TestNew(t *testing.T) {
	net, random := nn.New([]int{8, 50, 2}, nn.He, rand.NewPCG(1, 0)), rand.New(rand.NewPCG(1, 0))
	for l, std := range []float64{0.5, 0.2} { // √(2/8), √(2/50)
		for i, got := range net.Layers[l].W.RawMatrix().Data {
			if want := std * random.NormFloat64(); !(math.Abs(got-want) <= 1e-15*math.Abs(want)) {
				t.Fatalf("element %d of W%d is %v, want %v", i, l+1, got, want)
			}
		}
		if floats.Norm(net.Layers[l].B, 1) != 0 {
			t.Errorf("b%d is %v, want zeros", l+1, net.Layers[l].B)
		}
	}
	if got := nn.Xavier(16); got != 0.25 {
		t.Errorf("Xavier(16) = %v, want 1/4", got)
	}
	two := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	if want := nn.New([]int{784, 50, 10}, nn.Normal(0.01), rand.NewPCG(1, 0)); !slices.Equal(two.Vector, want.Vector) {
		t.Error("NewTwoLayer is not New with a standard deviation of 0.01")
	}
}

// The vector is W1, b1, W2, b2, …, by rows, and the layers and arrays are views.
func TestParamsAreViews(t *testing.T) {
	p := nn.NewParams(3, 2, 4)
	if got := p.Sizes(); !slices.Equal(got, []int{3, 2, 4}) || p.Inputs() != 3 || p.Classes() != 4 {
		t.Errorf("sizes %v, %d inputs, %d classes", got, p.Inputs(), p.Classes())
	}
	for i := range p.Vector {
		p.Vector[i] = float64(i)
	}
	got := ""
	for _, a := range p.Arrays() {
		got += fmt.Sprintln(a.Name, a.Shape, a.Data)
	}
	if want := "W1 [3 2] [0 1 2 3 4 5]\nb1 [2] [6 7]\nW2 [2 4] [8 9 10 11 12 13 14 15]\nb2 [4] [16 17 18 19]\n"; got != want {
		t.Errorf("arrays %s, want %s", got, want)
	}
	first, second := p.Layers[0], p.Layers[1]
	if first.W.At(2, 1) != 5 || first.B[1] != 7 || second.W.At(1, 0) != 12 || second.B[3] != 19 {
		t.Errorf("the layers are no views of %v", p.Vector)
	}
	clone := p.Clone()
	first.W.Set(0, 1, -1)
	p.Arrays()[3].Data[3] = -1
	if p.Vector[1] != -1 || second.B[3] != -1 || clone.Vector[1] != 1 || clone.Layers[1].B[3] != 19 {
		t.Errorf("after writing to views: vector %v, clone %v", p.Vector, clone.Vector)
	}
	_ = append(first.B, 99)
	if second.W.At(0, 0) != 8 {
		t.Error("appending to b1 has overwritten W2")
	}
}

func TestPanics(t *testing.T) {
	net := nn.New([]int{3, 2, 4}, nn.Normal(1), rand.NewPCG(1, 0))
	x, labels, bad := mat.NewDense(5, 3, nil), make([]int, 5), []int{0, 0, 4, 0, 0}
	g, other := nn.NewParams(3, 2, 4), nn.NewParams(3, 2, 2, 4)
	for _, test := range []struct {
		want string
		call func()
	}{
		{"nn: net of sizes [3]", func() { nn.NewParams(3) }},
		{"nn: net of sizes [3 2 -1]", func() { nn.NewTwoLayer(3, 2, -1, 1, rand.NewPCG(1, 0)) }},
		{"nn: Loss of x [5×2] and t [5], want x [N×3]", func() { net.Loss(mat.NewDense(5, 2, nil), labels) }},
		{"nn: Loss of x [5×3] and t [4], want x [N×3]", func() { net.Loss(x, labels[:4]) }},
		{"nn: Accuracy: label 4 of row 2", func() { net.Accuracy(x, bad) }},
		{"nn: Gradient: label 4 of row 2", func() { net.Gradient(g, x, bad) }},
		{"nn: Gradient of x [0×0]", func() { net.Gradient(g, new(mat.Dense), nil) }},
		{"nn: Gradient of a 3-2-4 net", func() { net.Gradient(other, x, labels) }},
		{"nn: NumericalGradient of a 3-2-4 net", func() { net.NumericalGradient(other, x, labels, nil) }},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, test.want) {
					t.Errorf("panic %q, want %q", got, test.want)
				}
			}()
			test.call()
		}()
	}
}
