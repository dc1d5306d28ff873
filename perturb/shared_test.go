package perturb

import (
	"math"
	"os"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
	"numgrad/nn"
)

// What the tests inside and outside the package share.

// Long has the tests try every case. Without it they try a few of each kind.
func Long() bool { return os.Getenv("NUMGRAD_LONG") != "" }

// Terms is the gradient by backpropagation, but all terms of all sums have the
// same sign: where those of the gradient cancel each other, their roundings do
// not.
func Terms(net *nn.Net, x *mat.Dense, t []int) *nn.Params {
	result := nn.NewParams(net.Sizes()...)
	for n, label := range t {
		z := [][]float64{x.RawRowView(n)}
		var y []float64
		for l, layer := range net.Layers {
			a := append([]float64(nil), layer.B...)
			for j := range a {
				for i, v := range z[l] {
					a[j] += v * layer.W.At(i, j)
				}
			}
			y = loss.Softmax(nil, a)
			for j, v := range a {
				if net.Activation == nn.ReLU {
					a[j] = math.Max(0, v)
				} else {
					a[j] = 1 / (1 + math.Exp(-v))
				}
			}
			z = append(z, a)
		}
		d := y
		d[label] = floats.Sum(y) - y[label]
		for l := len(net.Layers) - 1; l >= 0; l-- {
			layer, before := result.Layers[l], make([]float64, len(z[l]))
			for j, v := range d {
				layer.B[j] += v / float64(len(t))
				for i, in := range z[l] {
					layer.W.Set(i, j, layer.W.At(i, j)+math.Abs(in)*v/float64(len(t)))
					slope := 1.0
					if net.Activation != nn.ReLU {
						slope = in * (1 - in)
					} else if in == 0 {
						slope = 0
					}
					before[i] += slope * math.Abs(net.Layers[l].W.At(i, j)) * v
				}
			}
			d = before
		}
	}
	return result
}
