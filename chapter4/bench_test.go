package chapter4_test

import (
	"math/rand/v2"
	"testing"

	"numgrad/dataset"
	"numgrad/nn"
	"numgrad/perturb"
)

// BenchmarkCosts measures what testdata/costs.json has of Go, for the book's
// net and a batch of 100 images.
func BenchmarkCosts(b *testing.B) {
	images, _, err := dataset.Load("")
	if err != nil {
		b.Fatal(err)
	}
	var batch dataset.Batch
	images.Gather(&batch, dataset.Epoch(nil, images.Len(), 1, 1)[:100])
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	b.Run("loss", func(b *testing.B) {
		for b.Loop() {
			net.Loss(batch.X, batch.T)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		var engine perturb.Engine
		gradient := nn.NewParams(784, 50, 10)
		for b.Loop() {
			engine.Gradient(gradient, net, batch.X, batch.T, nil)
		}
	})
}
