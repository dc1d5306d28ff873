package chapter4

import (
	"slices"

	"numgrad/dataset"
	"numgrad/train"
)

// Run is what a training leaves behind for the figures of section 4.5.
type Run struct {
	Before train.Epoch   // the accuracies of the initial weights, epoch 0
	Losses []float64     // of the mini-batch of each iteration, in nats
	Log    []train.Epoch // the accuracies after each epoch
}

// TrainNeuralNet is the book's train_neuralnet.py (section 4.5.2), on the
// gradients that settings name: [train.Book] has those of the book, by
// numerical differentiation. It calls report after each epoch. The error is the
// [*train.DivergedError] of a loss that has left the finite numbers.
func TrainNeuralNet(settings train.Settings, images, test *dataset.Set, report func(train.Epoch)) (Run, error) {
	t := train.New(settings, images, test, 0)
	before := train.Epoch{TrainAcc: t.Accuracy(images), TestAcc: t.Accuracy(test)}
	for epochs := 0; !t.Done(); {
		if _, err := t.Step(); err != nil {
			return Run{}, err
		}
		if len(t.Log) > epochs {
			report(t.Log[epochs])
			epochs = len(t.Log)
		}
	}
	return Run{before, t.Losses, t.Log}, nil
}

// Curves returns the accuracies of the run by epoch, beginning with epoch 0,
// before the training.
func (r Run) Curves() (trainAcc, testAcc []float64) {
	for _, e := range slices.Concat([]train.Epoch{r.Before}, r.Log) {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	return trainAcc, testAcc
}
