package perturb_test

import (
	"fmt"
	"math/rand/v2"
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

// BenchmarkBackprop is one gradient of the book's net by nn, on 100 images.
func BenchmarkBackprop(b *testing.B) {
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	x, t := images(b, 100)
	g := nn.NewParams(net.Sizes()...)
	for b.Loop() {
		net.Gradient(g, x, t)
	}
}

// BenchmarkGradient is one gradient of the book's net by the engine, with one
// worker; then it varies the hidden layer, the batch and the depth.
func BenchmarkGradient(b *testing.B) {
	run := func(name string, n int, activation nn.Activation, hidden ...int) {
		b.Run(name, func(b *testing.B) {
			net := nn.New(slices.Concat([]int{784}, hidden, []int{10}), nn.He, rand.NewPCG(1, 0))
			net.Activation = activation
			x, t := images(b, n)
			var e perturb.Engine
			g, settings := nn.NewParams(net.Sizes()...), &grad.Settings{Workers: 1}
			e.Gradient(g, net, x, t, settings)
			b.ReportAllocs()
			for b.Loop() {
				e.Gradient(g, net, x, t, settings)
			}
		})
	}
	for _, hidden := range []int{50, 10, 100, 200, 400, 800} {
		run(fmt.Sprintf("hidden=%d", hidden), 100, nn.Sigmoid, hidden)
	}
	for _, n := range []int{1, 10, 1000} {
		run(fmt.Sprintf("batch=%d", n), n, nn.Sigmoid, 50)
	}
	for _, activation := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
		for depth := 1; depth <= 4; depth++ {
			run(fmt.Sprintf("%s/depth=%d", activation, depth), 100, activation, slices.Repeat([]int{50}, depth)...)
		}
	}
}
