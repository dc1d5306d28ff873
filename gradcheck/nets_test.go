package gradcheck_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/gradcheck"
	"numgrad/nn"
	"numgrad/perturb"
)

// toy is a small two-layer net, sigmoid or ReLU, whose gradient is written
// down a second time and can be computed in float32.
type toy struct {
	d, h, k int
	relu    bool
	atKink  float64 // the derivative that backprop takes ReLU to have at 0
	w       []float64
	x       [][]float64
	t       []int
}

func (n *toy) params(g []float64) []gradcheck.Param {
	var list []gradcheck.Param
	at := 0
	for _, p := range []struct {
		name  string
		shape []int
	}{{"W1", []int{n.d, n.h}}, {"b1", []int{1, n.h}}, {"W2", []int{n.h, n.k}}, {"b2", []int{1, n.k}}} {
		end := at + p.shape[0]*p.shape[1]
		list = append(list, gradcheck.Param{Name: p.name, X: n.w[at:end], Gradient: g[at:end], Shape: p.shape})
		at = end
	}
	return list
}

func (n *toy) loss() float64 { return pass[float64](n, nil) }

func (n *toy) gradient() []float64 {
	g := make([]float64, len(n.w))
	pass[float64](n, g)
	return g
}

func (n *toy) gradient32() []float64 {
	g := make([]float64, len(n.w))
	pass[float32](n, g)
	return g
}

// pass returns the mean cross entropy; if g is not nil it is filled with the
// gradient. All numbers on the way are of type T.
func pass[T float32 | float64](n *toy, g []float64) float64 {
	w := make([]T, len(n.w))
	for i, v := range n.w {
		w[i] = T(v)
	}
	sum := make([]T, len(w))
	b1 := n.d * n.h
	w2 := b1 + n.h
	b2 := w2 + n.h*n.k
	rows := T(len(n.x))
	var total T
	for r, x := range n.x {
		z, slope := make([]T, n.h), make([]T, n.h)
		for j := range z {
			a := w[b1+j]
			for i, v := range x {
				a += T(v) * w[i*n.h+j]
			}
			switch {
			case !n.relu:
				z[j] = 1 / (1 + T(math.Exp(-float64(a))))
				slope[j] = z[j] * (1 - z[j])
			case a > 0:
				z[j], slope[j] = a, 1
			case a == 0:
				slope[j] = T(n.atKink)
			}
		}
		y := make([]T, n.k)
		highest := T(math.Inf(-1))
		for c := range y {
			y[c] = w[b2+c]
			for j, v := range z {
				y[c] += v * w[w2+j*n.k+c]
			}
			highest = max(highest, y[c])
		}
		var exps T
		for _, a := range y {
			exps += T(math.Exp(float64(a - highest)))
		}
		total += T(math.Log(float64(exps))) - (y[n.t[r]] - highest)
		if g == nil {
			continue
		}
		for c := range y {
			dy := T(math.Exp(float64(y[c]-highest))) / exps
			if c == n.t[r] {
				dy--
			}
			y[c] = dy / rows
		}
		for j, v := range z {
			var dz T
			for c, dy := range y {
				sum[w2+j*n.k+c] += v * dy
				dz += dy * w[w2+j*n.k+c]
			}
			da := dz * slope[j]
			sum[b1+j] += da
			for i, v := range x {
				sum[i*n.h+j] += T(v) * da
			}
		}
		for c, dy := range y {
			sum[b2+c] += dy
		}
	}
	for i := range g {
		g[i] = float64(sum[i])
	}
	return float64(total / rows)
}

// newToy draws a net and a batch of any size and kind. The numbers are of
// float32, so that a float32 pass begins at the same place.
func newToy(random *rand.Rand) *toy {
	n := &toy{
		d: 1 + random.IntN(8), h: 1 + random.IntN(8), k: min(2+random.IntN(6), 1+random.IntN(30)),
		relu: random.IntN(2) == 0, atKink: random.Float64(),
	}
	scale := math.Pow(10, 4*random.Float64()-3)
	normal := func(scale float64) float64 { return float64(float32(scale * random.NormFloat64())) }
	for range n.d*n.h + n.h + n.h*n.k + n.k {
		n.w = append(n.w, normal(scale))
	}
	b1 := n.w[n.d*n.h:][:n.h]
	if random.IntN(2) == 0 {
		clear(b1) // as initialised
	}
	inputs := random.IntN(3)
	for range 1 + random.IntN(12) {
		x := make([]float64, n.d)
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
		n.x = append(n.x, x)
		n.t = append(n.t, random.IntN(n.k))
	}
	switch random.IntN(4) {
	case 0:
		n.train(100)
	case 1: // a unit at, or next to, zero
		j, distance := random.IntN(n.h), math.Pow(10, 10*random.Float64()-12)
		a := 0.0
		for i, v := range n.x[0] {
			a += v * n.w[i*n.h+j]
		}
		b1[j] = -a + distance*float64(random.IntN(3)-1)
	}
	return n
}

func (n *toy) train(steps int) {
	for range steps {
		for i, v := range n.gradient() {
			n.w[i] = float64(float32(n.w[i] - 0.5*v))
		}
	}
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
		kind := fmt.Sprintf("%d-%d-%d relu %v, %d rows", n.d, n.h, n.k, n.relu, len(n.x))
		check(kind+", float64", seed, n.loss, n.params(n.gradient()), nil)
		check(kind+", float32", seed, n.loss, n.params(n.gradient32()), &gradcheck.Settings{Precision: gradcheck.Float32})
		if !n.relu {
			net := &nn.Net{Params: nn.NewParams(n.d, n.h, n.k)}
			copy(net.Vector, n.w)
			x := mat.NewDense(len(n.x), n.d, nil)
			for i, row := range n.x {
				x.SetRow(i, row)
			}
			g := nn.NewParams(n.d, n.h, n.k)
			net.Gradient(g, x, n.t)
			check(kind+", changes", seed, func() float64 { return net.Loss(x, n.t) }, paired(net.Params, g),
				&gradcheck.Settings{Changes: func(dst []float64, h float64) { new(perturb.Engine).Changes(dst, net, x, n.t, h) }})
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
