package main

import (
	"gonum.org/v1/gonum/mat"

	"exercises/solutions"
	"exercises/yours"
)

// weights are W1 [D×H], B1 [H], W2 [H×K] and B2 [K] of a two-layer net.
type weights struct {
	W1 *mat.Dense
	B1 []float64
	W2 *mat.Dense
	B2 []float64
}

// answers are the functions of the exercises.
type answers struct {
	Softmax           func(a []float64) []float64
	SumSquaredError   func(y, t []float64) float64
	CrossEntropyError func(y *mat.Dense, t []int) float64
	NumericalDiff     func(f func(float64) float64, x float64) float64
	FunctionTmp1      func(x0 float64) float64
	FunctionTmp2      func(x1 float64) float64
	PartialDiff       func(f func([]float64) float64, x []float64, i int) float64
	NumericalGradient func(f func([]float64) float64, x []float64) []float64
	GradientDescent   func(f func([]float64) float64, start []float64, lr float64, steps int) ([]float64, [][]float64)
	SimplePredict     func(w *mat.Dense, x []float64) []float64
	SimpleLoss        func(w *mat.Dense, x, t []float64) float64
	Predict           func(w weights, x *mat.Dense) *mat.Dense
	Loss              func(w weights, x *mat.Dense, t []int) float64
	TrainStep         func(w weights, gradient func() weights, lr float64)
}

var ofYours = answers{
	yours.Softmax, yours.SumSquaredError, yours.CrossEntropyError,
	yours.NumericalDiff, yours.FunctionTmp1, yours.FunctionTmp2, yours.PartialDiff,
	yours.NumericalGradient, yours.GradientDescent,
	func(w *mat.Dense, x []float64) []float64 { return (&yours.SimpleNet{W: w}).Predict(x) },
	func(w *mat.Dense, x, t []float64) float64 { return (&yours.SimpleNet{W: w}).Loss(x, t) },
	func(w weights, x *mat.Dense) *mat.Dense { n := yours.TwoLayerNet(w); return n.Predict(x) },
	func(w weights, x *mat.Dense, t []int) float64 { n := yours.TwoLayerNet(w); return n.Loss(x, t) },
	func(w weights, gradient func() weights, lr float64) {
		n := yours.TwoLayerNet(w)
		yours.TrainStep(&n, func() *yours.TwoLayerNet { g := yours.TwoLayerNet(gradient()); return &g }, lr)
	},
}

var ofSolutions = answers{
	solutions.Softmax, solutions.SumSquaredError, solutions.CrossEntropyError,
	solutions.NumericalDiff, solutions.FunctionTmp1, solutions.FunctionTmp2, solutions.PartialDiff,
	solutions.NumericalGradient, solutions.GradientDescent,
	func(w *mat.Dense, x []float64) []float64 { return (&solutions.SimpleNet{W: w}).Predict(x) },
	func(w *mat.Dense, x, t []float64) float64 { return (&solutions.SimpleNet{W: w}).Loss(x, t) },
	func(w weights, x *mat.Dense) *mat.Dense { n := solutions.TwoLayerNet(w); return n.Predict(x) },
	func(w weights, x *mat.Dense, t []int) float64 { n := solutions.TwoLayerNet(w); return n.Loss(x, t) },
	func(w weights, gradient func() weights, lr float64) {
		n := solutions.TwoLayerNet(w)
		solutions.TrainStep(&n, func() *solutions.TwoLayerNet { g := solutions.TwoLayerNet(gradient()); return &g }, lr)
	},
}
