package perturb_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
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
				{Workers: 3, Formula: grad.Forward, Step: 0.5}, // each input by itself
			} {
				if settings.Step > 0 && sizes[0] > 100 {
					continue // it takes its time
				}
				var e perturb.Engine
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

// What is not finite comes out as such, and stops nothing.
func TestNotFinite(t *testing.T) {
	var e perturb.Engine
	for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for name, set := range map[string]func(sample){
				"x":  func(s sample) { s.x.Set(1, 2, v) },
				"W1": func(s sample) { s.net.Layers[0].W.Set(2, 1, v) },
				"b1": func(s sample) { s.net.Layers[0].B[1] = v },
				"W2": func(s sample) { s.net.Layers[1].W.Set(1, 1, v) },
				"b2": func(s sample) { s.net.Layers[1].B[1] = v },
				"W3": func(s sample) { s.net.Layers[2].W.Set(1, 1, v) },
				"b3": func(s sample) { s.net.Layers[2].B[1] = v },
			} {
				for _, h := range []float64{1e-4, 1} {
					s := newSample(rand.New(rand.NewPCG(10, 1)), act, 1, 6, normal, 9, 5, 4, 3)
					set(s)
					g := nn.NewParams(s.net.Sizes()...)
					ended := make(chan float64)
					go func() { ended <- e.Gradient(g, s.net, s.x, s.t, &grad.Settings{Step: h}) }()
					var got float64
					select {
					case got = <-ended:
					case <-time.After(time.Minute):
						t.Fatalf("%s, %s = %v: no end", act, name, v)
					}
					want := s.net.Loss(s.x, s.t)
					if !(math.Abs(got-want) <= 1e-13*want) && !sameNotFinite(got, want) {
						t.Errorf("%s, %s = %v: loss %v, want %v", act, name, v, got, want)
					}
					last := g.Layers[2]
					if math.IsNaN(want) && !math.IsNaN(mat.Sum(last.W)+floats.Sum(last.B)) {
						t.Errorf("%s, %s = %v: loss NaN, but the gradient of the last layer has none", act, name, v)
					}
				}
			}
		}
	}
}

func sameNotFinite(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestPanics(t *testing.T) {
	net := nn.New([]int{3, 2, 4}, nn.Normal(1), rand.NewPCG(1, 0))
	x, labels := mat.NewDense(5, 3, nil), make([]int, 5)
	narrow, few := mat.NewDense(5, 2, nil), make([]int, 4)
	bad := []int{0, 0, 4, 0, 0}
	images := perturb.NewImages([][]byte{{1, 2, 3}, {0, 0, 0}}, 3)
	g, other, deeper := nn.NewParams(3, 2, 4), nn.NewParams(3, 3, 4), nn.NewParams(3, 2, 2, 4)
	var e perturb.Engine
	const badLabel = "label 4 of row 2 is not in 0…3"
	for _, test := range []struct {
		call func()
		want string
	}{
		{func() { e.Gradient(g, net, narrow, labels, nil) }, "perturb: Gradient of x [5×2] and t [5], want x [N×3] and t [N]"},
		{func() { e.Gradient(g, net, x, few, nil) }, "perturb: Gradient of x [5×3] and t [4], want x [N×3] and t [N]"},
		{func() { e.Gradient(g, net, new(mat.Dense), nil, nil) }, "perturb: Gradient of x [0×0] and t [0], want x [N×3] and t [N]"},
		{func() { e.Gradient(g, net, x, bad, nil) }, "perturb: Gradient: " + badLabel},
		{func() { e.Gradient(other, net, x, labels, nil) }, "perturb: Gradient of a 3-2-4 net into a 3-3-4 one"},
		{func() { e.Gradient(deeper, net, x, labels, nil) }, "perturb: Gradient of a 3-2-4 net into a 3-2-2-4 one"},
		{func() { e.Gradient(g, net, x, labels, &grad.Settings{Step: -1}) }, "grad: step -1, want positive and finite"},
		{func() { e.Gradient(g, net, x, labels, &grad.Settings{Workers: -1}) }, "grad: -1 workers, want at least one"},
		{func() { e.Changes(make([]float64, 3), net, x, labels, 1) }, "perturb: Changes of 20 weights into 3 places"},
		{func() { e.Changes(g.Vector, net, x, labels, 0) }, "perturb: Changes at h = 0, want a finite step other than zero"},
		{func() { e.Changes(g.Vector, net, x, labels, math.NaN()) }, "perturb: Changes at h = NaN, want a finite step other than zero"},
		{func() { e.Changes(g.Vector, net, x, bad, 1) }, "perturb: Changes: " + badLabel},
		{func() { images.Correct(net, []int{0, 1}, labels) }, "perturb: Correct of images of 3 pixels, 2 indices and t [5] for a net of 3 inputs"},
		{func() { images.Correct(net, []int{2}, few[:1]) }, "perturb: Correct: index 2 of 2 images"},
		{func() { images.Correct(net, []int{1}, bad[2:3]) }, "perturb: Correct: label 4 of image 1 is not in 0…3"},
		{func() { e.ImageGradient(g, net, images, []int{-1}, few[:1], nil) }, "perturb: ImageGradient: index -1 of 2 images"},
		{func() { perturb.NewImages([][]byte{{1, 2, 3}, {1}}, 3) }, "perturb: image 1 has 1 pixels, want 3"},
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
	// The engine is as good as before.
	e.Gradient(g, net, x, labels, nil)
	want := nn.NewParams(3, 2, 4)
	new(perturb.Engine).Gradient(want, net, x, labels, nil)
	if !floats.Equal(g.Vector, want.Vector) {
		t.Error("after panics, the engine has other bits")
	}
}

// Any bytes make a net, a batch and a step, for which the engine computes what
// the definition does.
func FuzzDefinition(f *testing.F) {
	f.Add([]byte{3, 2, 4}, uint8(3), uint64(1), uint8(0), 1e-4, 1.0)
	f.Add([]byte{1, 1, 1, 1, 1, 1}, uint8(1), uint64(2), uint8(255), 3.0, 50.0)
	f.Add([]byte{2, 1, 2, 1}, uint8(140), uint64(3), uint8(6), 0.03, 0.01)
	f.Add([]byte{5, 7}, uint8(2), uint64(4), uint8(9), 1e-8, 300.0)
	f.Fuzz(func(t *testing.T, shape []byte, rows uint8, seed uint64, flags uint8, h, scale float64) {
		if len(shape) < 2 || len(shape) > 6 || !(h >= 1e-8 && h <= 8) || !(scale >= 1e-3 && scale <= 300) {
			t.Skip()
		}
		var sizes []int
		for _, b := range shape {
			sizes = append(sizes, 1+int(b)%9)
		}
		pixel := grey
		if flags&1 > 0 {
			pixel = normal
		}
		act := []nn.Activation{nn.Sigmoid, nn.ReLU}[flags>>1&1]
		weights := len(nn.NewParams(sizes...).Vector)
		n := 1 + int(rows)%(3+60000/(weights*weights)) // so that it takes some milliseconds
		s := newSample(rand.New(rand.NewPCG(seed, 0)), act, scale, n, pixel, sizes...)
		s.net.BookLoss = flags>>2&1 > 0
		formula := formulas[int(flags>>3)%len(formulas)]
		settings := &grad.Settings{Formula: formula.Formula, Step: h, Workers: 1 + int(flags>>6)}
		want, got := nn.NewParams(sizes...), s.engine(settings)
		s.net.NumericalGradient(want, s.x, s.t, settings)
		noise := s.noise(settings, got)
		// A probability below 2⁻¹⁰²² has lost digits, or is zero, and a
		// displacement may make it exp(709) times as large: exp(−36).
		floats.AddConst(0x1p-50/h, noise)
		for i, w := range want.Vector {
			if !(math.Abs(got.Vector[i]-w) <= noise[i]) {
				t.Fatalf("%v %s, %d rows, book's loss %v, %s: %s is %v, want %v within %.2g",
					sizes, act, n, s.net.BookLoss, formula.name, weightName(got, i), got.Vector[i], w, noise[i])
			}
		}
	})
}
