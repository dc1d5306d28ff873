package nn_test

import (
	"math/rand/v2"
	"testing"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
)

// book returns the book's net and the first n training images as a batch.
func book(b *testing.B, hidden, n int) (*nn.TwoLayer, dataset.Batch) {
	train, _, err := dataset.Load("")
	if err != nil {
		b.Fatal(err)
	}
	var batch dataset.Batch
	train.Gather(&batch, dataset.Epoch(nil, train.Len(), 1, 1)[:n])
	return nn.NewTwoLayer(train.Size(), hidden, train.Classes, 0.01, rand.NewPCG(1, 0)), batch
}

func BenchmarkNumericalGradient(b *testing.B) {
	net, batch := book(b, 50, 100)
	gradient := nn.NewParams(net.Sizes())
	b.ReportAllocs()
	for b.Loop() {
		net.NumericalGradient(gradient, batch.X, batch.T, nil)
	}
}

func BenchmarkBackprop(b *testing.B) {
	net, batch := book(b, 50, 100)
	gradient := nn.NewParams(net.Sizes())
	b.ReportAllocs()
	for b.Loop() {
		net.Gradient(gradient, batch.X, batch.T)
	}
}

// BenchmarkInPlaceElement is one of the 39,760 elements of the textbook's
// loop: two whole losses.
func BenchmarkInPlaceElement(b *testing.B) {
	net, batch := book(b, 50, 100)
	loss := func() float64 { return net.Loss(batch.X, batch.T) }
	for b.Loop() {
		grad.Partial(loss, net.Vector, 300*50, nil)
	}
}
