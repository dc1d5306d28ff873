package train

import (
	"fmt"
	"math"

	"numgrad/dataset"
	"numgrad/nn"
)

// Replay repeats a training of another program, such as the book's
// train_neuralnet.py (section 4.5.2), with the same initial weights and the same
// mini-batches. It fills the lists of the script.
type Replay struct {
	TrainLoss []float64 // train_loss_list: −mean log(y + 1e-7) of each step's mini-batch, after the step
	TrainAcc  []float64 // train_acc_list: accuracy after the first step, and once per epoch
	TestAcc   []float64 // test_acc_list, at the same steps

	training *Training
	batches  [][]int
}

// NewReplay returns a replay that starts from the weights in initial and keeps
// their memory. Each of batches holds indices into train. NewReplay uses the
// Activation, Limit, LearningRate, Gradient, Formula and Step of the settings. It
// returns an error if the net does not fit the images or an index is out of range,
// and panics if batches is empty.
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

// Net returns the net after the steps taken so far.
func (r *Replay) Net() *nn.Net { return r.training.Net }

// Done reports whether all mini-batches are used.
func (r *Replay) Done() bool { return len(r.TrainLoss) == len(r.batches) }

// Step takes one step on the next mini-batch. Then it may measure the accuracies,
// and reports whether it did. It returns the errors of [Training.Step].
func (r *Replay) Step() (measured bool, err error) {
	t, i := r.training, len(r.TrainLoss)
	t.indices = r.batches[i]
	if _, err := t.descend(); err != nil {
		return false, err
	}
	t.train.Gather(&t.batch, r.batches[i])
	book := *t.Net
	book.BookLoss = true
	r.TrainLoss = append(r.TrainLoss, book.Loss(t.batch.X, t.batch.T))

	// As in the script, an epoch may be a fraction of steps.
	perEpoch := max(1, float64(t.train.Len())/float64(len(r.batches[i])))
	if math.Mod(float64(i), perEpoch) != 0 {
		return false, nil
	}
	r.TrainAcc = append(r.TrainAcc, t.Accuracy(t.train))
	r.TestAcc = append(r.TestAcc, t.Accuracy(t.test))
	return true, nil
}
