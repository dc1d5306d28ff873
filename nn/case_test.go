package nn_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"numgrad/nn"
)

// A sample is a net and a batch for it.
type sample struct {
	name string
	net  *nn.Net
	x    *mat.Dense
	t    []int
}

// eachSample calls test with nets of several depths, both activations and both
// losses.
func eachSample(test func(s sample)) {
	for i, form := range []struct {
		rows  int
		sizes []int
	}{
		{5, []int{4, 3}},
		{1, []int{6, 5, 3}},
		{7, []int{6, 5, 3}},
		{4, []int{1, 1, 1}},
		{40, []int{5, 4, 3, 3}},
		{6, []int{8, 7, 2, 9, 4}},
		{6, []int{5, 4, 6, 5, 4, 13}},
	} {
		for _, act := range []nn.Activation{"", nn.Sigmoid, nn.ReLU} {
			for _, book := range []bool{false, true} {
				r := rand.New(rand.NewPCG(uint64(i), 2))
				s := sample{
					name: fmt.Sprintf("%d rows, %v %q, book's loss %v", form.rows, form.sizes, act, book),
					net:  nn.New(form.sizes, nn.Xavier, r),
					x:    mat.NewDense(form.rows, form.sizes[0], nil),
					t:    make([]int, form.rows),
				}
				s.net.Activation, s.net.BookLoss = act, book
				for _, l := range s.net.Layers {
					for j := range l.B {
						l.B[j] = 0.5 * r.NormFloat64()
					}
				}
				s.x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, s.x)
				for n := range s.t {
					s.t[n] = r.IntN(s.net.Classes())
				}
				test(s)
			}
		}
	}
}
