package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"numgrad/gradcheck"
)

// deep is a net of any number of layers, with a backward pass in both
// precisions.
type deep struct {
	activation   string
	crossEntropy bool // else half the mean square
	sizes        []int
	atKink       float64   // the derivative that backprop takes ReLU to have at 0
	w            []float64 // W1 b1 W2 b2 …
	x, t         [][]float64
}

var activations = []string{"sigmoid", "tanh", "relu", "softplus", "square", "exp"}

func (n *deep) String() string {
	loss := "MSE"
	if n.crossEntropy {
		loss = "cross entropy"
	}
	return fmt.Sprintf("%v %s, %s, %d rows", n.sizes, n.activation, loss, len(n.x))
}

// newDeep draws a net of layers of up to width units. Its loss is of ordinary
// size, and its gradient is right in the given precision.
func newDeep(random *rand.Rand, width int, precision float64) *deep {
	for {
		n := &deep{activation: activations[random.IntN(len(activations))], crossEntropy: random.IntN(2) == 0}
		layers := 1 + random.IntN(12)
		for range layers + 1 {
			n.sizes = append(n.sizes, 1+random.IntN(width))
		}
		if n.crossEntropy {
			n.sizes[layers] = 2 + random.IntN(4)
		}
		scale := 0.3 + 1.5*random.Float64()
		normal := func(std float64) float64 { return float64(float32(std * random.NormFloat64())) }
		for l := range layers {
			in, out := n.sizes[l], n.sizes[l+1]
			for range in * out {
				n.w = append(n.w, normal(scale/math.Sqrt(float64(in))))
			}
			for range out {
				n.w = append(n.w, normal(0.3))
			}
		}
		for range 1 + random.IntN(6) {
			x, t := make([]float64, n.sizes[0]), make([]float64, n.sizes[layers])
			for i := range x {
				x[i] = normal(1)
			}
			if n.crossEntropy {
				t[random.IntN(len(t))] = 1
			} else {
				for i := range t {
					t[i] = normal(1)
				}
			}
			n.x, n.t = append(n.x, x), append(n.t, t)
		}
		if f := n.loss(); f < 1e3 && f > 1e-12 && n.isRight(precision) {
			return n
		}
	}
}

// isRight reports whether the gradient keeps the digits of a precision: it is
// finite, and in float32 within 1e-3 of each parameter's largest
// element.
func (n *deep) isRight(precision float64) bool {
	if precision == gradcheck.Float64 {
		return floats.Norm(n.gradient(precision), 1) < math.Inf(1)
	}
	single := n.params(n.gradient(gradcheck.Float32))
	for p, param := range n.params(n.gradient(gradcheck.Float64)) {
		largest := floats.Norm(param.Gradient, math.Inf(1))
		if floats.HasNaN(single[p].Gradient) || !(largest < 1e6 && floats.Distance(param.Gradient, single[p].Gradient, math.Inf(1)) <= 1e-3*largest) {
			return false
		}
	}
	return true
}

func (n *deep) params(g []float64) []gradcheck.Param {
	var list []gradcheck.Param
	at := 0
	add := func(name string, shape ...int) {
		size := 1
		for _, s := range shape {
			size *= s
		}
		list = append(list, gradcheck.Param{Name: name, X: n.w[at : at+size], Gradient: g[at : at+size], Shape: shape})
		at += size
	}
	for l := range len(n.sizes) - 1 {
		add(fmt.Sprint("W", l+1), n.sizes[l], n.sizes[l+1])
		add(fmt.Sprint("b", l+1), n.sizes[l+1])
	}
	return list
}

func (n *deep) loss() float64 { return deepPass[float64](n, nil) }

func (n *deep) gradient(precision float64) []float64 {
	g := make([]float64, len(n.w))
	if precision == gradcheck.Float32 {
		deepPass[float32](n, g)
	} else {
		deepPass[float64](n, g)
	}
	return g
}

// activate returns the value and the derivative.
func activate[T float32 | float64](name string, a T) (z, slope T) {
	exp := func(v T) T { return T(math.Exp(float64(v))) }
	switch name {
	case "sigmoid":
		z = 1 / (1 + exp(-a))
		return z, z * (1 - z)
	case "tanh":
		z = T(math.Tanh(float64(a)))
		return z, 1 - z*z
	case "relu":
		if a > 0 {
			return a, 1
		}
		return 0, 0
	case "softplus":
		return max(a, 0) + T(math.Log1p(math.Exp(-math.Abs(float64(a))))), 1 / (1 + exp(-a))
	case "square":
		return a * a, 2 * a
	default:
		z = exp(a)
		return z, z
	}
}

// deepPass returns the loss, and the gradient in g if that is not nil.
func deepPass[T float32 | float64](n *deep, g []float64) float64 {
	w := make([]T, len(n.w))
	for i, v := range n.w {
		w[i] = T(v)
	}
	sum := make([]T, len(w))
	layers := len(n.sizes) - 1
	var total T
	rows := T(len(n.x))
	for r := range n.x {
		z, slope := make([][]T, layers+1), make([][]T, layers+1)
		for _, v := range n.x[r] {
			z[0] = append(z[0], T(v))
		}
		at := 0
		for l := range layers {
			in, out := n.sizes[l], n.sizes[l+1]
			for k := range out {
				a := w[at+in*out+k]
				for j, v := range z[l] {
					a += v * w[at+j*out+k]
				}
				v, s := a, T(1)
				if l+1 < layers {
					v, s = activate(n.activation, a)
					if n.activation == "relu" && a == 0 {
						s = T(n.atKink)
					}
				}
				z[l+1], slope[l+1] = append(z[l+1], v), append(slope[l+1], s)
			}
			at += in*out + out
		}
		y := z[layers]
		delta := make([]T, len(y))
		if n.crossEntropy {
			highest := y[0]
			for _, v := range y {
				highest = max(highest, v)
			}
			var exps T
			for _, v := range y {
				exps += T(math.Exp(float64(v - highest)))
			}
			log := T(math.Log(float64(exps)))
			for k, v := range y {
				total += T(n.t[r][k]) * (log + highest - v)
				delta[k] = (T(math.Exp(float64(v-highest)))/exps - T(n.t[r][k])) / rows
			}
		} else {
			for k, v := range y {
				d := v - T(n.t[r][k])
				total += d * d / 2
				delta[k] = d / rows
			}
		}
		if g == nil {
			continue
		}
		for l := layers - 1; l >= 0; l-- {
			in, out := n.sizes[l], n.sizes[l+1]
			at -= in*out + out
			back := make([]T, in)
			for k := range out {
				d := delta[k] * slope[l+1][k]
				sum[at+in*out+k] += d
				for j, v := range z[l] {
					sum[at+j*out+k] += v * d
					back[j] += d * w[at+j*out+k]
				}
			}
			delta = back
		}
	}
	for i := range g {
		g[i] = float64(sum[i])
	}
	return float64(total / rows)
}
