package perturb

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

func TestAllocs(t *testing.T) {
	for _, sizes := range [][]int{{784, 50, 10}, {50, 20, 15, 10}} {
		for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
			s := newSample(rand.New(rand.NewPCG(9, 1)), act, 1, 10, grey, sizes...)
			g := nn.NewParams(sizes...)
			for _, settings := range []*grad.Settings{
				{Workers: 1},
				{Workers: 2},
				{Workers: 3},
				{Workers: 3, Formula: grad.Forward, Step: 0.5}, // a displacement for each input
			} {
				if settings.Step > 0 && sizes[0] > 100 {
					continue // it takes its time
				}
				var e Engine
				allocs := 1.0
				for try := 0; try < 1000 && allocs > 0; try++ { // until each worker had its first task of each kind
					allocs = testing.AllocsPerRun(1, func() { e.Gradient(g, s.net, s.x, s.t, settings) })
				}
				if allocs != 0 {
					t.Errorf("%v %s, %d workers, step %v: %v allocations", sizes, act, settings.Workers, settings.Step, allocs)
				}
			}
		}
	}
}

// NaN and infinities in x or in the weights reach the loss and the gradient.
func TestNotFinite(t *testing.T) {
	var e Engine
	for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for array := -1; array < 6; array++ { // −1: in x
				for _, h := range []float64{1e-4, 1} {
					s := newSample(rand.New(rand.NewPCG(10, 1)), act, 1, 6, normal, 9, 5, 4, 3)
					if array < 0 {
						s.x.Set(1, 2, v)
					} else {
						s.net.Arrays()[array].Data[1] = v
					}
					g := nn.NewParams(s.net.Sizes()...)
					got, want := e.Gradient(g, s.net, s.x, s.t, &grad.Settings{Step: h}), s.net.Loss(s.x, s.t)
					if !(math.Abs(got-want) <= 1e-13*want) && got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
						t.Errorf("%s, array %d with %v: loss %v, want %v", act, array, v, got, want)
					}
					last := g.Layers[2]
					if math.IsNaN(want) && !math.IsNaN(mat.Sum(last.W)+floats.Sum(last.B)) {
						t.Errorf("%s, array %d with %v: loss NaN, but the gradient of the last layer has none", act, array, v)
					}
				}
			}
		}
	}
}

// A wrong shape or label panics, and the engine still works.
func TestPanics(t *testing.T) {
	net := nn.New([]int{3, 2, 4}, nn.Normal(1), rand.NewPCG(1, 0))
	x, labels := mat.NewDense(5, 3, nil), make([]int, 5)
	images := NewImages([][]byte{{1, 2, 3}, {0, 0, 0}}, 3)
	g := nn.NewParams(3, 2, 4)
	var e Engine
	for want, call := range map[string]func(){
		"perturb: Gradient of x [5×3] and t [4]":     func() { e.Gradient(g, net, x, labels[:4], nil) },
		"perturb: Gradient: label 4 of row 1":        func() { e.Gradient(g, net, x, []int{0, 4, 0, 0, 0}, nil) },
		"perturb: Gradient of a 3-2-4 net":           func() { e.Gradient(nn.NewParams(3, 3, 4), net, x, labels, nil) },
		"grad: step -1":                              func() { e.Gradient(g, net, x, labels, &grad.Settings{Step: -1}) },
		"perturb: Changes of 20 weights into 3":      func() { e.Changes(make([]float64, 3), net, x, labels, 1) },
		"perturb: Changes at h = 0":                  func() { e.Changes(g.Vector, net, x, labels, 0) },
		"perturb: Changes at h = NaN":                func() { e.Changes(g.Vector, net, x, labels, math.NaN()) },
		"perturb: Correct of images of 3 pixels":     func() { images.Correct(net, []int{0, 1}, labels) },
		"perturb: Correct: index 2 of 2":             func() { images.Correct(net, []int{2}, labels[:1]) },
		"perturb: ImageGradient: index -1 of 2":      func() { e.ImageGradient(g, net, images, []int{-1}, labels[:1], nil) },
		"perturb: ImageGradient: label 4 of image 1": func() { e.ImageGradient(g, net, images, []int{1}, []int{4}, nil) },
		"perturb: image 1 has 1 pixels, want 3":      func() { NewImages([][]byte{{1, 2, 3}, {1}}, 3) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
	e.Gradient(g, net, x, labels, nil)
	if want := (sample{net: net, x: x, t: labels}).engine(nil); !slices.Equal(g.Vector, want.Vector) {
		t.Error("after panics, the engine has other bits")
	}
}
