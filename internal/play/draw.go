package play

import (
	"fmt"
	"image"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/internal/digit"
)

// Answer is what the net says of one image.
type Answer struct {
	Digit         int       `json:"digit"`         // the most probable class
	Probabilities []float64 `json:"probabilities"` // of each class
	Seen          []byte    `json:"seen"`          // the 28×28 pixels that the net was shown, 255 for ink
}

// Draw answers for a drawing: pixels as RGBA, rows of the given width in pixels.
// A drawing that shows no digit is an error of [digit.Normalize].
func (s *Session) Draw(pixels []byte, width int) (Answer, error) {
	if width < 1 || len(pixels) == 0 || len(pixels)%(4*width) != 0 {
		return Answer{}, fmt.Errorf("a drawing of %d bytes in rows of %d pixels, want whole rows of 4 bytes for each", len(pixels), width)
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
	Label int `json:"label"` // the digit that it shows
	Count int `json:"count"` // of test images
}

// Test answers for the test image of that index, which wraps around.
func (s *Session) Test(index int) (TestAnswer, error) {
	if s.testSet == nil {
		return TestAnswer{}, errNoImages
	}
	n := s.testSet.Len()
	index = (index%n + n) % n
	return TestAnswer{s.answer(s.testSet.Images[index]), index, int(s.testSet.Labels[index]), n}, nil
}

// answer shows the net the pixels of an image of MNIST's form.
func (s *Session) answer(pixels []byte) Answer {
	x := mat.NewDense(1, len(pixels), nil)
	for i, v := range pixels {
		x.Set(0, i, float64(v)/255)
	}
	y := s.net.Predict(x).RawRowView(0)
	return Answer{Digit: floats.MaxIdx(y), Probabilities: y, Seen: pixels}
}
