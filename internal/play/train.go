package play

import (
	"bytes"
	"errors"
	"time"

	"numgrad/train"
)

// accuracyEvery is the number of steps from one look at the test images to the
// next.
const accuracyEvery = 100

// Begin starts a new training with the book's settings, save for those given,
// and makes its net the one in use.
func (s *Session) Begin(hidden int, learningRate, h float64) error {
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

// Progress is what some steps of the training have done.
type Progress struct {
	Iteration  int       `json:"iteration"`  // steps taken in all
	Iterations int       `json:"iterations"` // of the whole training
	Losses     []float64 `json:"losses"`     // of the steps just taken
	Accuracy   float64   `json:"accuracy"`   // on the test images, if Measured
	Measured   bool      `json:"measured"`
	Gradient   float64   `json:"gradient"`  // milliseconds of one, on the average of the steps just taken
	Evaluated  int       `json:"evaluated"` // losses that the gradients of all steps stand for
	Textbook   float64   `json:"textbook"`  // milliseconds that they would take one by one
	Done       bool      `json:"done"`
}

// Train goes on with the training for some steps: at most so many, until so
// many milliseconds have passed, and until the accuracy has been measured.
func (s *Session) Train(steps int, most float64) (p Progress, err error) {
	r := s.training
	if r == nil {
		return p, errNoTraining
	}
	start, before := time.Now(), r.GradientTime
	for len(p.Losses) < steps && !r.Done() && !p.Measured && (len(p.Losses) == 0 || milliseconds(time.Since(start)) < most) {
		loss, err := r.Step()
		if err != nil {
			return p, err
		}
		p.Losses = append(p.Losses, loss)
		p.Measured = r.Iteration%accuracyEvery == 0
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

// Save returns the training as the file that cmd/train writes, which goes on
// with it by -resume.
func (s *Session) Save() ([]byte, error) {
	if s.training == nil {
		return nil, errNoTraining
	}
	model, err := s.training.Model()
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := model.Write(&file); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}
