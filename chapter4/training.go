package chapter4

import (
	"numgrad/dataset"
	"numgrad/train"
)

// Run holds the curves of a training (figures 4-11 and 4-12).
type Run struct {
	Before train.Epoch   // accuracies of the initial weights, epoch 0
	Losses []float64     // loss of the mini-batch of each iteration, in nats
	Log    []train.Epoch // accuracies after each epoch
}

// TrainNeuralNet is train_neuralnet.py of section 4.5.2. With [train.Book] as
// settings, it takes the book's steps by numerical gradients. It calls report
// after each epoch. If the loss leaves the finite numbers, it returns a
// [*train.DivergedError].
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

// Curves returns the accuracies by epoch, from epoch 0 on.
func (r Run) Curves() (trainAcc, testAcc []float64) {
	trainAcc, testAcc = []float64{r.Before.TrainAcc}, []float64{r.Before.TestAcc}
	for _, e := range r.Log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	return trainAcc, testAcc
}
