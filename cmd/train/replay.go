//go:build !js

package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/train"
)

// replay repeats the training that -init and -batches are of, and compares its
// lists with those that it left behind.
func (s *session) replay(trainSet, testSet *dataset.Set, stop <-chan os.Signal) error {
	o := s.options
	run, err := readOwnRun(o.batches)
	if err != nil {
		return fmt.Errorf("-batches: %w", err)
	}
	net, err := o.initial()
	if err != nil {
		return err
	}
	o.Activation = net.Activation
	r, err := train.NewReplay(net.Params, run.batches, o.Settings, trainSet, testSet, o.workers)
	if err != nil {
		return fmt.Errorf("-init %s, -batches %s: %w", input.Quote(o.init), input.Quote(o.batches), err)
	}

	start := time.Now()
	if err := s.takeSteps(r, len(run.batches), stop); err != nil {
		return err
	}
	took := time.Since(start)
	if err := s.saveReplay(r); err != nil {
		return err
	}
	s.progress.line("%s steps on the mini-batches of %s in %.1f s; saved %v",
		number.Commas(len(run.batches)), input.Quote(o.batches), took.Seconds(), s.place)
	return run.compare(s.progress, r, o)
}

// takeSteps goes on until all steps are taken or a signal comes, upon which it
// saves what there is.
func (s *session) takeSteps(r *train.Replay, steps int, stop <-chan os.Signal) error {
	for !r.Done() {
		s.progress.begin("replay", steps-len(r.TrainLoss))
		select {
		case sig := <-stop:
			s.progress.clear()
			if err := s.saveReplay(r); err != nil {
				return err
			}
			s.progress.note("stopped by %v after %d of %d steps; saved in %v; -resume does not go on with a replay", sig, len(r.TrainLoss), steps, s.place)
			return &stoppedError{sig.(syscall.Signal)}
		default:
		}
		measured, err := r.Step()
		if err != nil {
			s.progress.clear()
			return err
		}
		s.progress.step(r.TrainLoss[len(r.TrainLoss)-1])
		if measured {
			last := len(r.TrainAcc) - 1
			s.progress.line("step %*d of %d  train acc %.4f  test acc %.4f",
				len(fmt.Sprint(steps)), len(r.TrainLoss), steps, r.TrainAcc[last], r.TestAcc[last])
		}
	}
	s.progress.clear()
	return nil
}

// saveReplay saves the weights and the lists under the names of the book.
func (s *session) saveReplay(r *train.Replay) error {
	var arrays []npz.Array
	for i, layer := range r.Net().Layers {
		arrays = append(arrays,
			npz.Array{Name: fmt.Sprintf("W%d", i+1), Data: layer.W},
			npz.Array{Name: fmt.Sprintf("b%d", i+1), Data: layer.B})
	}
	for _, list := range lists(r) {
		arrays = append(arrays, npz.Array{Name: list.name, Data: list.numbers})
	}
	return atomicfile.Replace(s.place.weights(), func(w io.Writer) error { return npz.Write(w, arrays...) }, s.keepEarlier)
}
