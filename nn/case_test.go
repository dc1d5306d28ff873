package nn_test

import (
	"fmt"
	"math"
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

// answer is the net once more, in loops: the probabilities of a row.
func (s sample) answer(row int) []float64 {
	z := append([]float64(nil), s.x.RawRowView(row)...)
	rest := s.net.Vector
	sizes := s.net.Sizes()
	for l := 1; l < len(sizes); l++ {
		inputs, units := sizes[l-1], sizes[l]
		w, b := rest[:inputs*units], rest[inputs*units:][:units]
		rest = rest[(inputs+1)*units:]
		a := make([]float64, units)
		for j := range a {
			a[j] = b[j]
			for i := range z {
				a[j] += z[i] * w[i*units+j]
			}
			switch {
			case l == len(sizes)-1:
				a[j] = math.Exp(a[j])
			case s.net.Activation == nn.ReLU:
				a[j] = math.Max(a[j], 0)
			default:
				a[j] = 0.5 + 0.5*math.Tanh(a[j]/2)
			}
		}
		z = a
	}
	sum := 0.0
	for _, v := range z {
		sum += v
	}
	for k := range z {
		z[k] /= sum
	}
	return z
}
