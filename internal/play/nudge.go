package play

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

// batchSize is the number of training images, the first ones, in the loss of a
// nudge. It is the book's batch size.
const batchSize = 100

// weight names one weight of the net.
type weight struct {
	Array  string `json:"array"`  // W1, b1, W2 or b2
	Row    int    `json:"row"`    // input of a W; 0 for a b
	Column int    `json:"column"` // unit
}

// index returns the weight's place in the Vector of the net.
func (s *Session) index(w weight) (int, error) {
	first := 0
	for _, a := range s.net.Arrays() {
		if a.Name == w.Array {
			columns := a.Shape[len(a.Shape)-1]
			rows := len(a.Data) / columns
			if w.Row < 0 || w.Row >= rows || w.Column < 0 || w.Column >= columns {
				return 0, fmt.Errorf("%s has rows 0…%d and columns 0…%d, not row %d, column %d", a.Name, rows-1, columns-1, w.Row, w.Column)
			}
			return first + w.Row*columns + w.Column, nil
		}
		first += len(a.Data)
	}
	return 0, fmt.Errorf("the net has no weights named %q", w.Array)
}

// steepest returns the weight of W1 with the largest derivative.
func (s *Session) steepest() (weight, error) {
	if err := s.backprop(); err != nil {
		return weight{}, err
	}
	w1 := s.known.gradient.Layers[0].W.RawMatrix()
	steepest := 0
	for i, v := range w1.Data {
		if math.Abs(v) > math.Abs(w1.Data[steepest]) {
			steepest = i
		}
	}
	return weight{"W1", steepest / w1.Cols, steepest % w1.Cols}, nil
}

// backprop fills s.known.gradient.
func (s *Session) backprop() error {
	if s.trainSet == nil {
		return errNoImages
	}
	if s.known.gradient == nil {
		s.known.gradient = nn.NewParams(s.net.Sizes()...)
		s.net.Gradient(s.known.gradient, s.batch.X, s.batch.T)
	}
	return nil
}

// loss returns the loss of the batch.
func (s *Session) loss() float64 { return s.net.Loss(s.batch.X, s.batch.T) }

// at calls f with weight i displaced by d.
func (s *Session) at(i int, d float64, f func() float64) float64 {
	saved := s.net.Vector[i]
	defer func() { s.net.Vector[i] = saved }()
	s.net.Vector[i] = saved + d
	return f()
}

// nudged holds the losses and the derivatives of one weight w.
type nudged struct {
	Value         float64   `json:"value"`         // w
	Loss          float64   `json:"loss"`          // L(w)
	Moved         float64   `json:"moved"`         // L(w + s)
	Accuracy      float64   `json:"accuracy"`      // accuracy of the batch at w, 0 to 1
	MovedAccuracy float64   `json:"movedAccuracy"` // accuracy of the batch at w + s
	Minus         float64   `json:"minus"`         // L(w − h)
	Plus          float64   `json:"plus"`          // L(w + h)
	Numerical     float64   `json:"numerical"`     // (L(w + h) − L(w − h)) / 2h, by package grad
	Backprop      float64   `json:"backprop"`      // ∂L/∂w, by backpropagation
	Curve         []float64 `json:"curve"`         // L(w + s) − L(w) at equal steps of s from −2h to 2h, up to curvePoints
	Errors        []float64 `json:"errors"`        // |numerical − backprop| for each of errorSteps
	Done          bool      `json:"done"`          // Curve and Errors are complete
}

// curvePoints is odd, so that s = 0 is one of the points.
const curvePoints = 81

// errorSteps are the h of Errors. The last one is the book's example of a step
// that is too small.
var errorSteps = []float64{1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15, 1e-16, 1e-50}

// nudge moves a weight by s and by ±h, and puts it back. It extends Curve and
// Errors for most milliseconds; the next call with the same weight and h
// continues them.
func (s *Session) nudge(w weight, h, by, most float64) (n nudged, err error) {
	i, err := s.index(w)
	if err != nil {
		return n, err
	}
	if err := s.backprop(); err != nil {
		return n, err
	}
	if err := checkStep(h); err != nil {
		return n, err
	}
	var losses []float64
	loss := func() float64 {
		losses = append(losses, s.loss())
		return losses[len(losses)-1]
	}
	accuracy := func() float64 { return s.net.Accuracy(s.batch.X, s.batch.T) }
	n.Numerical = grad.Partial(loss, s.net.Vector, i, &grad.Settings{Step: h})
	n.Minus, n.Plus = losses[0], losses[1] // the order of grad.Central
	n.Value, n.Loss, n.Moved = s.net.Vector[i], s.loss(), s.at(i, by, s.loss)
	n.Accuracy, n.MovedAccuracy = accuracy(), s.at(i, by, accuracy)
	n.Backprop = s.known.gradient.Vector[i]

	k := &s.known
	if k.weight != w {
		k.errors, k.curve = nil, nil
	}
	if k.h != h {
		k.curve = nil
	}
	k.weight, k.h = w, h
	for start := time.Now(); !n.Done; {
		if c := len(k.curve); c < curvePoints {
			k.curve = append(k.curve, s.at(i, 2*h*(2*float64(c)/(curvePoints-1)-1), s.loss)-n.Loss)
		}
		if e := len(k.errors); e < len(errorSteps) {
			numerical := grad.Partial(s.loss, s.net.Vector, i, &grad.Settings{Step: errorSteps[e]})
			k.errors = append(k.errors, math.Abs(numerical-n.Backprop))
		}
		n.Done = len(k.curve) == curvePoints && len(k.errors) == len(errorSteps)
		if milliseconds(time.Since(start)) >= most {
			break
		}
	}
	n.Curve, n.Errors = k.curve, k.errors
	return n, nil
}

func checkStep(h float64) error {
	if !(h > 0) || math.IsInf(h, 1) {
		return fmt.Errorf("h is %v, want a positive number, such as the book's 1e-4", h)
	}
	return nil
}

// whole describes the numerical gradient of the batch for all weights.
type whole struct {
	Weights      int     `json:"weights"`
	Losses       int     `json:"losses"`       // evaluations of the loss in the textbook's loop
	Milliseconds float64 `json:"milliseconds"` // time of the engine
	Textbook     float64 `json:"textbook"`     // estimated milliseconds of the textbook's loop
	Deviation    float64 `json:"deviation"`    // largest |numerical − backprop|
	Rounded      int     `json:"rounded"`      // weights with w ± h = w, for which the textbook finds zero
	Limit        float64 `json:"limit"`        // largest |derivative| in Picture
	Picture      []byte  `json:"picture"`      // ∂L/∂W1 of one hidden unit, as in Pictures
}

// all computes the numerical gradient of all weights at once, with a picture for
// one hidden unit.
func (s *Session) all(h float64, unit int) (all whole, err error) {
	if err := s.checkUnit(h, unit); err != nil {
		return all, err
	}
	numerical := nn.NewParams(s.net.Sizes()...)
	settings := &grad.Settings{Step: h, Workers: 1}
	s.engine.Gradient(numerical, s.net, s.batch.X, s.batch.T, settings) // allocates, once for each size of net
	start := time.Now()
	s.engine.Gradient(numerical, s.net, s.batch.X, s.batch.T, settings)
	all.Milliseconds = milliseconds(time.Since(start))
	all.Weights = len(numerical.Vector)
	all.Losses = 2 * all.Weights
	all.Textbook = float64(all.Losses) * s.measureLoss()
	all.Deviation = floats.Distance(numerical.Vector, s.known.gradient.Vector, math.Inf(1))
	for _, w := range s.net.Vector {
		if w+h == w && w-h == w {
			all.Rounded++
		}
	}
	column := mat.Col(nil, unit, numerical.Layers[0].W)
	all.Limit = floats.Norm(column, math.Inf(1))
	all.Picture = signed(column, all.Limit)
	return all, nil
}

// textbook computes the derivatives of a hidden unit's weights from the given
// input on, each from two losses. It stops after the given milliseconds, and
// computes at least one.
func (s *Session) textbook(h float64, unit, from int, most float64) (derivatives []float64, err error) {
	if err := s.checkUnit(h, unit); err != nil {
		return nil, err
	}
	inputs, units := s.net.Layers[0].W.Dims()
	if from < 0 || from >= inputs {
		return nil, fmt.Errorf("the net has inputs 0…%d, not %d", inputs-1, from)
	}
	for start := time.Now(); from < inputs && (len(derivatives) == 0 || milliseconds(time.Since(start)) < most); from++ {
		derivatives = append(derivatives, grad.Partial(s.loss, s.net.Vector, from*units+unit, &grad.Settings{Step: h}))
	}
	return derivatives, nil
}

// checkUnit checks a step and a hidden unit, and fills s.known.gradient.
func (s *Session) checkUnit(h float64, unit int) error {
	if err := s.backprop(); err != nil {
		return err
	}
	if _, units := s.net.Layers[0].W.Dims(); unit < 0 || unit >= units {
		return fmt.Errorf("the net has hidden units 0…%d, not %d", units-1, unit)
	}
	return checkStep(h)
}

// measureLoss returns the milliseconds of one loss of the batch: the smallest of
// five measurements, because the machine may be busy.
func (s *Session) measureLoss() float64 {
	s.lossTime = math.Inf(1)
	for range 5 {
		start := time.Now()
		s.loss()
		s.lossTime = min(s.lossTime, milliseconds(time.Since(start)))
	}
	return s.lossTime
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// pictures holds images of 28×28 pixels.
type pictures struct {
	Weights int    `json:"weights"` // number of weights in the net
	Units   int    `json:"units"`   // number of hidden units
	W1      []byte `json:"w1"`      // weights into each of the first 100 units: 1 for −limit, 128 for zero, 255 for limit
	Unit    []byte `json:"unit"`    // weights into one unit
	Ink     []byte `json:"ink"`     // mean of the batch, 255 for ink; empty before it is loaded
}

// pictures returns pictures of W1, with one for the given unit, or for the last
// one if there are fewer.
func (s *Session) pictures(unit int) pictures {
	w1 := s.net.Layers[0].W
	weights := w1.RawMatrix().Data
	limit := 3 * floats.Norm(weights, 2) / math.Sqrt(float64(len(weights)))
	_, units := w1.Dims()
	p := pictures{Weights: len(s.net.Vector), Units: units}
	into := func(unit int) []byte { return signed(mat.Col(nil, unit, w1), limit) }
	for j := range min(units, 100) {
		p.W1 = append(p.W1, into(j)...)
	}
	p.Unit = into(max(0, min(unit, units-1)))
	if s.trainSet != nil {
		for pixel := range weights[:len(p.Unit)] {
			p.Ink = append(p.Ink, byte(math.Round(255*floats.Sum(mat.Col(nil, pixel, s.batch.X))/batchSize)))
		}
	}
	return p
}

// signed maps numbers from −limit…limit to 1…255.
func signed(values []float64, limit float64) []byte {
	bytes := make([]byte, len(values))
	for i, v := range values {
		if limit > 0 {
			v /= limit
		}
		bytes[i] = byte(128 + math.Round(127*min(max(v, -1), 1)))
	}
	return bytes
}
