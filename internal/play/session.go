// Package play computes for the page of cmd/play: the digit in a drawing, the
// loss when one weight moves, a training by numerical gradients, and paths of
// gradient descent. The numbers come from packages digit, nn, grad, perturb and
// train.
//
// The page sends JSON to [Session.Call]; package numgrad/internal/play/wasm
// connects the two. The package also runs without a browser, as its tests do.
package play

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"maps"
	"slices"
	"strings"

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

	weight        Weight  // of curve and errors
	h             float64 // of curve
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

// LoadTrain loads the training images and labels from IDX files, gzipped or not.
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

// LoadTest loads the test images and labels.
func (s *Session) LoadTest(images, labels []byte) (err error) {
	if s.testSet, err = readDigits(images, labels); err != nil {
		return fmt.Errorf("test %w", err)
	}
	return nil
}

// readDigits reads a set of 28×28 pixels in at most 10 classes.
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

var errNoImages = errors.New("the images are not loaded yet")

// Answer is the net's answer to one image.
type Answer struct {
	Digit         int       `json:"digit"`         // most probable class
	Probabilities []float64 `json:"probabilities"` // of each class
	Seen          []byte    `json:"seen"`          // 28×28 input pixels, 255 for ink
}

// Draw answers for a drawing: RGBA pixels in rows of the given width. A drawing
// without a digit is an error of [digit.Normalize].
func (s *Session) Draw(pixels []byte, width int) (Answer, error) {
	if width < 1 || len(pixels) == 0 || len(pixels)%(4*width) != 0 {
		return Answer{}, fmt.Errorf("a drawing of %d bytes in rows of %d pixels, want whole rows of 4 bytes per pixel", len(pixels), width)
	}
	drawing := &image.NRGBA{Pix: pixels, Stride: 4 * width, Rect: image.Rect(0, 0, width, len(pixels)/(4*width))}
	seen, err := digit.Normalize(drawing)
	if err != nil {
		return Answer{}, err
	}
	return s.answer(seen.Pix), nil
}

// TestAnswer is the net's answer to a test image.
type TestAnswer struct {
	Answer
	Index int `json:"index"` // of the image
	Label int `json:"label"` // right class
}

// Test answers for a test image. The index wraps around.
func (s *Session) Test(index int) (TestAnswer, error) {
	if s.testSet == nil {
		return TestAnswer{}, errNoImages
	}
	n := s.testSet.Len()
	index = (index%n + n) % n
	return TestAnswer{s.answer(s.testSet.Images[index]), index, int(s.testSet.Labels[index])}, nil
}

func (s *Session) answer(pixels []byte) Answer {
	x := mat.NewDense(1, len(pixels), nil)
	for i, v := range pixels {
		x.Set(0, i, float64(v)/255)
	}
	y := s.net.Predict(x).RawRowView(0)
	return Answer{Digit: floats.MaxIdx(y), Probabilities: y, Seen: pixels}
}

// request is a request of the page. Each call reads the fields that it needs.
type request struct {
	Call string `json:"call"`
	Weight
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
	"loadTrain": {2, func(s *Session, _ request, data [][]byte) (any, error) { return nil, s.LoadTrain(data[0], data[1]) }},
	"loadTest":  {2, func(s *Session, _ request, data [][]byte) (any, error) { return nil, s.LoadTest(data[0], data[1]) }},
	"draw":      {1, func(s *Session, r request, data [][]byte) (any, error) { return s.drawing(data[0], r.Width) }},
	"test":      {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Test(r.Index) }},
	"builtIn":   {0, func(s *Session, _ request, _ [][]byte) (any, error) { s.useBuiltIn(); return nil, nil }},
	"pictures":  {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Pictures(r.Column), nil }},
	"steepest":  {0, func(s *Session, _ request, _ [][]byte) (any, error) { return s.Steepest() }},
	"nudge": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return s.Nudge(r.Weight, r.H, r.S, r.Milliseconds)
	}},
	"all": {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.All(r.H, r.Column) }},
	"textbook": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return s.Textbook(r.H, r.Column, r.Index, r.Milliseconds)
	}},
	"begin": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return nil, s.Begin(r.Hidden, r.LearningRate, r.H)
	}},
	"train":   {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Train(r.Steps, r.Milliseconds) }},
	"save":    {0, func(s *Session, _ request, _ [][]byte) (any, error) { return s.Save() }},
	"map":     {0, func(_ *Session, r request, _ [][]byte) (any, error) { return Map(r.Function) }},
	"place":   {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Place(r.Function, r.X, r.Y, r.H) }},
	"descend": {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Descend(r.LearningRate, r.H, r.Steps) }},
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

// troubles are the page's words for drawings without a digit.
var troubles = map[error]string{
	digit.ErrNoInk:   "empty",
	digit.ErrFilled:  "filled",
	digit.ErrSeveral: "several",
	digit.ErrFrame:   "frame",
}

// drawing is Draw, with {"trouble": word} for a drawing without a digit.
func (s *Session) drawing(pixels []byte, width int) (any, error) {
	answer, err := s.Draw(pixels, width)
	if trouble, ok := troubles[err]; ok {
		return map[string]string{"trouble": trouble}, nil
	}
	return answer, err
}
