package chapter4

import (
	"numgrad/dataset"
	"numgrad/train"
)

// Run is what a training leaves behind for the figures of section 4.5.
type Run struct {
	Losses []float64     // of the mini-batch of each iteration, in nats
	Log    []train.Epoch // the accuracies after each epoch
}

// TrainNeuralNet is the book's train_neuralnet.py (section 4.5.2), on the
// gradients that settings name: [train.Book] has those of the book, by
// numerical differentiation. It calls report after each epoch. The error is the
// [*train.DivergedError] of a loss that has left the finite numbers.
func TrainNeuralNet(settings train.Settings, images, test *dataset.Set, report func(train.Epoch)) (Run, error) {
	t := train.New(settings, images, test, 0)
	for epochs := 0; !t.Done(); {
		if _, err := t.Step(); err != nil {
			return Run{}, err
		}
		if len(t.Log) > epochs {
			report(t.Log[epochs])
			epochs = len(t.Log)
		}
	}
	return Run{t.Losses, t.Log}, nil
}

// Curves returns the accuracies of the run by epoch.
func (r Run) Curves() (trainAcc, testAcc []float64) {
	for _, e := range r.Log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	return trainAcc, testAcc
}
