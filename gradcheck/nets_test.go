package gradcheck_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/gradcheck"
	"numgrad/nn"
	"numgrad/perturb"
)

// newToy draws a net and a batch of any size and kind. The numbers are of
// float32, so that a float32 pass begins at the same place.
func newToy(random *rand.Rand) *deep {
	d, h, k := 1+random.IntN(8), 1+random.IntN(8), min(2+random.IntN(6), 1+random.IntN(30))
	n := &deep{activation: "sigmoid", crossEntropy: true, sizes: []int{d, h, k}, atKink: random.Float64()}
	if random.IntN(2) == 0 {
		n.activation = "relu"
	}
	scale := math.Pow(10, 4*random.Float64()-3)
	normal := func(scale float64) float64 { return float64(float32(scale * random.NormFloat64())) }
	for range d*h + h + h*k + k {
		n.w = append(n.w, normal(scale))
	}
	b1 := n.w[d*h:][:h]
	if random.IntN(2) == 0 {
		clear(b1) // as initialised
	}
	inputs := random.IntN(3)
	for range 1 + random.IntN(12) {
		x, t := make([]float64, d), make([]float64, k)
		for i := range x {
			switch inputs {
			case 0:
				x[i] = normal(1)
			case 1: // pixels, most of them dark
				x[i] = float64(float32(max(0, random.IntN(600)-344)) / 255)
			case 2: // not divided by 255
				x[i] = float64(max(0, random.IntN(600)-344))
			}
		}
		t[random.IntN(k)] = 1
		n.x, n.t = append(n.x, x), append(n.t, t)
	}
	switch random.IntN(4) {
	case 0:
		for range 100 {
			for i, v := range n.gradient(gradcheck.Float64) {
				n.w[i] = float64(float32(n.w[i] - 0.5*v))
			}
		}
	case 1: // a unit at, or next to, zero
		j, distance := random.IntN(h), math.Pow(10, 10*random.Float64()-12)
		a := 0.0
		for i, v := range n.x[0] {
			a += v * n.w[i*h+j]
		}
		b1[j] = -a + distance*float64(random.IntN(3)-1)
	}
	return n
}

// No right gradient is called wrong.
func TestNoFalseAlarm(t *testing.T) {
	nets := cases(1000)
	elements, alarms := 0, 0
	verdicts := map[gradcheck.Verdict]int{}
	check := func(kind string, seed int, loss func() float64, params []gradcheck.Param, s *gradcheck.Settings) {
		r := gradcheck.Check(loss, params, s)
		for p := range r.Params {
			elements += len(r.Params[p].Elements)
			for _, e := range r.Params[p].Elements {
				verdicts[e.Verdict]++
			}
		}
		for _, p := range r.Params {
			if p.Wrong > 0 {
				alarms++
				e := p.Worst(1)[0]
				t.Errorf("net %d, %s: loss %v, %s: %d wrong: %s %+v\n", seed, kind, r.Loss, p.Name, p.Wrong, p.ElementName(e), e)
				break
			}
		}
	}
	for seed := range nets {
		n := newToy(rand.New(rand.NewPCG(uint64(seed), 5)))
		check(n.String()+", float64", seed, n.loss, n.params(n.gradient(gradcheck.Float64)), nil)
		check(n.String()+", float32", seed, n.loss, n.params(n.gradient(gradcheck.Float32)), &gradcheck.Settings{Precision: gradcheck.Float32})
		if n.activation == "sigmoid" {
			net := &nn.Net{Params: nn.NewParams(n.sizes...)}
			copy(net.Vector, n.w)
			x := mat.NewDense(len(n.x), n.sizes[0], nil)
			var labels []int
			for i, row := range n.x {
				x.SetRow(i, row)
				labels = append(labels, slices.Index(n.t[i], 1))
			}
			g := nn.NewParams(n.sizes...)
			net.Gradient(g, x, labels)
			check(n.String()+", changes", seed, func() float64 { return net.Loss(x, labels) }, paired(net.Params, g),
				&gradcheck.Settings{Changes: func(dst []float64, h float64) { new(perturb.Engine).Changes(dst, net, x, labels, h) }})
		}
	}
	for seed := range nets {
		precision, kind := gradcheck.Float64, ", float64"
		if seed%2 == 1 {
			precision, kind = gradcheck.Float32, ", float32"
		}
		n := newDeep(rand.New(rand.NewPCG(uint64(seed), 6)), 8, precision)
		check(n.String()+kind, seed, n.loss, n.params(n.gradient(precision)), &gradcheck.Settings{Precision: precision})
	}
	t.Logf("%d nets of two layers and as many deep ones, %d elements: %v, %d false alarms", nets, elements, verdicts, alarms)
}

// paired are the weights of a net with a gradient of theirs.
func paired(weights, gradient *nn.Params) []gradcheck.Param {
	var params []gradcheck.Param
	gradients := gradient.Arrays()
	for i, a := range weights.Arrays() {
		params = append(params, gradcheck.Param{Name: a.Name, X: a.Data, Gradient: gradients[i].Data, Shape: a.Shape})
	}
	return params
}
