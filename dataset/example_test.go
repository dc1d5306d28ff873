package dataset_test

import (
	"fmt"
	"log"

	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
)

// The MNIST that comes with the GoMNIST module.
func ExampleLoad() {
	train, test, err := dataset.Load("")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), "and", test.Len(), "images of", train.Rows, "by", train.Cols)
	fmt.Println(train.Size(), "inputs,", train.Classes, "classes")
	fmt.Println(train.Labels[:10])
	// Output:
	// 60000 and 10000 images of 28 by 28
	// 784 inputs, 10 classes
	// [5 0 4 1 9 2 1 3 1 4]
}

func ExampleSet_Gather() {
	_, test, err := dataset.Load("testdata/letters")
	if err != nil {
		log.Fatal(err)
	}
	var b dataset.Batch
	test.Gather(&b, []int{1, 0})
	fmt.Println(mat.Formatted(b.X))
	fmt.Println(b.T)
	// Output:
	// ⎡0.4  0.4  0.4    0  0.4    0    0  0.4    0⎤
	// ⎣  0  0.4    0    0  0.4    0    0  0.4    0⎦
	// [2 0]
}

// Two epochs of ten samples, in batches of four.
func ExampleEpoch() {
	const seed, batchSize = 1, 4
	var order []int
	for epoch := range 2 {
		order = dataset.Epoch(order, 10, seed, epoch)
		for first := 0; first < len(order); first += batchSize {
			fmt.Println("epoch", epoch, order[first:min(first+batchSize, len(order))])
		}
	}
	// Output:
	// epoch 0 [9 5 0 8]
	// epoch 0 [7 4 6 3]
	// epoch 0 [2 1]
	// epoch 1 [5 9 0 6]
	// epoch 1 [8 2 1 4]
	// epoch 1 [3 7]
}
