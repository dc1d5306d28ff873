//go:build !race

package chapter4

// The examples with MNIST. The race detector takes two minutes for them.

import (
	"fmt"
	"math/rand/v2"

	"numgrad/dataset"
	"numgrad/nn"
	"numgrad/perturb"
)

// Section 4.2.3: a batch of 100 images of MNIST, and their labels.
func Example_batch() {
	images, _, err := dataset.Load("")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(images.Len(), images.Size(), images.Classes)
	order := dataset.Epoch(nil, images.Len(), 1, 1) // shuffled, for seed 1 and epoch 1
	var batch dataset.Batch
	images.Gather(&batch, order[:100])
	rows, cols := batch.X.Dims()
	fmt.Println(rows, cols, len(batch.T))
	// Output:
	// 60000 784 10
	// 100 784 100
}

// Section 4.5.2: the loop of train_neuralnet.py for one epoch. The net ends with
// the same weights as in cmd/train.
func Example_loop() {
	images, test, err := dataset.Load("")
	if err != nil {
		fmt.Println(err)
		return
	}
	const batchSize, learningRate = 100, 0.1
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	grads := nn.NewParams(784, 50, 10)
	var engine perturb.Engine
	var batch dataset.Batch
	order := dataset.Epoch(nil, images.Len(), 1, 1)
	for len(order) > 0 {
		images.Gather(&batch, order[:batchSize]) // mini-batch
		order = order[batchSize:]
		engine.Gradient(grads, net, batch.X, batch.T, nil) // gradient, by finite differences
		for i, dw := range grads.Vector {
			net.Vector[i] -= learningRate * dw // update: W −= η·∂L/∂W, and b
		}
	}
	indices := make([]int, test.Len())
	for i := range indices {
		indices[i] = i
	}
	test.Gather(&batch, indices)
	fmt.Printf("test acc %.4f\n", net.Accuracy(batch.X, batch.T))
	// Output: test acc 0.7997
}
