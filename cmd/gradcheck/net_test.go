package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/nn"
)

// randomNet draws a 7-5-4 net and a batch of 6, with weights of the given
// scale.
func randomNet(scale float64) (w *nn.Params, x *mat.Dense, t []int) {
	random := rand.New(rand.NewPCG(1, 2))
	w = nn.NewParams(7, 5, 4)
	for i := range w.Vector {
		w.Vector[i] = scale * random.NormFloat64()
	}
	x = mat.NewDense(6, 7, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return float64(random.IntN(3)) * random.NormFloat64() }, x)
	for range 6 {
		t = append(t, random.IntN(4))
	}
	return w, x, t
}

// Where the step is so large that two losses can be subtracted, that is what
// Changes says.
func TestChangesAreLosses(t *testing.T) {
	for _, f := range []activation{sigmoid, relu} {
		for _, book := range []bool{false, true} {
			for _, scale := range []float64{0.1, 1, 20} {
				for _, h := range []float64{0.1, -0.1, 3, -3, 100, -100} {
					w, x, labels := randomNet(scale)
					n := &net{w, f, book}
					changes := make([]float64, len(w.Vector))
					n.Changes(changes, x, labels, h)
					before := n.Loss(x, labels)
					for i, got := range changes {
						saved := w.Vector[i]
						w.Vector[i] = saved + h
						after := n.Loss(x, labels)
						w.Vector[i] = saved
						if bound := 1e-13 * (1 + math.Abs(before) + math.Abs(after)); !(math.Abs(got-(after-before)) <= bound) {
							t.Errorf("%s, book %v, weights of %v, h = %v: weight %d: %v, want %v", f.name, book, scale, h, i, got, after-before)
						}
					}
				}
			}
		}
	}
}

// Where the step is small, no digits are lost: what nn.TwoLayer computes in
// its own way has the same ones.
func TestChangesKeepDigits(t *testing.T) {
	for _, scale := range []float64{0.01, 1, 20} {
		for _, h := range []float64{1e-3, -1e-3, 1e-9, -1e-9, 1e-15} {
			w, x, labels := randomNet(scale)
			got, want := make([]float64, len(w.Vector)), make([]float64, len(w.Vector))
			(&net{w, sigmoid, false}).Changes(got, x, labels, h)
			(&nn.TwoLayer{Params: w}).Changes(want, x, labels, h)
			size := mat.Norm(mat.NewVecDense(len(want), want), math.Inf(1))
			for i := range want {
				if !(math.Abs(got[i]-want[i]) <= 1e-13*size) {
					t.Errorf("weights of %v, h = %v: weight %d: %v, want %v", scale, h, i, got[i], want[i])
				}
			}
		}
	}
}

// backprop is the textbook's, for ReLU and for the book's loss as well.
func backprop(n *net, x *mat.Dense, t []int) *nn.Params {
	g := nn.NewParams(n.Sizes())
	for i, label := range t {
		r := n.rows(x, t)[i]
		for k := range n.B2 {
			d := r.y[k]
			if k == label {
				d--
			}
			if n.book { // −log(y + c) falls by y/(y + c) of what −log y does
				d *= r.y[label] / (r.y[label] + 1e-7)
			}
			d /= float64(len(t))
			g.B2[k] += d
			for j, a := range r.a1 {
				z := n.activation.value(a)
				slope := z * (1 - z)
				if n.activation.name == "relu" {
					slope = 0
					if a > 0 {
						slope = 1
					}
				}
				g.W2.Set(j, k, g.W2.At(j, k)+d*z)
				back := d * n.W2.At(j, k) * slope
				g.B1[j] += back
				for p, v := range r.x {
					g.W1.Set(p, j, g.W1.At(p, j)+back*v)
				}
			}
		}
	}
	return g
}

// params returns the arrays of weights, or of a gradient.
func params(p *nn.Params) arrays {
	d, h, k := p.Sizes()
	return arrays{
		"W1": {data: p.W1.RawMatrix().Data, shape: []int{d, h}}, "b1": {data: p.B1, shape: []int{h}},
		"W2": {data: p.W2.RawMatrix().Data, shape: []int{h, k}}, "b2": {data: p.B2, shape: []int{k}},
	}
}

// Each activation and loss has a right gradient, which is that of no other.
func TestActivationsAndLosses(t *testing.T) {
	type kind struct {
		activation activation
		book       bool
	}
	kinds := []kind{{sigmoid, false}, {sigmoid, true}, {relu, false}, {relu, true}}
	for _, scale := range []float64{0.1, 1, 3} {
		w, x, labels := randomNet(scale)
		indices := make([]float64, len(labels))
		for i, label := range labels {
			indices[i] = float64(label)
		}
		path := params(w).
			with("x", fixture{data: x.RawMatrix().Data, shape: []int{6, 7}}).
			with("t", fixture{data: indices, shape: []int{6}, dtype: "|u1"}).write(t, "case.npz")
		for _, of := range kinds {
			grads := params(backprop(&net{w, of.activation, of.book}, x, labels)).write(t, "grads.npz")
			for _, as := range kinds {
				want := 1
				if of.activation.name == as.activation.name && of.book == as.book {
					want = 0
				}
				status, stdout, stderr := call("-case", path, "-against", grads,
					"-activation", as.activation.name, fmt.Sprintf("-book=%v", as.book))
				if status != want || stderr != "" {
					t.Errorf("weights of %v: gradient of %s, book %v, checked as %s, book %v: status %d\n%s%s", scale,
						of.activation.name, of.book, as.activation.name, as.book, status, stdout, stderr)
				}
			}
		}
	}
}

func TestActivationChange(t *testing.T) {
	for _, f := range []activation{sigmoid, relu} {
		for _, a := range []float64{-800, -3, -1e-3, 0, 1e-3, 2, 800} {
			for _, s := range []float64{-1e4, -5, -1e-3, 0, 1e-3, 5, 1e4} {
				got, want := f.change(a, s), f.value(a+s)-f.value(a)
				if !(math.Abs(got-want) <= 4e-16*math.Max(1, math.Abs(a+s))) {
					t.Errorf("%s(%v + %v) − %s(%v) = %v, want %v", f.name, a, s, f.name, a, got, want)
				}
			}
			if got := f.change(a, 1e-300); a != 0 && math.Abs(a) < 100 && !(got > 0 || f.name == "relu" && a < 0) {
				t.Errorf("%s: change(%v, 1e-300) = %v: the digits are lost", f.name, a, got)
			}
		}
	}
}
