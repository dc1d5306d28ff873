package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/diff/fd"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
)

// Settings are the choices of a training that its result depends on. The
// names in JSON are those of the command's flags.
type Settings struct {
	HiddenSizes   Sizes         `json:"hidden"`              // units of each hidden layer
	Activation    nn.Activation `json:"activation"`          // of the hidden units
	Epochs        int           `json:"epochs"`              // passes over the training images
	Limit         int           `json:"limit"`               // train on the first that many images; 0 for all
	BatchSize     int           `json:"batch"`               // images in a step; the last of an epoch may have fewer
	LearningRate  float64       `json:"lr"`                  // what the gradient is multiplied with
	WeightInitStd Std           `json:"std"`                 // standard deviation of the initial weights
	Init          string        `json:"init,omitempty"`      // where the initial weights are from, if they are not random
	Gradient      string        `json:"gradient"`            // Numerical, InPlace or Backprop
	Formula       string        `json:"formula"`             // Central or Forward
	Step          float64       `json:"step"`                // h, in units of a weight
	Seed          uint64        `json:"seed"`                // of the initial weights and of the shuffles
	Transpose     bool          `json:"transpose,omitempty"` // the images were transposed after loading
}

// The ways to the gradient.
const (
	Numerical = "numerical" // finite differences, all at once: [perturb.Engine.Gradient]
	InPlace   = "inplace"   // finite differences, the textbook's loop: [grad.Parallel]
	Backprop  = "backprop"  // [nn.Net.Gradient]
)

// The finite differences.
const (
	Central = "central" // [grad.Central]
	Forward = "forward" // [grad.Forward]
)

// Book returns the settings of the book's train_neuralnet.py (section 4.5.3),
// whose 10,000 iterations are 17 epochs of 60,000 images. The seed, which the
// book leaves open, is 1.
func Book() Settings {
	return Settings{
		HiddenSizes:   Sizes{50},
		Activation:    nn.Sigmoid,
		Epochs:        17,
		BatchSize:     100,
		LearningRate:  0.1,
		WeightInitStd: Std{Value: 0.01},
		Gradient:      Numerical,
		Formula:       Central,
		Step:          grad.BookStep,
		Seed:          1,
	}
}

// Check returns an error that names each setting that cannot be trained with,
// what it says and what is expected, or nil.
func (s Settings) Check() error {
	var errs []error
	expect := func(ok bool, name string, value any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s is %v, want %s", name, value, want))
		}
	}
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
	expect(len(s.HiddenSizes) > 0 && len(s.HiddenSizes) <= maxLayers && slices.Min(s.HiddenSizes) > 0, "hidden", s.HiddenSizes.brief(), fmt.Sprintf("at least 1 unit in each of 1 to %d layers", maxLayers))
	expect(s.Activation == nn.Sigmoid || s.Activation == nn.ReLU, "activation", fmt.Sprintf("%q", s.Activation), "sigmoid or relu")
	expect(s.Epochs > 0, "epochs", s.Epochs, "at least 1")
	expect(s.Limit >= 0, "limit", s.Limit, "a number of images, or 0 for all")
	expect(s.BatchSize > 0, "batch", s.BatchSize, "at least 1 image")
	expect(positive(s.LearningRate), "lr", s.LearningRate, "a positive number, such as the book's 0.1")
	expect(s.WeightInitStd.valid(), "std", s.WeightInitStd, "a number from 0 to 1e+100, such as the book's 0.01, or he or xavier")
	expect(s.Gradient == Numerical || s.Gradient == InPlace || s.Gradient == Backprop,
		"gradient", fmt.Sprintf("%q", s.Gradient), "numerical, inplace or backprop")
	expect(s.Formula == Central || s.Formula == Forward, "formula", fmt.Sprintf("%q", s.Formula), "central or forward")
	expect(s.Step >= 1e-300 && s.Step <= 1e100, "step", s.Step, "a number from 1e-300 to 1e+100, such as the book's 1e-4")
	return errors.Join(errs...)
}

// maxLayers is half of what a file of weights can hold.
const maxLayers = 200

// parts returns into how many parts the gradient's work can be shared out: the
// images of a batch, and in place, where each worker has weights of its own,
// the weights.
func (s Settings) parts(images *dataset.Set) int {
	if s.Gradient == InPlace {
		return math.MaxInt
	}
	return min(s.BatchSize, images.Len())
}

// Memory returns about how many bytes the training takes beside the images,
// on as many goroutines as [New] has for workers. It is not an int, because
// settings that ask for more than an int can hold are those to be refused.
func (s Settings) Memory(images *dataset.Set, workers int) float64 {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	sizes := s.netSizes(images)
	var weights, deeper, units float64
	for l, outputs := range sizes[1:] {
		layer := float64(sizes[l]+1) * float64(outputs)
		weights += layer
		if l > 0 {
			deeper += layer
		}
		units += float64(outputs)
	}
	batch := float64(min(s.BatchSize, images.Len()))
	numbers := 2*weights + batch*float64(images.Size()) // the net, its gradient and the batch
	switch s.Gradient {
	case InPlace: // a replica for each worker
		numbers += float64(workers) * (weights + 3*batch*units)
	case Backprop: // the activations of the batch and their derivatives
		numbers += 6 * batch * units
	default: // the engine's transposes, and a block of rows
		numbers += deeper + max(8<<20, 30*units)
	}
	return 8*numbers + 100<<20
}

// difference returns the finite difference that the settings name.
func (s Settings) difference(workers int) grad.Settings {
	formulas := map[string]fd.Formula{Central: grad.Central, Forward: grad.Forward}
	return grad.Settings{Formula: formulas[s.Formula], Step: s.Step, Workers: workers}
}
