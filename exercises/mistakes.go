package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"exercises/solutions"
)

// A mistake is a wrong answer that people give, for an answer that displaces
// variables by h.
type mistake struct {
	key  string // in words.json
	make func(h float64) answers
}

// with returns a mistake that changes the right answers.
func with(key string, change func(a *answers)) mistake {
	return mistake{key, func(float64) answers {
		a := ofSolutions
		change(&a)
		return a
	}}
}

// quotient is the difference quotient of an answer, right or wrong.
type quotient struct {
	h       float64
	forward bool
	divide  func(difference, h float64) float64
	move    func(x []float64, i int, by float64) // nil moves x[i]
	keep    bool                                 // x is not put back
	copied  bool                                 // a copy of x moves
}

func overTwo(difference, h float64) float64 { return difference / (2 * h) }
func overOne(difference, h float64) float64 { return difference / h }
func noBrackets(difference, h float64) float64 {
	return difference / 2 * h
}

func (q quotient) derivative(f func(float64) float64, x float64) float64 {
	if q.forward {
		return q.divide(f(x+q.h)-f(x), q.h)
	}
	return q.divide(f(x+q.h)-f(x-q.h), q.h)
}

func (q quotient) partial(f func([]float64) float64, x []float64, i int) float64 {
	if q.copied {
		x = slices.Clone(x)
	}
	saved := slices.Clone(x)
	moved := func(by float64) float64 {
		copy(x, saved)
		if q.move != nil {
			q.move(x, i, by)
		} else {
			x[i] += by
		}
		return f(x)
	}
	difference := moved(q.h)
	if q.forward {
		difference -= moved(0)
	} else {
		difference -= moved(-q.h)
	}
	if !q.keep {
		copy(x, saved)
	}
	return q.divide(difference, q.h)
}

func (q quotient) gradient(f func([]float64) float64, x []float64) []float64 {
	grad := make([]float64, len(x))
	if q.copied {
		x = slices.Clone(x)
		q.copied = false
	}
	for i := range x {
		grad[i] = q.partial(f, x, i)
	}
	return grad
}

// differ returns a mistake in a difference quotient.
func differ(key string, q quotient) mistake {
	return mistake{key, func(h float64) answers {
		q := q
		q.h = h
		if q.divide == nil {
			q.divide = overTwo
		}
		a := ofSolutions
		a.NumericalDiff, a.PartialDiff, a.NumericalGradient = q.derivative, q.partial, q.gradient
		return a
	}}
}

var quotients = []mistake{
	differ("forward", quotient{forward: true, divide: overOne}),
	differ("2h forgotten", quotient{divide: overOne}),
	differ("parentheses", quotient{divide: noBrackets}),
	differ("not put back", quotient{keep: true}),
	differ("copy", quotient{copied: true}),
	differ("other variable", quotient{move: func(x []float64, i int, by float64) { x[i-1] += by }}),
	differ("all variables", quotient{move: func(x []float64, _ int, by float64) {
		for i := range x {
			x[i] += by
		}
	}}),
	with("fixed value", func(a *answers) {
		a.FunctionTmp1 = func(x0 float64) float64 { return x0*x0 + 9 }
		a.FunctionTmp2 = func(x1 float64) float64 { return 16 + x1*x1 }
	}),
}

// crossEntropy returns a mistake in the cross entropy.
func crossEntropy(key string, delta, sign float64, answer bool, divisor func(n, k int) int) mistake {
	return with(key, func(a *answers) {
		a.CrossEntropyError = func(y *mat.Dense, t []int) float64 {
			sum := 0.0
			for i, label := range t {
				v := y.At(i, label)
				if answer {
					v = slices.Max(y.RawRowView(i))
				}
				sum += sign * math.Log(v+delta)
			}
			return sum / float64(divisor(y.Dims()))
		}
	})
}

func samples(n, _ int) int { return n }

// net returns a mistake in the loss of either net.
func net(key string, soft int, hidden, output bool, b1, b2 float64) mistake {
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	softmax := func(scores []float64) []float64 {
		for range soft {
			scores = solutions.Softmax(scores)
		}
		return scores
	}
	return with(key, func(a *answers) {
		a.SimpleLoss = func(w *mat.Dense, x, t []float64) float64 {
			y := softmax(ofSolutions.SimplePredict(w, x))
			return solutions.CrossEntropyError(mat.NewDense(1, len(y), y), []int{slices.Index(t, 1)})
		}
		a.Predict = func(w weights, x *mat.Dense) *mat.Dense {
			var z, y mat.Dense
			z.Mul(x, w.W1)
			z.Apply(func(_, j int, v float64) float64 {
				if v += b1 * w.B1[j]; hidden {
					return sigmoid(v)
				}
				return v
			}, &z)
			y.Mul(&z, w.W2)
			y.Apply(func(_, k int, v float64) float64 {
				if v += b2 * w.B2[k]; output {
					return sigmoid(v)
				}
				return v
			}, &y)
			for i := range y.RawMatrix().Rows {
				y.SetRow(i, softmax(slices.Clone(y.RawRowView(i))))
			}
			return &y
		}
		a.Loss = func(w weights, x *mat.Dense, t []int) float64 { return solutions.CrossEntropyError(a.Predict(w, x), t) }
	})
}

// descend returns a mistake in the gradient method.
func descend(key string, sign float64, once, rate, shared bool, more int) mistake {
	return with(key, func(a *answers) {
		a.GradientDescent = func(f func([]float64) float64, start []float64, lr float64, steps int) ([]float64, [][]float64) {
			x, history := slices.Clone(start), [][]float64(nil)
			if !rate {
				lr = 1
			}
			grad := solutions.NumericalGradient(f, x)
			for range steps + more {
				if !once {
					grad = solutions.NumericalGradient(f, x)
				}
				point := x
				if !shared {
					point = slices.Clone(x)
				}
				history = append(history, point)
				for i := range x {
					x[i] += sign * lr * grad[i]
				}
			}
			return x, history
		}
	})
}

// step returns a mistake in the step of the training.
func step(key string, sign, keep float64, again, rate, store, biases bool) mistake {
	return with(key, func(a *answers) {
		a.TrainStep = func(w weights, gradient func() weights, lr float64) {
			g := gradient()
			parts := func(w weights) [][]float64 {
				return [][]float64{w.W1.RawMatrix().Data, w.B1, w.W2.RawMatrix().Data, w.B2}
			}
			if !rate {
				lr = 1
			}
			for k, part := range parts(w) {
				if again {
					g = gradient()
				}
				for i := range part {
					if store && (biases || k%2 == 0) {
						part[i] = keep*part[i] + sign*lr*parts(g)[k][i]
					}
				}
			}
		}
	})
}

// mistakes are those of an exercise, by the name of its file.
var mistakes = map[string][]mistake{
	"losses": {
		with("overflow", func(a *answers) {
			a.Softmax = func(scores []float64) []float64 {
				y, sum := make([]float64, len(scores)), 0.0
				for k, v := range scores {
					y[k] = math.Exp(v)
					sum += y[k]
				}
				for k := range y {
					y[k] /= sum
				}
				return y
			}
		}),
		with("half forgotten", func(a *answers) {
			a.SumSquaredError = func(y, t []float64) float64 { return 2 * solutions.SumSquaredError(y, t) }
		}),
		with("mean of squares", func(a *answers) {
			a.SumSquaredError = func(y, t []float64) float64 { return 2 * solutions.SumSquaredError(y, t) / float64(len(y)) }
		}),
		crossEntropy("sum for mean", 1e-7, -1, false, func(int, int) int { return 1 }),
		crossEntropy("mean of all", 1e-7, -1, false, func(n, k int) int { return n * k }),
		crossEntropy("minus forgotten", 1e-7, 1, false, samples),
		crossEntropy("log of zero", 0, -1, false, samples),
		crossEntropy("answer for label", 1e-7, -1, true, samples),
	},
	"numerical_diff":      quotients,
	"partial_derivatives": quotients,
	"numerical_gradient":  quotients,
	"gradient_descent": {
		descend("ascent", 1, false, true, false, 0),
		descend("gradient once", -1, true, true, false, 0),
		descend("rate forgotten", -1, false, false, false, 0),
		descend("one step less", -1, false, true, false, -1),
		descend("one step more", -1, false, true, false, 1),
		descend("history shared", -1, false, true, true, 0),
	},
	"simple_net": {
		net("softmax forgotten", 0, true, false, 1, 1),
		net("softmax twice", 2, true, false, 1, 1),
	},
	"two_layer_net": {
		net("sigmoid forgotten", 1, false, false, 1, 1),
		net("sigmoid at the output", 1, true, true, 1, 1),
		net("softmax forgotten", 0, true, false, 1, 1),
		net("softmax twice", 2, true, false, 1, 1),
		net("b1 forgotten", 1, true, false, 0, 1),
		net("b2 forgotten", 1, true, false, 1, 0),
	},
	"train_step": {
		step("ascent", 1, 1, false, true, true, true),
		step("only weights", -1, 1, false, true, true, false),
		step("rate forgotten", -1, 1, false, false, true, true),
		step("one after the other", -1, 1, true, true, true, true),
		step("copies updated", -1, 1, false, true, false, true),
		step("overwritten", -1, 0, false, true, true, true),
	},
}
