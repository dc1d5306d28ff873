package main

import (
	"fmt"
	"math/rand/v2"

	"numgrad/dataset"
	"numgrad/internal/input"
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/nn"
)

// The book's net, section 4.5.2.
const (
	hiddenSize    = 50
	weightInitStd = 0.01
)

// ownBackprop has this project's backprop compute the gradient of a batch of
// MNIST.
func (o *options) ownBackprop() (*subject, error) {
	train, _, err := dataset.Load(o.data)
	if err != nil {
		return nil, err
	}
	if o.batch > train.Len() {
		return nil, &usage.Error{Err: fmt.Errorf("-batch is %d, want at most %d, all training images", o.batch, train.Len())}
	}
	net := nn.NewTwoLayer(train.Size(), hiddenSize, train.Classes, weightInitStd, rand.NewPCG(o.seed, 0))
	about := "nn.Net.Gradient at random weights"
	if o.weights != "" {
		if net, err = loadNet(o.weights, train); err != nil {
			return nil, err
		}
		about = "nn.Net.Gradient at " + input.Quote(o.weights)
	}
	var batch dataset.Batch
	train.Gather(&batch, dataset.Epoch(nil, train.Len(), o.seed, 0)[:o.batch])
	gradient := nn.NewParams(net.Sizes()...)
	net.Gradient(gradient, batch.X, batch.T)
	return &subject{
		about: about, net: net,
		x: batch.X, t: batch.T, gradient: gradient,
	}, nil
}

// loadNet loads a net for the images of set.
func loadNet(path string, set *dataset.Set) (*nn.Net, error) {
	model, err := models.Load(path)
	if err != nil {
		return nil, err
	}
	if d, k := model.Inputs(), model.Classes(); d != set.Size() || k != set.Classes {
		return nil, fmt.Errorf("%s: a net of %d inputs and %d classes, want %d and %d as the images have", input.Quote(path), d, k, set.Size(), set.Classes)
	}
	return model.Net(), nil
}
