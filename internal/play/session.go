// Package play computes for the page of cmd/play: the digit in a drawing, the
// loss when one weight moves, a training by numerical gradients, and paths of
// gradient descent. The numbers come from packages digit, nn, grad, perturb and
// train.
//
// The page sends JSON to [Session.Call]; package numgrad/internal/play/wasm
// connects the two. The package also runs without a browser, as its tests do.
package play

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"maps"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/internal/digit"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// Session is one visit to the page. It begins with the built-in net; a training
// replaces it. A Session is not safe for concurrent use.
type Session struct {
	net      *nn.Net
	training *train.Training // nil for the built-in net
	descent  descent

	trainSet, testSet *dataset.Set // nil until they are loaded

	batch    dataset.Batch // the first training images, for the losses of a nudge
	engine   perturb.Engine
	known    known
	lossTime float64 // milliseconds of one loss of the batch, last measured
}

// known caches results for the net on the batch until the net changes.
type known struct {
	gradient *nn.Params // by backpropagation; nil if unknown

	weight        weight  // the weight of curve and errors
	h             float64 // the h of curve
	curve, errors []float64
}

// New returns a session with the built-in net.
func New() *Session {
	s := new(Session)
	s.useBuiltIn()
	return s
}

func (s *Session) useBuiltIn() {
	s.use(&nn.Net{Params: models.MNIST().Params})
	s.training = nil
}

// use makes net the current net.
func (s *Session) use(net *nn.Net) { s.net, s.known = net, known{} }

// CheckImages returns an error if the page cannot use the sets: it needs images of
// 28×28 pixels in at most 10 classes, and at least 100 of them for training.
func CheckImages(trainSet, testSet *dataset.Set) error {
	return cmp.Or(checkSet("training", trainSet, batchSize), checkSet("test", testSet, 1))
}

func checkSet(kind string, set *dataset.Set, least int) error {
	if set.Rows != digit.Size || set.Cols != digit.Size || set.Classes > 10 {
		return fmt.Errorf("%s images of %d×%d pixels in %d classes, want %d×%d in at most 10",
			kind, set.Rows, set.Cols, set.Classes, digit.Size, digit.Size)
	}
	if set.Len() < least {
		return fmt.Errorf("%d %s images, want at least %d", set.Len(), kind, least)
	}
	return nil
}

// readSet reads images and labels from IDX files, gzipped or not.
func readSet(kind string, least int, files [][]byte) (*dataset.Set, error) {
	set, err := dataset.Read(files[0], files[1])
	if err != nil {
		return nil, fmt.Errorf("%s %w", kind, err)
	}
	set.Classes = max(10, set.Classes)
	return set, checkSet(kind, set, least)
}

func (s *Session) loadTrain(files [][]byte) error {
	set, err := readSet("training", batchSize, files)
	if err != nil {
		return err
	}
	s.trainSet = set
	first := make([]int, batchSize)
	for i := range first {
		first[i] = i
	}
	set.Gather(&s.batch, first)
	return nil
}

func (s *Session) loadTest(files [][]byte) error {
	set, err := readSet("test", 1, files)
	if err == nil {
		s.testSet = set
	}
	return err
}

var errNoImages = errors.New("the images are not loaded yet")

// answer is the net's answer to one image.
type answer struct {
	Digit         int       `json:"digit"`             // most probable class
	Probabilities []float64 `json:"probabilities"`     // of each class
	Seen          []byte    `json:"seen"`              // 28×28 input pixels, 255 for ink
	Trouble       string    `json:"trouble,omitempty"` // empty, filled, several or frame: a drawing without a digit
}

// troubles names the errors of [digit.Normalize] for the page.
var troubles = map[error]string{
	digit.ErrNoInk:   "empty",
	digit.ErrFilled:  "filled",
	digit.ErrSeveral: "several",
	digit.ErrFrame:   "frame",
}

// draw answers for a drawing: RGBA pixels in rows of the given width.
func (s *Session) draw(pixels []byte, width int) (answer, error) {
	if width < 1 || len(pixels) == 0 || len(pixels)%(4*width) != 0 {
		return answer{}, fmt.Errorf("a drawing of %d bytes in rows of %d pixels, want whole rows of 4 bytes per pixel", len(pixels), width)
	}
	seen, err := digit.Normalize(&image.NRGBA{Pix: pixels, Stride: 4 * width, Rect: image.Rect(0, 0, width, len(pixels)/(4*width))})
	if trouble, ok := troubles[err]; ok {
		return answer{Trouble: trouble}, nil
	}
	if err != nil {
		return answer{}, err
	}
	return s.answer(seen.Pix), nil
}

// testAnswer is the net's answer to a test image.
type testAnswer struct {
	answer
	Index int `json:"index"` // of the image
	Label int `json:"label"` // correct class
}

// test answers for a test image. The index wraps around.
func (s *Session) test(index int) (testAnswer, error) {
	if s.testSet == nil {
		return testAnswer{}, errNoImages
	}
	n := s.testSet.Len()
	index = (index%n + n) % n
	return testAnswer{s.answer(s.testSet.Images[index]), index, int(s.testSet.Labels[index])}, nil
}

func (s *Session) answer(pixels []byte) answer {
	x := mat.NewDense(1, len(pixels), nil)
	for i, v := range pixels {
		x.Set(0, i, float64(v)/255)
	}
	y := s.net.Predict(x).RawRowView(0)
	return answer{Digit: floats.MaxIdx(y), Probabilities: y, Seen: pixels}
}

// request is a request of the page. Each call reads the fields that it needs.
type request struct {
	Call string `json:"call"`
	weight
	H            float64 `json:"h"`
	S            float64 `json:"s"`
	Index        int     `json:"index"`
	Width        int     `json:"width"`
	Hidden       int     `json:"hidden"`
	LearningRate float64 `json:"lr"`
	Steps        int     `json:"steps"`
	Milliseconds float64 `json:"milliseconds"`
	Function     string  `json:"function"`
	X            float64 `json:"x"`
	Y            float64 `json:"y"`
}

// calls are the functions of the page by name.
var calls = map[string]struct {
	data int // number of byte arrays in addition to the JSON
	do   func(s *Session, r request, data [][]byte) (any, error)
}{
	"loadTrain": {2, func(s *Session, _ request, data [][]byte) (any, error) { return nil, s.loadTrain(data) }},
	"loadTest":  {2, func(s *Session, _ request, data [][]byte) (any, error) { return nil, s.loadTest(data) }},
	"draw":      {1, func(s *Session, r request, data [][]byte) (any, error) { return s.draw(data[0], r.Width) }},
	"test":      {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.test(r.Index) }},
	"builtIn":   {0, func(s *Session, _ request, _ [][]byte) (any, error) { s.useBuiltIn(); return nil, nil }},
	"pictures":  {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.pictures(r.Column), nil }},
	"steepest":  {0, func(s *Session, _ request, _ [][]byte) (any, error) { return s.steepest() }},
	"nudge": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return s.nudge(r.weight, r.H, r.S, r.Milliseconds)
	}},
	"all": {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.all(r.H, r.Column) }},
	"textbook": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return s.textbook(r.H, r.Column, r.Index, r.Milliseconds)
	}},
	"begin": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return nil, s.begin(r.Hidden, r.LearningRate, r.H)
	}},
	"train":   {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.train(r.Steps, r.Milliseconds) }},
	"save":    {0, func(s *Session, _ request, _ [][]byte) (any, error) { return s.save() }},
	"map":     {0, func(_ *Session, r request, _ [][]byte) (any, error) { return heightMap(r.Function) }},
	"place":   {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.place(r.Function, r.X, r.Y, r.H) }},
	"descend": {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.descend(r.LearningRate, r.H, r.Steps) }},
}

// Call answers a request: a JSON object with the function's name in "call" and
// its arguments, and the function's data. The answer is {"reply": …} or
// {"error": "one line"}; byte slices are in base64.
func (s *Session) Call(text string, data ...[]byte) string {
	reply, err := s.call(text, data)
	encoded, encodingError := json.Marshal(map[string]any{"reply": reply})
	if err == nil && encodingError != nil { // for NaN and infinities
		err = fmt.Errorf("the weights are too large: %w", encodingError)
	}
	if err != nil {
		encoded, _ = json.Marshal(map[string]string{"error": err.Error()})
	}
	return string(encoded)
}

func (s *Session) call(text string, data [][]byte) (any, error) {
	var r request
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("malformed request: %w", err)
	}
	c, ok := calls[r.Call]
	if !ok {
		return nil, fmt.Errorf("request for %q, want one of %s", r.Call, strings.Join(slices.Sorted(maps.Keys(calls)), ", "))
	}
	if len(data) != c.data {
		return nil, fmt.Errorf("request for %s with %d byte arrays, want %d", r.Call, len(data), c.data)
	}
	return c.do(s, r, data)
}

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
	Losses     []float64 `json:"losses"`     // loss of each of these steps
	Accuracy   float64   `json:"accuracy"`   // accuracy on the test images, if Measured
	Measured   bool      `json:"measured"`
	Gradient   float64   `json:"gradient"`  // mean milliseconds of a gradient in these steps
	Evaluated  int       `json:"evaluated"` // evaluations of the loss in the textbook's loop, for all steps so far
	Textbook   float64   `json:"textbook"`  // estimated milliseconds of these evaluations
	Done       bool      `json:"done"`
	Diverged   bool      `json:"diverged"` // a number was no longer finite, and the built-in net is back
}

// train takes up to the given number of steps. It stops after most milliseconds,
// and at each multiple of 100 steps, where it measures the accuracy.
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
