package main

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// result is the outcome of an answer on one input.
type result struct {
	group  string    // a mistake explains all results of a group, or none
	input  string    // the function and its input
	values []float64 // the numbers that the answer returned
	panics string    // the text of its panic, or ""
	notYet bool      // the answer is not filled in
	book   float64   // the book's number, or 0
}

// inputs run the answers to an exercise, by the name of its file.
var inputs = map[string]func(a answers) []result{
	"losses":              runLosses,
	"numerical_diff":      runNumericalDiff,
	"partial_derivatives": runPartialDerivatives,
	"numerical_gradient":  runNumericalGradient,
	"gradient_descent":    runGradientDescent,
	"simple_net":          runSimpleNet,
	"two_layer_net":       runTwoLayerNet,
	"train_step":          runTrainStep,
}

// try runs an answer.
func try(function, input string, run func() []float64) (r result) {
	r.group, r.input = function, function+": "+input
	defer func() {
		if p := recover(); p != nil {
			r.values, r.panics, r.notYet = nil, fmt.Sprint(p), p == "not yet"
		}
	}()
	r.values = run()
	return r
}

// one is try for a single number, with the book's number or 0.
func one(book float64, function, input string, run func() float64) result {
	r := try(function, input, func() []float64 { return []float64{run()} })
	r.book = book
	return r
}

func runLosses(a answers) []result {
	var results []result
	for _, scores := range [][]float64{{0.3, 2.9, 4}, {1010, 1000, 990}} {
		results = append(results, try("Softmax", fmt.Sprint(scores), func() []float64 { return a.Softmax(slices.Clone(scores)) }))
	}
	results[1].group = "large scores"
	two, seven := []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}, []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	batch := mat.NewDense(3, 4, []float64{0.1, 0.2, 0.6, 0.1, 0.6, 0.2, 0.1, 0.1, 0.2, 0.4, 0.3, 0.1})
	results = append(results,
		one(0.09750000000000003, "SumSquaredError", "the answer 2", func() float64 { return a.SumSquaredError(two, t) }),
		one(0, "SumSquaredError", "the answer 7", func() float64 { return a.SumSquaredError(seven, t) }),
		one(0.510825457099338, "CrossEntropyError", "the answer 2", func() float64 { return a.CrossEntropyError(mat.NewDense(1, 10, two), []int{2}) }),
		one(2.302584092994546, "CrossEntropyError", "the answer 7", func() float64 { return a.CrossEntropyError(mat.NewDense(1, 10, seven), []int{2}) }),
		one(0, "CrossEntropyError", "three answers", func() float64 { return a.CrossEntropyError(batch, []int{2, 1, 0}) }),
		one(0, "CrossEntropyError", "a label with y = 0", func() float64 { return a.CrossEntropyError(mat.NewDense(1, 3, []float64{1, 0, 0}), []int{1}) }),
	)
	results[len(results)-1].group = "zero"
	return results
}

func runNumericalDiff(a answers) []result {
	line := func(x float64) float64 { return float64(0.01*float64(x*x)) + float64(0.1*x) }
	cube := func(x float64) float64 { return x * x * x }
	return []result{
		one(0.1999999999990898, "NumericalDiff", "0.01x² + 0.1x at 5", func() float64 { return a.NumericalDiff(line, 5) }),
		one(0.2999999999986347, "NumericalDiff", "0.01x² + 0.1x at 10", func() float64 { return a.NumericalDiff(line, 10) }),
		one(0, "NumericalDiff", "x³ at 2", func() float64 { return a.NumericalDiff(cube, 2) }),
	}
}

func bowl(x []float64) float64 { return float64(x[0]*x[0]) + float64(x[1]*x[1]) }

func runPartialDerivatives(a answers) []result {
	results := []result{
		one(0, "FunctionTmp1", "x0 = 3", func() float64 { return a.FunctionTmp1(3) }),
		one(0, "FunctionTmp1", "x0 = −1", func() float64 { return a.FunctionTmp1(-1) }),
		one(0, "FunctionTmp2", "x1 = 4", func() float64 { return a.FunctionTmp2(4) }),
		one(0, "FunctionTmp2", "x1 = −1", func() float64 { return a.FunctionTmp2(-1) }),
	}
	mixed := func(x []float64) float64 { return x[0]*x[0]*x[0] + 2*x[1]*x[2] }
	for i, book := range []float64{6.00000000000378, 7.999999999999119} {
		x := []float64{3, 4}
		results = append(results,
			one(book, "PartialDiff", fmt.Sprintf("x0² + x1² at (3, 4), i = %d", i), func() float64 { return a.PartialDiff(bowl, x, i) }),
			try("PartialDiff", fmt.Sprintf("x0³ + 2·x1·x2 at (1, 2, −1), i = %d, and x afterwards", i), func() []float64 {
				x := []float64{1, 2, -1}
				return append([]float64{a.PartialDiff(mixed, x, i)}, x...)
			}))
	}
	return results
}

func runNumericalGradient(a answers) []result {
	mixed := func(x []float64) float64 { return x[0]*x[0]*x[0]*x[1] + x[2] }
	return []result{
		try("NumericalGradient", "x0² + x1² at (3, 4)", func() []float64 { return a.NumericalGradient(bowl, []float64{3, 4}) }),
		try("NumericalGradient", "x0³·x1 + x2 at (1, 2, −1), and x afterwards", func() []float64 {
			x := []float64{1, 2, -1}
			return append(slices.Clone(a.NumericalGradient(mixed, x)), x...)
		}),
		try("NumericalGradient", "a function that reads x itself", func() []float64 {
			x := []float64{1, 2, -1}
			return a.NumericalGradient(func([]float64) float64 { return mixed(x) }, x)
		}),
	}
}

func runGradientDescent(a answers) []result {
	var results []result
	for _, c := range []struct {
		lr    float64
		steps int
	}{{0.1, 100}, {0.01, 3}, {0.1, 0}} {
		results = append(results, try("GradientDescent", fmt.Sprintf("from (−3, 4), lr = %v, %d steps: the end and the history", c.lr, c.steps), func() []float64 {
			x, history := a.GradientDescent(bowl, []float64{-3, 4}, c.lr, c.steps)
			return append(slices.Clone(x), slices.Concat(history...)...)
		}))
	}
	return results
}

func runSimpleNet(a answers) []result {
	w := mat.NewDense(2, 3, []float64{0.47355232, 0.9977393, 0.84668094, 0.85557411, 0.03563661, 0.69422093})
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	return []result{
		try("Predict", "(0.6, 0.9)", func() []float64 { return a.SimplePredict(w, x) }),
		one(0, "Loss", "(0.6, 0.9), (0, 0, 1)", func() float64 { return a.SimpleLoss(w, x, t) }),
	}
}

// someWeights are those of a net of 3 inputs, 4 hidden units and 2 classes.
func someWeights() weights {
	return weights{
		mat.NewDense(3, 4, []float64{0.5, -1, 2, 0.25, 1, 0.75, -0.5, -2, 0.1, 0.3, -0.7, 1.5}),
		[]float64{0.5, -0.25, 1, -1},
		mat.NewDense(4, 2, []float64{1, -1, 0.5, 2, -0.75, 0.25, 1.5, -2}),
		[]float64{0.5, -1},
	}
}

func runTwoLayerNet(a answers) []result {
	x := mat.NewDense(3, 3, []float64{1, 0.5, -1, -0.5, 2, 0.25, 0.75, -1, 1})
	return []result{
		try("Predict", "three samples", func() []float64 { return mat.DenseCopyOf(a.Predict(someWeights(), x)).RawMatrix().Data }),
		one(0, "Loss", "three samples", func() float64 { return a.Loss(someWeights(), x, []int{0, 1, 1}) }),
	}
}

func runTrainStep(a answers) []result {
	w := someWeights()
	data := func(w weights) [][]float64 {
		return [][]float64{w.W1.RawMatrix().Data, w.B1, w.W2.RawMatrix().Data, w.B2}
	}
	// The gradient depends on all weights, so that one computed again differs.
	gradient := func() weights {
		g, sum := someWeights(), 0.0
		for _, v := range slices.Concat(data(w)...) {
			sum += v
		}
		for k, part := range data(g) {
			for i := range part {
				part[i] = 0.1*data(w)[k][i] + 0.01*sum
			}
		}
		return g
	}
	return []result{try("TrainStep", "W1, B1, W2 and B2 afterwards", func() []float64 {
		a.TrainStep(w, gradient, 0.5)
		return slices.Concat(data(w)...)
	})}
}
