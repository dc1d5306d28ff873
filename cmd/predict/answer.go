package main

import (
	"errors"
	"fmt"
	"image"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/internal/digit"
	"numgrad/nn"
)

// answer is what the net thinks of one picture.
type answer struct {
	File          string    `json:"file"`
	Digit         int       `json:"digit"`         // the most probable class
	Probabilities []float64 `json:"probabilities"` // of each class

	seen *image.Gray // what the net was shown
}

// checkInputs returns an error if the net does not take MNIST's images.
func checkInputs(net *nn.Net) error {
	const want = digit.Size * digit.Size
	if inputs := net.Inputs(); inputs != want {
		return fmt.Errorf("the net takes %d inputs, want the %d pixels of %d×%d: give weights trained on such images",
			inputs, want, digit.Size, digit.Size)
	}
	return nil
}

// ask returns the net's answer to an image in the form of MNIST.
func ask(net *nn.Net, file string, seen *image.Gray) (*answer, error) {
	x := mat.NewDense(1, len(seen.Pix), nil)
	for i, v := range seen.Pix {
		x.Set(0, i, float64(v)/255)
	}
	p := net.Predict(x).RawRowView(0)
	if floats.HasNaN(p) {
		return nil, errors.New("the net's answer is not a number: its weights are too large")
	}
	return &answer{File: file, Digit: floats.MaxIdx(p), Probabilities: p, seen: seen}, nil
}
