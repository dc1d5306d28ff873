package play

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/internal/digit"
	"numgrad/nn"
)

// batchSize is the number of training images, the first ones, whose loss is
// looked at while a weight is moved. It is the book's batch size.
const batchSize = 100

// Weight names one weight of the net.
type Weight struct {
	Array  string `json:"array"`  // W1, b1, W2 or b2
	Row    int    `json:"row"`    // the input of a W; 0 of a b
	Column int    `json:"column"` // the unit
}

// index returns the weight's place in the Vector of the net.
func (s *Session) index(w Weight) (int, error) {
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

// Steepest returns the weight of W1 with the largest derivative.
func (s *Session) Steepest() (Weight, error) {
	if err := s.backprop(); err != nil {
		return Weight{}, err
	}
	w1 := s.known.gradient.Layers[0].W.RawMatrix()
	steepest := 0
	for i, v := range w1.Data {
		if math.Abs(v) > math.Abs(w1.Data[steepest]) {
			steepest = i
		}
	}
	return Weight{"W1", steepest / w1.Cols, steepest % w1.Cols}, nil
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

// loss is the loss of the batch at the net's present weights.
func (s *Session) loss() float64 { return s.net.Loss(s.batch.X, s.batch.T) }

// lossAt is the loss of the batch with weight i displaced by d.
func (s *Session) lossAt(i int, d float64) float64 {
	saved := s.net.Vector[i]
	defer func() { s.net.Vector[i] = saved }()
	s.net.Vector[i] = saved + d
	return s.loss()
}

// Nudged is what the loss does when one weight w moves.
type Nudged struct {
	Value     float64   `json:"value"`     // w
	Loss      float64   `json:"loss"`      // L(w)
	Moved     float64   `json:"moved"`     // L(w + s)
	Minus     float64   `json:"minus"`     // L(w − h)
	Plus      float64   `json:"plus"`      // L(w + h)
	Numerical float64   `json:"numerical"` // (L(w + h) − L(w − h)) / 2h, by package grad
	Backprop  float64   `json:"backprop"`  // ∂L/∂w, by backpropagation
	Curve     []float64 `json:"curve"`     // L(w + s) − L(w) at curvePoints equal steps of s from −2h to 2h
	Errors    []float64 `json:"errors"`    // |numerical − backprop| for h = 1, 0.1, … 1e-16, and 1e-50
}

// curvePoints is the number of points of a curve. It is odd, so that s = 0 is
// one of them.
const curvePoints = 81

// Nudge moves a weight by s, and by ±h, and puts it back. All numbers are of the
// net as it is now: a training does not go on between them.
func (s *Session) Nudge(w Weight, h, by float64) (n Nudged, err error) {
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
	var seen []float64
	look := func() float64 {
		seen = append(seen, s.loss())
		return seen[len(seen)-1]
	}
	n.Numerical = grad.Partial(look, s.net.Vector, i, &grad.Settings{Step: h})
	n.Minus, n.Plus = seen[0], seen[1] // in the order of grad.Central
	n.Value, n.Loss, n.Moved = s.net.Vector[i], s.loss(), s.lossAt(i, by)
	n.Backprop = s.known.gradient.Vector[i]
	n.Curve, n.Errors = s.curves(w, i, h)
	return n, nil
}

// curves returns the curve of a weight and its errors. Only what is not known
// is computed: they are most of the price of a nudge.
func (s *Session) curves(w Weight, i int, h float64) (curve, errors []float64) {
	k := &s.known
	if k.errors == nil || k.weight != w {
		k.curve, k.errors = nil, s.errors(i)
	}
	if k.curve == nil || k.h != h {
		k.curve = s.curve(i, 2*h)
	}
	k.weight, k.h = w, h
	return k.curve, k.errors
}

func checkStep(h float64) error {
	if !(h > 0) || math.IsInf(h, 1) {
		return fmt.Errorf("h is %v, want a positive number, such as the book's 1e-4", h)
	}
	return nil
}

// curve returns the changes of the loss at equal steps of weight i from −reach
// to reach.
func (s *Session) curve(i int, reach float64) []float64 {
	loss := s.loss()
	curve := floats.Span(make([]float64, curvePoints), -reach, reach)
	for k, by := range curve {
		curve[k] = s.lossAt(i, by) - loss
	}
	return curve
}

// errors returns |numerical − backprop| of weight i for h = 1, 0.1, … 1e-16, and
// for 1e-50, with which the book shows what too small a step does.
func (s *Session) errors(i int) []float64 {
	var deviations []float64
	for k := range 18 {
		h := math.Pow10(-k)
		if k == 17 {
			h = 1e-50
		}
		numerical := grad.Partial(s.loss, s.net.Vector, i, &grad.Settings{Step: h})
		deviations = append(deviations, math.Abs(numerical-s.known.gradient.Vector[i]))
	}
	return deviations
}

// Whole is the numerical gradient of the batch for all weights.
type Whole struct {
	Weights      int     `json:"weights"`
	Losses       int     `json:"losses"`       // that it stands for
	Milliseconds float64 `json:"milliseconds"` // that it took
	Textbook     float64 `json:"textbook"`     // milliseconds that the losses would take one by one
	Deviation    float64 `json:"deviation"`    // the largest |numerical − backprop|
	Picture      []byte  `json:"picture"`      // of a unit's ∂L/∂W1, as in Units
}

// All computes the numerical gradient of all weights at once, with a picture
// for one hidden unit.
func (s *Session) All(h float64, unit int) (all Whole, err error) {
	if err := s.backprop(); err != nil {
		return all, err
	}
	if err := checkStep(h); err != nil {
		return all, err
	}
	w1 := s.net.Layers[0].W
	if _, units := w1.Dims(); unit < 0 || unit >= units {
		return all, fmt.Errorf("the net has hidden units 0…%d, not %d", units-1, unit)
	}
	numerical := nn.NewParams(s.net.Sizes()...)
	settings := &grad.Settings{Step: h, Workers: 1}
	s.engine.Gradient(numerical, s.net, s.batch.X, s.batch.T, settings) // makes room, once for each size of net
	start := time.Now()
	s.engine.Gradient(numerical, s.net, s.batch.X, s.batch.T, settings)
	all.Milliseconds = milliseconds(time.Since(start))
	all.Weights = len(numerical.Vector)
	all.Losses = 2 * all.Weights
	all.Textbook = float64(all.Losses) * s.measureLoss()
	all.Deviation = floats.Distance(numerical.Vector, s.known.gradient.Vector, math.Inf(1))
	column := mat.Col(nil, unit, numerical.Layers[0].W)
	all.Picture = signed(column, floats.Norm(column, math.Inf(1)))
	return all, nil
}

// measureLoss returns the milliseconds that one loss of the batch takes: the
// least of a few, since the machine may have other work.
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

// Pictures are images of 28×28 pixels.
type Pictures struct {
	Weights int    `json:"weights"` // how many the net has
	Units   int    `json:"units"`   // how many hidden units
	W1      []byte `json:"w1"`      // the weights into each of the first ones, 128 for zero, 1 for −limit, 255 for limit
	Unit    []byte `json:"unit"`    // the weights into the one asked for
	Ink     []byte `json:"ink"`     // the mean of the batch, 255 for ink; empty if it is not loaded
}

// mostUnits is the number of hidden units that Pictures shows side by side.
const mostUnits = 100

// Pictures shows the weights of W1, unit by unit, those of one unit, or of the
// last one if there are fewer, and the batch.
func (s *Session) Pictures(unit int) Pictures {
	w1 := s.net.Layers[0].W
	weights := w1.RawMatrix().Data
	limit := 3 * floats.Norm(weights, 2) / math.Sqrt(float64(len(weights)))
	_, units := w1.Dims()
	p := Pictures{Weights: len(s.net.Vector), Units: units}
	into := func(unit int) []byte { return signed(mat.Col(nil, unit, w1), limit) }
	for j := range min(units, mostUnits) {
		p.W1 = append(p.W1, into(j)...)
	}
	p.Unit = into(max(0, min(unit, units-1)))
	if s.trainSet != nil {
		for i := range digit.Size * digit.Size {
			p.Ink = append(p.Ink, byte(math.Round(255*mat.Sum(s.batch.X.ColView(i))/batchSize)))
		}
	}
	return p
}

// signed returns numbers of −limit…limit as bytes of 1…255.
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
