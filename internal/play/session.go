package play

import (
	"errors"
	"fmt"

	"numgrad/dataset"
	"numgrad/internal/digit"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// Session is one visit to the page. It begins with the net that ships; a net
// that is trained takes its place. One goroutine at a time may use it.
type Session struct {
	net      *nn.Net
	training *train.Training // nil for the net that ships

	trainSet, testSet *dataset.Set // nil until they are loaded

	batch    dataset.Batch // what the losses of one weight are looked at
	engine   perturb.Engine
	known    known
	lossTime float64 // milliseconds of one loss of the batch, when last measured
}

// known is what has been computed of the net on the batch. It is forgotten when
// the net changes.
type known struct {
	gradient *nn.Params // by backpropagation; nil if not known

	weight Weight    // that curve and errors are of
	h      float64   // that curve is for
	curve  []float64 // nil if not known, and so is errors
	errors []float64
}

// New returns a session with the net that ships.
func New() *Session {
	s := new(Session)
	s.Ship()
	return s
}

// Ship makes the net that ships the one in use.
func (s *Session) Ship() {
	s.use(&nn.Net{Params: models.MNIST().Params})
	s.training = nil
}

// use makes net the one that answers.
func (s *Session) use(net *nn.Net) { s.net, s.known = net, known{} }

// LoadTrain takes the training images and their labels, IDX files with gzip
// around them or not.
func (s *Session) LoadTrain(images, labels []byte) (err error) {
	if s.trainSet, err = readDigits(images, labels); err != nil {
		return fmt.Errorf("training %w", err)
	}
	if s.trainSet.Len() < batchSize {
		return fmt.Errorf("%d training images, want at least %d", s.trainSet.Len(), batchSize)
	}
	indices := make([]int, batchSize)
	for i := range indices {
		indices[i] = i
	}
	s.trainSet.Gather(&s.batch, indices)
	return nil
}

// LoadTest takes the test images and their labels.
func (s *Session) LoadTest(images, labels []byte) (err error) {
	if s.testSet, err = readDigits(images, labels); err != nil {
		return fmt.Errorf("test %w", err)
	}
	return nil
}

// readDigits reads a set that the nets of the page can be asked about.
func readDigits(images, labels []byte) (*dataset.Set, error) {
	set, err := dataset.Read(images, labels)
	if err != nil {
		return nil, err
	}
	if set.Rows != digit.Size || set.Cols != digit.Size || set.Classes > 10 {
		return nil, fmt.Errorf("images of %d×%d pixels in %d classes, want %d×%d in at most 10",
			set.Rows, set.Cols, set.Classes, digit.Size, digit.Size)
	}
	set.Classes = 10
	return set, nil
}

var errNoImages = errors.New("the images have not been loaded yet")
