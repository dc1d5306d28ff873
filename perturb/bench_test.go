package perturb_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
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

func benchmarkGradient(b *testing.B, net *nn.Net, n int, settings *grad.Settings) {
	x, t := images(b, n)
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
			benchmarkGradient(b, net, 100, &grad.Settings{Workers: workers})
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

// BenchmarkScaling shows how the time of a gradient grows with the hidden layer,
// the batch and the depth, each around the book's net, with one worker.
//
//	go test -run '^$' -bench Scaling ./perturb
func BenchmarkScaling(b *testing.B) {
	run := func(name string, images int, activation nn.Activation, hidden ...int) {
		b.Run(name, func(b *testing.B) {
			net := nn.New(slices.Concat([]int{784}, hidden, []int{10}), nn.He, rand.NewPCG(1, 0))
			net.Activation = activation
			benchmarkGradient(b, net, images, &grad.Settings{Workers: 1})
		})
	}
	for _, hidden := range []int{50, 10, 100, 200, 400, 800} {
		run(fmt.Sprintf("hidden=%d", hidden), 100, nn.Sigmoid, hidden)
	}
	for _, n := range []int{1, 10, 1000} {
		run(fmt.Sprintf("batch=%d", n), n, nn.Sigmoid, 50)
	}
	for _, activation := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
		for depth := 2; depth <= 4; depth++ {
			run(fmt.Sprintf("%s/depth=%d", activation, depth), 100, activation, slices.Repeat([]int{50}, depth)...)
		}
		run(string(activation)+"/100,100", 100, activation, 100, 100)
	}
}
