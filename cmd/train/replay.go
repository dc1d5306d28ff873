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
	"numgrad/models"
	"numgrad/train"
)

// replay repeats the training that -init and -batches are of, and compares its
// lists with those that it left behind.
func (o *options) replay(stdout, stderr io.Writer, stop <-chan os.Signal) error {
	run, err := readOwnRun(o.batches)
	if err != nil {
		return fmt.Errorf("-batches: %w", err)
	}
	r, err := o.newReplay(run)
	if err != nil {
		return err
	}

	progress := newProgress(stderr, o.quiet)
	start := time.Now()
	if err := o.takeSteps(r, len(run.batches), progress, stop); err != nil {
		return err
	}
	took := time.Since(start)
	if err := saveReplay(o.out, r); err != nil {
		return err
	}
	if o.quiet {
		stdout = io.Discard
	}
	fmt.Fprintf(stdout, "%s steps on the mini-batches of %s in %.1f s; saved %s\n",
		number.Commas(len(run.batches)), input.Quote(o.batches), took.Seconds(), o.out)
	return run.compare(stdout, r, o)
}

// newReplay loads what a replay of the run needs.
func (o *options) newReplay(run *ownRun) (*train.Replay, error) {
	trainSet, testSet, err := dataset.Load(o.data)
	if err != nil {
		return nil, err
	}
	m, err := models.Load(o.init)
	if err != nil {
		return nil, fmt.Errorf("-init: %w", err)
	}
	net := m.Net()
	if !o.given["activation"] {
		o.Activation = net.Activation
	}
	r, err := train.NewReplay(net.Params, run.batches, o.Settings, trainSet, testSet, o.workers)
	if err != nil {
		return nil, fmt.Errorf("-init %s, -batches %s: %w", input.Quote(o.init), input.Quote(o.batches), err)
	}
	return r, nil
}

// takeSteps goes on until all steps are taken or a signal comes, upon which it
// saves what there is.
func (o *options) takeSteps(r *train.Replay, steps int, progress *progress, stop <-chan os.Signal) error {
	for !r.Done() {
		progress.begin("replay", steps-len(r.TrainLoss))
		select {
		case sig := <-stop:
			progress.clear()
			if err := saveReplay(o.out, r); err != nil {
				return err
			}
			progress.line("stopped by %v after %d of %d steps; saved in %s; -resume does not go on with a replay", sig, len(r.TrainLoss), steps, o.out)
			return &stoppedError{sig.(syscall.Signal)}
		default:
		}
		measured, err := r.Step()
		if err != nil {
			progress.clear()
			return err
		}
		progress.step(r.TrainLoss[len(r.TrainLoss)-1])
		if measured {
			last := len(r.TrainAcc) - 1
			progress.line("step %*d of %d  train acc %.4f  test acc %.4f",
				len(fmt.Sprint(steps)), len(r.TrainLoss), steps, r.TrainAcc[last], r.TestAcc[last])
		}
	}
	progress.clear()
	return nil
}

// saveReplay saves the weights and the lists under the names of the book.
func saveReplay(path string, r *train.Replay) error {
	var arrays []npz.Array
	for i, layer := range r.Net().Layers {
		arrays = append(arrays,
			npz.Array{Name: fmt.Sprintf("W%d", i+1), Data: layer.W},
			npz.Array{Name: fmt.Sprintf("b%d", i+1), Data: layer.B})
	}
	for _, list := range lists(r) {
		arrays = append(arrays, npz.Array{Name: list.name, Data: list.numbers})
	}
	return atomicfile.Write(path, func(w io.Writer) error { return npz.Write(w, arrays...) })
}
