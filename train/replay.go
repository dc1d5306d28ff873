package train

import (
	"fmt"
	"math"

	"numgrad/dataset"
	"numgrad/nn"
)

// Replay is a training that was made elsewhere, once more: the book's
// train_neuralnet.py (section 4.5.2) from the same initial weights and on the
// same mini-batches. Its lists are the script's, measured at the same moments.
type Replay struct {
	TrainLoss []float64 // train_loss_list: of each batch after its step, −mean log(y + 1e-7)
	TrainAcc  []float64 // train_acc_list: after the first step, and after each epoch more
	TestAcc   []float64 // test_acc_list, at the same moments

	training *Training
	batches  [][]int
}

// NewReplay returns a replay from the given weights, whose memory it takes
// over, on batches of indices into train. Of the settings it needs Activation,
// Limit, LearningRate, Gradient, Formula and Step. A net for other images, and
// an index that is none of an image, are errors. NewReplay panics if a batch is
// empty.
func NewReplay(initial *nn.Params, batches [][]int, s Settings, train, test *dataset.Set, workers int) (*Replay, error) {
	s.BatchSize = len(batches[0])
	t, err := NewFrom(initial, s, train, test, workers)
	if err != nil {
		return nil, err
	}
	for i, batch := range batches {
		for k, index := range batch {
			if index < 0 || index >= t.train.Len() {
				return nil, fmt.Errorf("batches[%d,%d] is %d, want the index of an image, from 0 to %d", i, k, index, t.train.Len()-1)
			}
		}
	}
	return &Replay{training: t, batches: batches}, nil
}

// Net returns the net as it is after the steps taken.
func (r *Replay) Net() *nn.Net { return r.training.Net }

// Done reports whether a step was taken on each of the batches.
func (r *Replay) Done() bool { return len(r.TrainLoss) == len(r.batches) }

// Step takes the step on the next batch, and reports whether the accuracies
// were measured after it. Its error is that of [Training.Step].
func (r *Replay) Step() (measured bool, err error) {
	t, i := r.training, len(r.TrainLoss)
	t.train.Gather(&t.batch, r.batches[i])
	if _, err := t.descend(); err != nil {
		return false, err
	}
	book := *t.Net
	book.BookLoss = true
	r.TrainLoss = append(r.TrainLoss, book.Loss(t.batch.X, t.batch.T))

	// The script's epoch need not be a whole number of steps.
	perEpoch := max(1, float64(t.train.Len())/float64(len(r.batches[i])))
	if math.Mod(float64(i), perEpoch) != 0 {
		return false, nil
	}
	r.TrainAcc = append(r.TrainAcc, t.Accuracy(t.train))
	r.TestAcc = append(r.TestAcc, t.Accuracy(t.test))
	return true, nil
}
