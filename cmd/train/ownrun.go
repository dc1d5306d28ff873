//go:build !js

package main

import (
	"fmt"
	"math"

	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/train"
)

// list is one of the book's lists, by its name.
type list struct {
	name    string
	numbers []float64
	most    float64 // how far the numbers of two equal trainings may be apart
}

// lists returns the lists of a replay. The pixels are float64 here and float32
// in the book's code, which moves a loss by less than 1e-6; now and then it may
// turn the answer for an image, or for two of 10,000.
func lists(r *train.Replay) []list {
	return []list{{"train_loss_list", r.TrainLoss, 1e-6}, {"train_acc_list", r.TrainAcc, 2e-4}, {"test_acc_list", r.TestAcc, 2e-4}}
}

// ownRun is what a script of a reader leaves behind.
type ownRun struct {
	batches [][]int
	lists   map[string][]float64 // those that it has
}

func readOwnRun(path string) (*ownRun, error) {
	f, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	indices, shape, err := f.Ints("batches")
	if err != nil {
		return nil, err
	}
	if len(shape) != 2 || shape[0] == 0 || shape[1] == 0 {
		return nil, f.Errorf("batches has the shape %v, want steps × images in a mini-batch", shape)
	}
	run := &ownRun{lists: map[string][]float64{}}
	for i := range shape[0] {
		run.batches = append(run.batches, indices[i*shape[1]:][:shape[1]])
	}
	for _, list := range lists(new(train.Replay)) {
		if f.Has(list.name) {
			if run.lists[list.name], _, err = f.Floats(list.name); err != nil {
				return nil, err
			}
		}
	}
	return run, nil
}

// compare says how near the lists of the replay are to those of the run. The
// first number that is another one is an error.
func (run *ownRun) compare(p *progress, r *train.Replay, o *options) error {
	for _, here := range lists(r) {
		there, ok := run.lists[here.name]
		if !ok {
			continue
		}
		if len(there) != len(here.numbers) {
			return fmt.Errorf("%s: %s has %d numbers, want %d as the replay has", input.Quote(o.batches), here.name, len(there), len(here.numbers))
		}
		farthest := 0.0
		for i, v := range here.numbers {
			apart := math.Abs(v - there[i])
			if !(apart <= here.most) {
				return fmt.Errorf("the two trainings part at %s[%d], which is %v in %s and %v here: is -lr %v that of the script, and are the weights of -init those before its first step?",
					here.name, i, there[i], input.Quote(o.batches), v, o.LearningRate)
			}
			farthest = math.Max(farthest, apart)
		}
		p.line("%-15s  %6d numbers, at most %.1g apart", here.name, len(there), farthest)
	}
	return nil
}
