//go:build !js

package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"syscall"
	"time"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/models"
	"numgrad/train"
)

// list is one of the book's lists.
type list struct {
	name      string
	numbers   []float64
	tolerance float64 // largest difference between two equal trainings
}

// lists returns the lists of a replay. The book's code has float32 pixels. They
// change a loss by less than 1e-6, and sometimes the answers for one or two of
// 10,000 images.
func lists(r *train.Replay) []list {
	return []list{{"train_loss_list", r.TrainLoss, 1e-6}, {"train_acc_list", r.TrainAcc, 2e-4}, {"test_acc_list", r.TestAcc, 2e-4}}
}

// replay repeats the training of -init and -batches, and compares the lists.
func (s *session) replay(trainSet, testSet *dataset.Set, stop <-chan os.Signal) error {
	o := s.options
	batches, expected, err := readBatches(o.batches)
	if err != nil {
		return fmt.Errorf("-batches: %w", err)
	}
	net, err := o.initial()
	if err != nil {
		return err
	}
	o.Activation = net.Activation
	r, err := train.NewReplay(net.Params, batches, o.Settings, trainSet, testSet, o.workers)
	if err != nil {
		return fmt.Errorf("-init %s, -batches %s: %w", input.Quote(o.init), input.Quote(o.batches), err)
	}
	save := func() error { return s.saveReplay(r) }
	if err := s.makeFolder(save); err != nil {
		return err
	}

	begun := time.Now()
	s.progress.begin("replay", len(batches))
	for !r.Done() {
		select {
		case sig := <-stop:
			if err := save(); err != nil {
				return err
			}
			s.progress.note("stopped by %v after %d of %d steps; saved %v; a replay cannot be resumed", sig, len(r.TrainLoss), len(batches), s.folder)
			return stopped(sig.(syscall.Signal))
		default:
		}
		measured, err := r.Step()
		if err != nil {
			s.folder.remove()
			return err
		}
		s.progress.step(r.TrainLoss[len(r.TrainLoss)-1])
		if measured {
			last := len(r.TrainAcc) - 1
			s.progress.line("step %*d of %d  train acc %.4f  test acc %.4f",
				len(fmt.Sprint(len(batches))), len(r.TrainLoss), len(batches), r.TrainAcc[last], r.TestAcc[last])
		}
	}
	took := time.Since(begun)
	if err := save(); err != nil {
		return err
	}
	s.progress.line("%s steps on the mini-batches of %s in %.1f s; saved %v",
		number.Commas(len(batches)), input.Quote(o.batches), took.Seconds(), s.folder)
	return s.compare(expected, lists(r))
}

// readBatches reads the file of -batches: the mini-batches, and the lists that it
// has.
func readBatches(path string) (batches [][]int, expected map[string][]float64, err error) {
	f, err := npz.Open(path)
	if err != nil {
		return nil, nil, err
	}
	indices, shape, err := f.Ints("batches")
	if err != nil {
		return nil, nil, err
	}
	if len(shape) != 2 || len(indices) == 0 {
		return nil, nil, f.Errorf("batches is %s, want [steps×images of a mini-batch]", number.Shape(shape))
	}
	for i := range shape[0] {
		batches = append(batches, indices[i*shape[1]:][:shape[1]])
	}
	expected = map[string][]float64{}
	for _, list := range lists(new(train.Replay)) {
		if f.Has(list.name) {
			if expected[list.name], _, err = f.Floats(list.name); err != nil {
				return nil, nil, err
			}
		}
	}
	return batches, expected, nil
}

// saveReplay saves the weights and the lists, with the book's names.
func (s *session) saveReplay(r *train.Replay) error {
	arrays := models.Arrays(r.Net().Params)
	for _, list := range lists(r) {
		arrays = append(arrays, npz.Array{Name: list.name, Data: list.numbers})
	}
	return atomicfile.Write(s.folder.file(models.WeightsFile), func(w io.Writer) error { return npz.Write(w, arrays...) })
}

// compare prints the largest difference of each list. It returns an error at the
// first number that differs by more than the tolerance.
func (s *session) compare(expected map[string][]float64, lists []list) error {
	file := input.Quote(s.options.batches)
	for _, here := range lists {
		there, ok := expected[here.name]
		if !ok {
			continue
		}
		if len(there) != len(here.numbers) {
			return fmt.Errorf("%s: %s has %d numbers, want %d as the replay has", file, here.name, len(there), len(here.numbers))
		}
		largest := 0.0
		for i, v := range here.numbers {
			difference := math.Abs(v - there[i])
			if !(difference <= here.tolerance) {
				return fmt.Errorf("the trainings differ from %s[%d] on: it is %v in %s and %v here; check that -lr %v is the script's, and that the weights of -init are from before its first step",
					here.name, i, there[i], file, v, s.options.LearningRate)
			}
			largest = max(largest, difference)
		}
		s.progress.line("%-15s  %6d numbers, at most %.1g apart", here.name, len(there), largest)
	}
	return nil
}
