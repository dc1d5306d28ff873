package play

import (
	"bytes"
	"errors"
	"time"

	"numgrad/train"
)

// begin starts a training with the book's settings, except for the arguments,
// and makes its net the current one.
func (s *Session) begin(hidden int, learningRate, h float64) error {
	if s.trainSet == nil || s.testSet == nil {
		return errNoImages
	}
	settings := train.Book()
	settings.HiddenSizes, settings.LearningRate, settings.Step = train.Sizes{hidden}, learningRate, h
	if err := settings.Check(); err != nil {
		return err
	}
	s.training = train.New(settings, s.trainSet, s.testSet, 1)
	s.use(s.training.Net)
	return nil
}

// progress describes some steps of the training.
type progress struct {
	Iteration  int       `json:"iteration"`  // steps so far
	Iterations int       `json:"iterations"` // steps of the whole training
	Losses     []float64 `json:"losses"`     // of these steps
	Accuracy   float64   `json:"accuracy"`   // on the test images, if Measured
	Measured   bool      `json:"measured"`
	Gradient   float64   `json:"gradient"`  // milliseconds of one gradient, the mean of these steps
	Evaluated  int       `json:"evaluated"` // losses that the textbook's loop evaluates for all steps so far
	Textbook   float64   `json:"textbook"`  // milliseconds of these losses, estimated
	Done       bool      `json:"done"`
	Diverged   bool      `json:"diverged"` // a number was no longer finite, and the built-in net is back
}

// train takes up to the given number of steps. It stops when the time is over
// or the accuracy is measured, every 100 steps.
func (s *Session) train(steps int, most float64) (p progress, err error) {
	r := s.training
	if r == nil {
		return p, errNoTraining
	}
	start, before := time.Now(), r.GradientTime
	for len(p.Losses) < steps && !r.Done() && !p.Measured && (len(p.Losses) == 0 || milliseconds(time.Since(start)) < most) {
		loss, err := r.Step()
		if _, ok := errors.AsType[*train.DivergedError](err); ok {
			s.useBuiltIn()
			return progress{Iteration: r.Iteration, Losses: p.Losses, Diverged: true, Done: true}, nil
		}
		if err != nil {
			return p, err
		}
		p.Losses = append(p.Losses, loss)
		p.Measured = r.Iteration%100 == 0
	}
	s.known = known{}
	if p.Measured {
		p.Accuracy = r.Accuracy(s.testSet)
	}
	if p.Measured || r.Iteration == len(p.Losses) {
		s.measureLoss()
	}
	p.Iteration, p.Iterations, p.Done = r.Iteration, r.Epochs*r.IterationsPerEpoch(), r.Done()
	p.Gradient = milliseconds(r.GradientTime-before) / float64(max(1, len(p.Losses)))
	p.Evaluated = r.Iteration * r.Evaluations()
	p.Textbook = float64(p.Evaluated) * s.lossTime
	return p, nil
}

var errNoTraining = errors.New("no training has begun")

// save returns the training as a file of weights, which cmd/train can resume.
func (s *Session) save() ([]byte, error) {
	if s.training == nil {
		return nil, errNoTraining
	}
	model, err := s.training.Model()
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = model.Write(&file)
	return file.Bytes(), err
}
