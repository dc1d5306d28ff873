package perturb_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
)

// BenchmarkScaling shows how the time of a gradient grows with the hidden layer,
// the batch, the depth and the workers, each by itself around the book's net.
// Beside ns/op stands predicted-ns/op: the time of the book's net with one
// worker, measured in the same run, scaled by [operations].
//
//	go test -run '^$' -bench Scaling ./perturb
func BenchmarkScaling(b *testing.B) {
	const images100, hidden50 = 100, 50
	book := []int{784, hidden50, 10}
	perOperation := 0.0
	run := func(name string, sizes []int, activation nn.Activation, n, workers int) {
		b.Run(name, func(b *testing.B) {
			x, t := images(b, n)
			net := nn.New(sizes, nn.He, rand.NewPCG(1, 0))
			net.Activation = activation
			g := nn.NewParams(sizes...)
			settings := &grad.Settings{Workers: workers}
			var engine perturb.Engine
			if perOperation == 0 {
				perOperation = median(50, func() { engine.Gradient(g, net, x, t, settings) }) / operations(net, x)
			}
			for b.Loop() {
				engine.Gradient(g, net, x, t, settings)
			}
			b.ReportMetric(1e9*perOperation*operations(net, x)/float64(workers), "predicted-ns/op")
		})
	}
	run("book", book, nn.Sigmoid, images100, 1)
	for workers := 2; workers <= runtime.GOMAXPROCS(0); workers++ {
		run(fmt.Sprintf("workers=%d", workers), book, nn.Sigmoid, images100, workers)
	}
	for _, hidden := range []int{10, 100, 200, 400, 800} {
		run(fmt.Sprintf("hidden=%d", hidden), []int{784, hidden, 10}, nn.Sigmoid, images100, 1)
	}
	for _, n := range []int{1, 10, 1000} {
		run(fmt.Sprintf("batch=%d", n), book, nn.Sigmoid, n, 1)
	}
	for _, activation := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
		sizes := []int{784}
		for depth := 1; depth <= 4; depth++ {
			sizes = append(sizes, 50)
			run(fmt.Sprintf("%s/depth=%d", activation, depth), append(sizes, 10), activation, images100, 1)
		}
	}
}

// operations counts the floating-point operations of a gradient by the central
// difference with four nodes. For each image and layer of H units,
//
//	2·H     for each input that is not zero, and the bias: the pre-activations
//	4·2·H   for the same: the sums for the weights, of two values of Λ each
//	4·17    for each unit of the layer and each logit other than the label's: the loss
//
// and for each later hidden layer of M units, with the N units behind it,
//
//	4·H·M·18 + 4·2·H·M·N   sigmoids: changes at four nodes, and their product
//	H·M·2 + 2·H·M/2·N      ReLUs: at one node, half of the units being at zero
//
// Half of the units of a ReLU layer are taken to be zero, as inputs too. What
// does not grow with the layers, such as finding the pixels that are not zero, is
// left out.
func operations(net *nn.Net, x *mat.Dense) float64 {
	rows, inputs := x.Dims()
	pixels := 0
	for i := range rows {
		for j := range inputs {
			if x.At(i, j) != 0 {
				pixels++
			}
		}
	}
	sizes := net.Sizes()
	last := len(sizes) - 1
	relu := net.Activation == nn.ReLU
	total, in := 0.0, float64(pixels)
	for l := 1; l <= last; l++ {
		h := float64(sizes[l])
		total += 10 * h * (in + float64(rows))
		others := float64(sizes[last] - 1)
		if l == last {
			others = 1
		}
		perRow := 4 * 17 * h * others
		for m := l + 1; m < last; m++ {
			width, next := float64(sizes[m]), float64(sizes[m+1])
			if relu {
				perRow += 2*h*width + h*width*next
			} else {
				perRow += 4*18*h*width + 8*h*width*next
			}
		}
		total += perRow * float64(rows)
		if in = float64(rows) * h; relu {
			in /= 2
		}
	}
	return total
}
