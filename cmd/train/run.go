//go:build !js

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
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/train"
)

// saveEvery is how much work a power cut may cost at most.
var saveEvery = 30 * time.Second

// session is the command at work.
type session struct {
	*train.Training
	options  *options
	place    place
	progress *progress
	seconds  []float64 // of each epoch
	saved    time.Time // when the state was last saved, or that was last tried
	warned   bool      // in this epoch, that it could not be
	guessing bool      // it has been said that the net does no better than guess
}

func (o *options) run(stdout, stderr io.Writer, stop <-chan os.Signal) error {
	trainSet, testSet, err := dataset.Load(o.data)
	if err != nil {
		return err
	}
	place, err := o.claim()
	if err != nil {
		return err
	}
	unlock, err := lock(place.weights())
	if err != nil {
		return err
	}
	defer unlock()

	s := &session{options: o, place: place, progress: newProgress(stdout, stderr, o.quiet)}
	if o.batches != "" {
		return s.replay(trainSet, testSet, stop)
	}
	if err := s.begin(trainSet, testSet); err != nil {
		return err
	}
	first := s.Iteration
	start := time.Now()
	if err := s.train(stop); err != nil {
		return err
	}
	save := s.finish
	if s.Iteration == first {
		save = s.replaceLost
	}
	if err := save(); err != nil {
		return err
	}
	s.summarize(s.Iteration-first, time.Since(start))
	return nil
}

// claim returns the place of the -out file, whose folder it makes if that is
// missing and its parent is there.
func (o *options) claim() (place, error) {
	place, err := placeOf(o.out)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(place.weights()); o.resume && errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%v is not there: nothing to resume; start without -resume", place)
	}
	os.Mkdir(filepath.Dir(o.out), 0o777) // what is wrong with it, check says
	return place, place.check()
}

// begin makes the training or takes it up again.
func (s *session) begin(trainSet, testSet *dataset.Set) error {
	if s.options.resume {
		if err := s.takeUp(trainSet, testSet); err != nil {
			return err
		}
		return s.readSeconds()
	}
	if err := s.initialize(trainSet, testSet); err != nil {
		return err
	}
	s.warnOfNonsense(trainSet)
	m, err := s.Model()
	if err != nil {
		return err
	}
	return atomicfile.Replace(s.place.weights(), m.Write, s.keepEarlier)
}

// keepEarlier moves away what is in the place of the training's files.
func (s *session) keepEarlier() error {
	kept, err := s.place.keep()
	if kept != "" {
		s.progress.note("%s", kept)
	}
	return err
}

// initialize makes the training, with random weights or those of -init.
func (s *session) initialize(trainSet, testSet *dataset.Set) error {
	o := s.options
	if o.init == "" {
		if err := checkMemory(o.Settings, trainSet, o.workers); err != nil {
			return &usage.Error{Err: fmt.Errorf("%w: choose less", err)}
		}
		s.Training = train.New(o.Settings, trainSet, testSet, o.workers)
		return nil
	}
	net, err := o.initial()
	if err != nil {
		return err
	}
	settings := o.Settings
	settings.Init = filepath.Base(o.init)
	settings.Activation = net.Activation
	settings.HiddenSizes = train.Sizes(net.Sizes()[1:len(net.Layers)])
	if err := checkMemory(settings, trainSet, o.workers); err != nil {
		return fmt.Errorf("-init: %s: %w", input.Quote(o.init), err)
	}
	s.Training, err = train.NewFrom(net.Params, settings, trainSet, testSet, o.workers)
	if err != nil {
		return fmt.Errorf("-init: %s: %w", input.Quote(o.init), err)
	}
	if o.given["hidden"] && !slices.Equal(o.HiddenSizes, settings.HiddenSizes) {
		return fmt.Errorf("-hidden is %v, but the net in %s has %v: leave it out", o.HiddenSizes, input.Quote(o.init), settings.HiddenSizes)
	}
	return nil
}

// takeUp goes on with the saved training.
func (s *session) takeUp(trainSet, testSet *dataset.Set) error {
	o := s.options
	m, err := models.Load(s.place.weights())
	if err != nil {
		return err
	}
	about := func(err error) error { return fmt.Errorf("%v: cannot resume: %w", s.place, err) }
	meta, err := train.ReadMeta(m)
	if err != nil {
		return about(err)
	}
	if err := o.contradicts(meta.Settings); err != nil {
		return err
	}
	if err := checkMemory(meta.Settings, trainSet, o.workers); err != nil {
		return about(err)
	}
	s.Training, err = train.Resume(m, trainSet, testSet, o.workers)
	if err != nil {
		return about(err)
	}
	if o.given["epochs"] {
		s.Epochs = o.Epochs
	}
	// The curves are drawn after the log is written. Without one, the picture is
	// another's.
	kept, err := s.place.keepStrangeCurves()
	if kept != "" {
		s.progress.note("%s", kept)
	}
	return err
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
			return fmt.Errorf("%w (%v holds the weights that were saved last)", err, s.place)
		}
		s.progress.step(loss)

		if s.Iteration%perEpoch == 0 {
			s.seconds = append(s.seconds, time.Since(begun).Round(time.Millisecond).Seconds())
			begun = time.Now()
			s.epochEnded()
		} else if time.Since(s.saved) > saveEvery {
			s.try(s.saveState)
		}
	}
	return nil
}

// epochEnded writes the line of the epoch, and saves.
func (s *session) epochEnded() {
	last := s.Log[len(s.Log)-1]
	s.progress.line("%s", epochLine(last, s.Epochs, s.seconds[len(s.seconds)-1]))
	s.warnOfGuessing(last)
	s.warned = false
	s.try(s.saveLog)
	s.try(s.saveState)
}

func epochLine(e train.Epoch, epochs int, seconds float64) string {
	return fmt.Sprintf("epoch %*d/%d  loss %s  train acc %.4f  test acc %.4f  %.1f s",
		len(fmt.Sprint(epochs)), e.Epoch, epochs, lossText(e.Loss), e.TrainAcc, e.TestAcc, seconds)
}

// lossText returns a loss with four decimals, or its size if that is unusual.
func lossText(loss float64) string {
	if loss >= 1e6 {
		return fmt.Sprintf("%.3g", loss)
	}
	return fmt.Sprintf("%.4f", loss)
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
	again := append([]string{"-resume"}, s.options.files()...)
	s.progress.note("stopped by %v in epoch %d, after %d iterations; saved in %v; to go on: %s",
		sig, len(s.Log)+1, s.Iteration, s.place, command("train", again...))
	return &stoppedError{sig}
}
