package perturb

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
	"numgrad/nn"
)

// plainGradient shows the idea of this package on one page. It fills dst with the
// central differences of the loss at the step h for all weights of net, which has
// one hidden layer of sigmoids. It is slow; [Engine] computes the same numbers.
//
// A weight w[i,j] acts on the loss only through the pre-activation a[j] = x·w + b
// of its unit. If w[i,j] moves by h, a[j] moves by h·x[i]. Let Λ(s) be the change of
// the loss when a[j] moves by s. Then the loss changes by Λ(h·x[i]). So four values
// of Λ give the differences of all weights into the unit: addDifferences
// interpolates them with a polynomial.
func plainGradient(dst *nn.Params, net *nn.Net, x *mat.Dense, t []int, h float64) {
	clear(dst.Vector)
	hidden, output := net.Layers[0], net.Layers[1]
	divisor := 2 * h * float64(len(t)) // the loss is the mean over the batch
	for n, label := range t {
		x := x.RawRowView(n)
		a := sums(x, hidden)
		z, c := make([]float64, len(a)), make([]float64, len(a)) // c = 1 − z, which keeps its digits near z = 1
		for j := range a {
			z[j], c[j] = 1/(1+math.Exp(-a[j])), 1/(1+math.Exp(a[j]))
		}
		y := loss.Softmax(nil, sums(z, output))

		addDifferences(dst.Layers[0], x, h, divisor, func(j int, s float64) float64 {
			q := c[j] * -math.Expm1(-s)
			dz := z[j] * q / (1 - q) // σ(a+s) − σ(a)
			return lossChange(y, label, func(k int) float64 { return dz * output.W.At(j, k) })
		})
		addDifferences(dst.Layers[1], z, h, divisor, func(j int, s float64) float64 {
			return lossChange(y, label, func(k int) float64 {
				if k == j {
					return s
				}
				return 0
			})
		})
	}
}

// sums returns the pre-activations x·W + b of a layer.
func sums(x []float64, l nn.Layer) []float64 {
	a := append([]float64(nil), l.B...)
	for i, v := range x {
		floats.AddScaled(a, v, l.W.RawRowView(i))
	}
	return a
}

// lossChange returns the change of −log y[label] when each logit k moves by d(k).
// A small change keeps its digits.
func lossChange(y []float64, label int, d func(k int) float64) float64 {
	sum := 0.0
	for k, p := range y {
		sum += p * math.Expm1(d(k)-d(label))
	}
	return math.Log1p(sum)
}

// addDifferences adds (Λ(h·x[i]) − Λ(−h·x[i])) / divisor to the element of dst for
// each weight from input i into unit j. The bias is the weight of an input 1.
// addDifferences evaluates lambda(j, s) at four nodes: ±S and ±S/2, S = h·max|x|.
func addDifferences(dst nn.Layer, x []float64, h, divisor float64, lambda func(j int, s float64) float64) {
	most := max(1, floats.Norm(x, math.Inf(1)))
	for j := range dst.B {
		far := (lambda(j, h*most) - lambda(j, -h*most)) / divisor
		near := (lambda(j, h*most/2) - lambda(j, -h*most/2)) / divisor
		// at returns the odd polynomial through the four values, at u·S (Lagrange).
		at := func(u float64) float64 {
			return far*u*(u*u-0.25)/0.75 + near*u*(1-u*u)/0.375
		}
		for i, v := range x {
			dst.W.Set(i, j, dst.W.At(i, j)+at(v/most))
		}
		dst.B[j] += at(1 / most)
	}
}
