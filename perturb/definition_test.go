package perturb

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
	"numgrad/loss"
	"numgrad/nn"
)

// The engine agrees with the textbook's loop up to the loop's rounding errors, which
// noise bounds for each weight.
func TestDefinition(t *testing.T) {
	steps := []float64{1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 2, 8}
	seeds := 1
	if long() {
		seeds = 150
	}
	var e Engine
	var closest float64
	for seed := range seeds {
		eachSample(uint64(seed), steps, func(r *rand.Rand, s sample, h float64) {
			f := formulas[r.IntN(len(formulas))]
			settings := &grad.Settings{Formula: f.Formula, Step: h}
			want, got := nn.NewParams(s.net.Sizes()...), nn.NewParams(s.net.Sizes()...)
			s.net.NumericalGradient(want, s.x, s.t, settings)
			value := e.Gradient(got, s.net, s.x, s.t, settings)

			if w, bound := s.net.Loss(s.x, s.t), 2*s.lossError(nil); !(math.Abs(value-w) <= bound) {
				t.Errorf("%s: loss %v, want %v within %v", s.name, value, w, bound)
			}
			noise := s.noise(settings, got)
			for i, w := range want.Vector {
				apart := math.Abs(got.Vector[i] - w)
				if noise[i] > 0 {
					closest = max(closest, apart/noise[i])
				}
				if !(apart <= noise[i]) {
					t.Errorf("%s, %s: %s is %v, want %v: %.2g apart, at most %.2g",
						s.name, f.name, weightName(want, i), got.Vector[i], w, apart, noise[i])
					return
				}
			}
		})
	}
	t.Logf("at most %.2g of the bound", closest)
}

// noise bounds, for each weight, the difference between the engine and the definition:
//
//   - The definition has the lossError at each displaced weight, which includes the
//     rounding of the weight.
//   - The engine adds changes to the undisplaced net. It has the errors of that net's
//     pre-activations, and of its loss without the 1e-7.
//   - The error of the polynomials is 16·2⁻⁵² of the array's largest element.
//
// In total:
//
//	Σ |coefficient|·(lossError(w + displacement) + lossError(w)) / h + 16·2⁻⁵²·max|g|
func (s sample) noise(settings *grad.Settings, g *nn.Params) []float64 {
	noise := make([]float64, len(s.net.Vector))
	errors := make([][][]float64, len(s.t))
	for n := range s.t {
		_, errors[n] = rowErrors(s.net, s.x.RawRowView(n), nil)
	}
	exact := s
	exact.net = &nn.Net{Params: s.net.Params, Activation: s.net.Activation}
	here := max(s.lossError(nil), exact.lossError(nil))
	for i, w := range s.net.Vector {
		for _, p := range settings.Formula.Stencil {
			s.net.Vector[i] = w + p.Loc*settings.Step
			noise[i] += math.Abs(p.Coeff) * (s.lossError(errors) + here) / settings.Step
		}
		s.net.Vector[i] = w
	}
	rest := noise
	for _, a := range g.Arrays() {
		floats.AddConst(16*0x1p-52*largest(a.Data), rest[:len(a.Data)])
		rest = rest[len(a.Data):]
	}
	return noise
}

// lossError bounds the error of nn.Net.Loss by the sizes of the intermediate results.
// With u = 2⁻⁵³:
//
//   - the error of a pre-activation with n inputs is (n+2)·u·(Σ|z·W| + |b|), which
//     includes the rounding of a displaced weight, plus Σ err(z)·|W|;
//   - a sigmoid multiplies it by 2·z·(1−z), where the 2 covers the slope nearby, and
//     adds 4u·z; a ReLU does not increase it;
//   - the error of the loss is 2·Σ|y−t|·err(a), plus u for each of K+8 operations and
//     for the sizes of the exponents, Σ y·|a − max a|;
//   - a sum of N rows adds N·u of the sum.
//
// more, if not nil, holds additional errors of the pre-activations, by row and layer.
func (s sample) lossError(more [][][]float64) float64 {
	sum, losses := 0.0, 0.0
	for n, label := range s.t {
		z := s.x.RawRowView(n)
		var further [][]float64
		if more != nil {
			further = more[n]
		}
		a, errors := rowErrors(s.net, z, further)
		wrong := errors[len(errors)-1]
		y := loss.Softmax(nil, a)
		others, most := 0.0, floats.Max(a)
		row := 0.0
		for k, v := range y {
			row += ulp * v * math.Abs(a[k]-most)
			if k != label {
				others += v
				row += 2 * v * wrong[k]
			}
		}
		row += 2 * others * wrong[label]
		steps := float64(len(y)+8) * ulp
		value := loss.NegLogSoftmax(a, label)
		if s.net.BookLoss {
			share := y[label] / (y[label] + loss.Delta)
			row = share*(row+ulp*value) + steps // the rounding of y + 1e-7
			value = math.Abs(math.Log(y[label] + loss.Delta))
		}
		sum += row + steps*value
		losses += value
	}
	return (sum + float64(len(s.t))*ulp*losses) / float64(len(s.t))
}

// rowErrors returns the logits of a row, and bounds for the errors of the
// pre-activations of each layer. It adds more, if not nil, to the errors.
func rowErrors(net *nn.Net, z []float64, more [][]float64) (a []float64, errors [][]float64) {
	wrongZ := make([]float64, len(z))
	for l, layer := range net.Layers {
		wrong := make([]float64, len(layer.B))
		a = make([]float64, len(layer.B))
		for j, b := range layer.B {
			a[j] = b
			size := math.Abs(b)
			for i, v := range z {
				w := layer.W.At(i, j)
				a[j] += v * w
				size += math.Abs(v * w)
				wrong[j] += wrongZ[i] * math.Abs(w)
			}
			wrong[j] += float64(len(z)+2) * ulp * size
			if more != nil {
				wrong[j] += more[l][j]
			}
		}
		errors = append(errors, wrong)
		if l == len(net.Layers)-1 {
			break
		}
		z, wrongZ = make([]float64, len(a)), make([]float64, len(a))
		for j, v := range a {
			switch {
			case net.Activation != nn.ReLU:
				z[j] = 1 / (1 + math.Exp(-v))
				wrongZ[j] = 2*z[j]/(1+math.Exp(v))*wrong[j] + 4*ulp*z[j]
			case v > -wrong[j]:
				z[j] = max(0, v)
				wrongZ[j] = wrong[j]
			}
		}
	}
	return a, errors
}

// The central difference at the book's step is within 1e-9 of the derivative, also
// for wide layers and large batches.
func TestDerivative(t *testing.T) {
	for _, test := range []struct {
		rows  int
		sizes []int
	}{
		{5, []int{784, 12, 10}},
		{300, []int{5, 3, 2}},
		{20, []int{30, 50, 20, 10}},
		{130, []int{1000, 70, 3}},
	} {
		s := newSample(rand.New(rand.NewPCG(6, 1)), nn.Sigmoid, 1, test.rows, grey, test.sizes...)
		want := nn.NewParams(test.sizes...)
		s.net.Gradient(want, s.x, s.t)
		if apart := floats.Distance(s.engine(nil).Vector, want.Vector, math.Inf(1)); !(apart <= 1e-9) {
			t.Errorf("%v: %v from the derivative, want at most 1e-9", test.sizes, apart)
		}
	}
}
