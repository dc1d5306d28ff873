package perturb_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
)

// images returns the first n training images of a shuffle.
func images(tb testing.TB, n int) (*mat.Dense, []int) {
	train, _, err := dataset.Load("")
	if err != nil {
		tb.Fatal(err)
	}
	var batch dataset.Batch
	train.Gather(&batch, dataset.Epoch(nil, train.Len(), 1, 1)[:n])
	return batch.X, batch.T
}

func benchmarkGradient(b *testing.B, net *nn.Net, settings *grad.Settings) {
	x, t := images(b, 100)
	var e perturb.Engine
	g := nn.NewParams(net.Sizes()...)
	e.Gradient(g, net, x, t, settings)
	b.ReportAllocs()
	for b.Loop() {
		e.Gradient(g, net, x, t, settings)
	}
}

// BenchmarkNumericalGradient is one gradient of the book's net, on a batch of
// 100 images.
func BenchmarkNumericalGradient(b *testing.B) {
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	for workers := 1; workers <= runtime.GOMAXPROCS(0); workers++ {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			benchmarkGradient(b, net, &grad.Settings{Workers: workers})
		})
	}
}

func BenchmarkBackprop(b *testing.B) {
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	x, t := images(b, 100)
	g := nn.NewParams(net.Sizes()...)
	for b.Loop() {
		net.Gradient(g, x, t)
	}
}

// BenchmarkNumericalGradientDeep is one gradient of a 784-100-100-10 net.
func BenchmarkNumericalGradientDeep(b *testing.B) {
	for _, kind := range []struct {
		activation nn.Activation
		std        func(int) float64
	}{{nn.ReLU, nn.He}, {nn.Sigmoid, nn.Xavier}} {
		b.Run(string(kind.activation), func(b *testing.B) {
			net := nn.New([]int{784, 100, 100, 10}, kind.std, rand.NewPCG(1, 0))
			net.Activation = kind.activation
			benchmarkGradient(b, net, nil)
		})
	}
}
