package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/models"
	"numgrad/train"
)

// saveEvery is how much work a power cut may cost at most.
const saveEvery = 30 * time.Second

// session is the command at work.
type session struct {
	*train.Training
	options  *options
	progress *progress
	seconds  []float64 // of each epoch
	saved    time.Time // when the state was last saved, or that was last tried
	warned   bool      // in this epoch, that it could not be
}

func (o *options) run(stdout, stderr io.Writer, stop <-chan os.Signal) error {
	if err := atomicfile.Check(o.out); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	unlock, err := lock(o.out)
	if err != nil {
		return err
	}
	defer unlock()
	if o.batches != "" {
		return o.replay(stdout, stderr, stop)
	}

	s := &session{options: o, progress: newProgress(stderr, o.quiet)}
	if err := s.begin(); err != nil {
		return err
	}
	first := s.Iteration
	start := time.Now()
	if err := s.train(stop); err != nil {
		return err
	}
	if err := s.finish(); err != nil {
		return err
	}
	if !o.quiet {
		s.summarize(stdout, s.Iteration-first, time.Since(start))
	}
	return nil
}

// begin loads the images, and makes the training or takes it up again.
func (s *session) begin() error {
	trainSet, testSet, err := dataset.Load(s.options.data)
	if err != nil {
		return err
	}
	if s.options.resume {
		return s.takeUp(trainSet, testSet)
	}
	if err := s.initialize(trainSet, testSet); err != nil {
		return err
	}
	if err := s.keepUnfinished(); err != nil {
		return err
	}
	if _, err := os.Stat(s.options.out); err == nil {
		return nil // another training's weights are not given up for random ones
	}
	return s.saveState()
}

// initialize makes the training, with random weights or those of -init.
func (s *session) initialize(trainSet, testSet *dataset.Set) error {
	o := s.options
	if o.init == "" {
		s.Training = train.New(o.Settings, trainSet, testSet, o.workers)
		return nil
	}
	m, err := models.Load(o.init)
	if err != nil {
		return fmt.Errorf("-init: %w", err)
	}
	net := m.Net()
	settings := o.Settings
	settings.Init = filepath.Base(o.init)
	if !o.given["activation"] {
		settings.Activation = net.Activation
	}
	s.Training, err = train.NewFrom(net.Params, settings, trainSet, testSet, o.workers)
	if err != nil {
		return fmt.Errorf("-init: %s: %w", input.Quote(o.init), err)
	}
	if has := s.HiddenSizes; o.given["hidden"] && !slices.Equal(o.HiddenSizes, has) {
		return fmt.Errorf("-hidden is %v, but the net in %s has %v: leave it out", o.HiddenSizes, input.Quote(o.init), has)
	}
	return nil
}

// takeUp goes on with the saved training.
func (s *session) takeUp(trainSet, testSet *dataset.Set) error {
	m, err := models.Load(s.options.out)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: nothing to resume; start without -resume", err)
	}
	if err != nil {
		return err
	}
	about := func(err error) error { return fmt.Errorf("%s: cannot resume: %w", s.options.out, err) }
	meta, err := train.ReadMeta(m)
	if err != nil {
		return about(err)
	}
	if err := s.options.contradicts(meta.Settings); err != nil {
		return err
	}
	if s.Training, err = train.Resume(m, trainSet, testSet, s.options.workers); err != nil {
		return about(err)
	}
	if s.options.given["epochs"] {
		s.Epochs = s.options.Epochs
	}
	return s.readSeconds()
}

// train goes on until the training has ended or is stopped.
func (s *session) train(stop <-chan os.Signal) error {
	perEpoch := s.IterationsPerEpoch()
	begun := time.Now()
	s.saved = begun
	if s.Gradient == train.InPlace {
		defer s.progress.estimate(s.Training)()
	}
	for !s.Done() {
		s.progress.epoch(s.Training)
		select {
		case sig := <-stop:
			return s.stopped(sig.(syscall.Signal))
		default:
		}
		loss, err := s.Step()
		if err != nil {
			s.progress.clear()
			return fmt.Errorf("%w (%s holds the weights that were saved last)", err, s.options.out)
		}
		s.progress.step(loss)

		if s.Iteration%perEpoch == 0 {
			s.seconds = append(s.seconds, time.Since(begun).Round(time.Millisecond).Seconds())
			begun = time.Now()
			s.progress.line("%s", epochLine(s.Log[len(s.Log)-1], s.Epochs, s.seconds[len(s.seconds)-1]))
			s.warned = false
			s.try(s.saveLog)
			s.try(s.saveState)
		} else if time.Since(s.saved) > saveEvery {
			s.try(s.saveState)
		}
	}
	return nil
}

func epochLine(e train.Epoch, epochs int, seconds float64) string {
	return fmt.Sprintf("epoch %*d/%d  loss %.4f  train acc %.4f  test acc %.4f  %.1f s",
		len(fmt.Sprint(epochs)), e.Epoch, epochs, e.Loss, e.TrainAcc, e.TestAcc, seconds)
}

// try saves something, and says so if it cannot, once in an epoch: the
// training is worth more than the file, and the next time may go well.
func (s *session) try(save func() error) {
	if err := save(); err != nil && !s.warned {
		s.warned = true
		s.progress.warn("cannot save, and will try again: %v", err)
	}
}

// stopped keeps the state of a training that a signal ends.
func (s *session) stopped(sig syscall.Signal) error {
	s.progress.clear()
	if err := s.finish(); err != nil {
		return err
	}
	again := "go run ./cmd/train -resume"
	if s.options.given["out"] {
		again += " -out " + s.options.out
	}
	if s.options.given["data"] {
		again += " -data " + s.options.data
	}
	s.progress.line("stopped by %v in epoch %d, after %d iterations; saved in %s; to go on: %s",
		sig, len(s.Log)+1, s.Iteration, s.options.out, again)
	return &stoppedError{sig}
}
