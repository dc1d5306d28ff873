package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/diff/fd"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
)

// Settings determine the result of a training. Their names in JSON are the flags
// of cmd/train.
type Settings struct {
	HiddenSizes   Sizes         `json:"hidden"`              // units of each hidden layer
	Activation    nn.Activation `json:"activation"`          // of the hidden units
	Epochs        int           `json:"epochs"`              // passes over the training images
	Limit         int           `json:"limit"`               // train on the first Limit images; 0 for all
	BatchSize     int           `json:"batch"`               // images in a mini-batch; the last of an epoch may have fewer
	LearningRate  float64       `json:"lr"`                  // factor of the gradient in a step
	WeightInitStd Std           `json:"std"`                 // standard deviation of the initial weights
	Init          string        `json:"init,omitempty"`      // file of the initial weights; "" for random ones
	Gradient      string        `json:"gradient"`            // Numerical, InPlace or Backprop
	Formula       string        `json:"formula"`             // Central or Forward
	Step          float64       `json:"step"`                // h, in units of a weight
	Seed          uint64        `json:"seed"`                // of the initial weights and the shuffles
	Transpose     bool          `json:"transpose,omitempty"` // the images are transposed after loading
}

// The methods of computing the gradient.
const (
	Numerical = "numerical" // finite differences of all weights at once: [perturb.Engine.Gradient]
	InPlace   = "inplace"   // finite differences, the textbook's loop: [grad.Parallel]
	Backprop  = "backprop"  // [nn.Net.Gradient]
)

// The finite differences.
const (
	Central = "central" // [grad.Central]
	Forward = "forward" // [grad.Forward]
)

var formulas = map[string]fd.Formula{Central: grad.Central, Forward: grad.Forward}

// Book returns the settings of the book's train_neuralnet.py (section 4.5.3).
// Its 10,000 iterations are 17 epochs of 60,000 images. The book has no seed;
// Book returns 1.
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

// Bounds of a training, for the memory of a small machine.
const (
	maxLayers     = 200         // hidden layers; a file of weights holds 1,000 arrays
	maxWeights    = 20_000_000  // of the net
	maxActivation = 50_000_000  // units of the net × images of a batch
	maxReplicated = 200_000_000 // weights × workers
)

// Check returns an error for the first bad setting, in one line with its name, its
// value and the expected values.
func (s Settings) Check() error {
	least := 1
	if len(s.HiddenSizes) > 0 {
		least = slices.Min(s.HiddenSizes)
	}
	for _, c := range []struct {
		ok    bool
		name  string
		value any
		want  string
	}{
		{0 < len(s.HiddenSizes) && len(s.HiddenSizes) <= maxLayers, "hidden", fmt.Sprintf("a list of %d layers", len(s.HiddenSizes)), fmt.Sprintf("1 to %d layers", maxLayers)},
		{least > 0, "hidden", s.HiddenSizes, "at least 1 unit in each layer"},
		{s.Activation == nn.Sigmoid || s.Activation == nn.ReLU, "activation", strconv.Quote(string(s.Activation)), "sigmoid or relu"},
		{s.Epochs > 0, "epochs", s.Epochs, "at least 1"},
		{s.Limit >= 0, "limit", s.Limit, "a number of images, or 0 for all"},
		{s.BatchSize > 0, "batch", s.BatchSize, "at least 1 image"},
		{!(s.LearningRate < 0), "lr", s.LearningRate, "a positive number: a negative one is gradient ascent, and the loss would grow"},
		{s.LearningRate > 0 && s.LearningRate <= math.MaxFloat64, "lr", s.LearningRate, "a positive number, such as the book's 0.1"},
		{s.WeightInitStd.valid(), "std", s.WeightInitStd, "a number from 0 to 1e+100, such as the book's 0.01, or he or xavier"},
		{slices.Contains([]string{Numerical, InPlace, Backprop}, s.Gradient), "gradient", strconv.Quote(s.Gradient), "numerical, inplace or backprop"},
		{s.Formula == Central || s.Formula == Forward, "formula", strconv.Quote(s.Formula), "central or forward"},
		{s.Step >= 1e-300 && s.Step <= 1e100, "step", s.Step, "a number from 1e-300 to 1e+100, such as the book's 1e-4"},
	} {
		if !c.ok {
			return fmt.Errorf("%s is %v, want %s", c.name, c.value, c.want)
		}
	}
	return nil
}

// transpose transposes the images of the sets if the settings say so.
func (s Settings) transpose(sets ...*dataset.Set) {
	for _, set := range sets {
		if s.Transpose {
			set.Transpose()
		}
	}
}

// limited returns the training images that the settings use.
func (s Settings) limited(images *dataset.Set) *dataset.Set {
	if s.Limit > 0 {
		return images.Limit(s.Limit)
	}
	return images
}

// CheckSize returns an error of one line if a training on images would be too
// large. The bounds are 20 million weights, all training images in a batch, and
// 50 million units × images in a batch.
func (s Settings) CheckSize(images *dataset.Set) error {
	sizes := s.netSizes(images)
	var weights, units float64
	for l, outputs := range sizes[1:] {
		weights += (float64(sizes[l]) + 1) * float64(outputs)
		units += float64(outputs)
	}
	n := s.limited(images).Len()
	switch {
	case weights > maxWeights:
		return fmt.Errorf("hidden is %v, want a net of at most 20 million weights: it would have %.2g", s.HiddenSizes, weights)
	case s.BatchSize > n:
		return fmt.Errorf("batch is %d, want at most %d, the number of training images", s.BatchSize, n)
	case float64(s.BatchSize)*units > maxActivation:
		return fmt.Errorf("batch is %d, want at most %.0f images for a net of %.0f units", s.BatchSize, maxActivation/units, units)
	}
	return nil
}

// netSizes returns the sizes of a net for images.
func (s Settings) netSizes(images *dataset.Set) []int {
	return slices.Concat([]int{images.Size()}, s.HiddenSizes, []int{images.Classes})
}

// Sizes are the numbers of units of the hidden layers, first to last.
type Sizes []int

// String returns the sizes in the form of a flag, such as 100,50.
func (s Sizes) String() string {
	words := make([]string, len(s))
	for i, n := range s {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

// Set parses the form that String returns.
func (s *Sizes) Set(text string) error {
	var sizes Sizes
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return errors.New("want the units of each hidden layer, such as 50, or 100,100")
		}
		sizes = append(sizes, n)
	}
	*s = sizes
	return nil
}

// UnmarshalJSON reads a list, or a number, which early files have for one layer.
func (s *Sizes) UnmarshalJSON(text []byte) error {
	var one int
	if json.Unmarshal(text, &one) == nil {
		*s = Sizes{one}
		return nil
	}
	return json.Unmarshal(text, (*[]int)(s))
}

// Std is the standard deviation of the initial weights: a number, or a rule that
// computes it from the number of inputs of each layer.
type Std struct {
	Rule  string  // "he" for [nn.He], "xavier" for [nn.Xavier], or "" for Value
	Value float64 // of every layer, if there is no Rule
}

var rules = map[string]func(inputs int) float64{"he": nn.He, "xavier": nn.Xavier}

// of returns the standard deviation for a layer.
func (s Std) of(inputs int) float64 {
	if rule := rules[s.Rule]; rule != nil {
		return rule(inputs)
	}
	return s.Value
}

func (s Std) valid() bool {
	return rules[s.Rule] != nil || s.Rule == "" && s.Value >= 0 && s.Value <= 1e100
}

// String returns the rule or the number.
func (s Std) String() string {
	if s.Rule != "" {
		return s.Rule
	}
	return strconv.FormatFloat(s.Value, 'g', -1, 64)
}

// Set parses the form that String returns.
func (s *Std) Set(text string) error {
	if rules[text] != nil {
		*s = Std{Rule: text}
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return errors.New("want a number, he or xavier")
	}
	*s = Std{Value: value}
	return nil
}

// MarshalJSON writes the rule as a string, or the number.
func (s Std) MarshalJSON() ([]byte, error) {
	if s.Rule != "" {
		return json.Marshal(s.Rule)
	}
	return json.Marshal(s.Value)
}

// UnmarshalJSON reads the form that MarshalJSON writes.
func (s *Std) UnmarshalJSON(text []byte) error { return s.Set(strings.Trim(string(text), `"`)) }
