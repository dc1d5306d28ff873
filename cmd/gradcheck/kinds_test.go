package main

import (
	"fmt"
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

// params returns the arrays of weights, or of a gradient.
func params(p *nn.Params) arrays {
	all := arrays{}
	for _, a := range p.Arrays() {
		all[a.Name] = fixture{data: a.Data, shape: a.Shape}
	}
	return all
}

// Each activation and loss has a right gradient, which is that of no other.
func TestActivationsAndLosses(t *testing.T) {
	type kind struct {
		activation nn.Activation
		book       bool
	}
	kinds := []kind{{nn.Sigmoid, false}, {nn.Sigmoid, true}, {nn.ReLU, false}, {nn.ReLU, true}}
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
			net := nn.Net{Params: w, Activation: of.activation, BookLoss: of.book}
			gradient := nn.NewParams(7, 5, 4)
			net.Gradient(gradient, x, labels)
			grads := params(gradient).write(t, "grads.npz")
			for _, as := range kinds {
				want := 1
				if of == as {
					want = 0
				}
				status, stdout, stderr := call("-case", path, "-against", grads,
					"-activation", string(as.activation), fmt.Sprintf("-book=%v", as.book))
				if status != want || stderr != "" {
					t.Errorf("weights of %v: gradient of %s, book %v, checked as %s, book %v: status %d\n%s%s", scale,
						of.activation, of.book, as.activation, as.book, status, stdout, stderr)
				}
			}
		}
	}
}
