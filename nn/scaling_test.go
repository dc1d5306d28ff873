package nn_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
)

// BenchmarkScaling shows how the time of a gradient grows with the size of the
// hidden layer, of the batch and of the team, each by itself around the book's
// net. Beside ns/op stands predicted-ns/op: the time of the book's net with one
// worker, as measured in the same run, scaled by [operations].
//
//	go test -run '^$' -bench Scaling ./nn
func BenchmarkScaling(b *testing.B) {
	const hidden, images = 50, 100
	net, batch := book(b, hidden, images)
	perOperation := secondsOf(net, batch) / operations(net, batch)

	run := func(name string, hidden, images, workers int) {
		b.Run(name, func(b *testing.B) {
			net, batch := book(b, hidden, images)
			gradient := nn.NewParams(net.Sizes())
			settings := &grad.Settings{Workers: workers}
			for b.Loop() {
				net.NumericalGradient(gradient, batch.X, batch.T, settings)
			}
			predicted := perOperation * operations(net, batch) / float64(workers)
			b.ReportMetric(1e9*predicted, "predicted-ns/op")
		})
	}
	for _, hidden := range []int{10, 25, 50, 100, 200, 400, 800} {
		run(fmt.Sprintf("hidden=%d", hidden), hidden, images, 1)
	}
	for _, images := range []int{1, 10, 100, 1000} {
		run(fmt.Sprintf("batch=%d", images), hidden, images, 1)
	}
	for workers := range runtime.GOMAXPROCS(0) {
		run(fmt.Sprintf("workers=%d", workers+1), hidden, images, workers+1)
	}
}

// secondsOf returns the time of one gradient with one worker, the median of
// fifty.
func secondsOf(net *nn.TwoLayer, batch dataset.Batch) float64 {
	gradient := nn.NewParams(net.Sizes())
	seconds := make([]float64, 50)
	for i := range seconds {
		start := time.Now()
		net.NumericalGradient(gradient, batch.X, batch.T, &grad.Settings{Workers: 1})
		seconds[i] = time.Since(start).Seconds()
	}
	slices.Sort(seconds)
	return seconds[len(seconds)/2]
}

// operations counts the floating-point operations of a gradient by the central
// difference, a fused multiply-add as one. With the H hidden units and the K
// classes, an image costs
//
//	2·H·(6·(K−1) + 10)  for each of its different intensities, b1's 1 among them:
//	                    both signs of log1p( Σ_k p[k]·expm1(δ·w[k]) )
//	2·H                 for each pixel that is not zero, and one more for b1:
//	                    a1, and the sum over the images
//	2·(H+1)·K·12        for W2 and b2: both signs of log1p( p·expm1(h·z) )
//
// What does not grow with H, such as finding out the intensities, is left out:
// a small H takes longer than predicted, and a large one less long.
func operations(net *nn.TwoLayer, batch dataset.Batch) float64 {
	_, hidden, classes := net.Sizes()
	total := 0
	for i := range batch.T {
		different := map[float64]bool{1: true}
		pixels := 1
		for _, v := range batch.X.RawRowView(i) {
			if v != 0 {
				different[v] = true
				pixels++
			}
		}
		total += len(different) * 2 * hidden * (6*(classes-1) + 10)
		total += pixels * 2 * hidden
		total += 2 * (hidden + 1) * classes * 12
	}
	return float64(total)
}
