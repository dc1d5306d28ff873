package nn

import (
	"math"
	"math/rand/v2"
)

// NewTwoLayer returns the book's TwoLayerNet (section 4.5.1): sigmoid units,
// W1 and W2 drawn from N(0, std²), biases zero. The book's std, which it calls
// weight_init_std, is 0.01.
func NewTwoLayer(inputSize, hiddenSize, outputSize int, std float64, src rand.Source) *Net {
	return New([]int{inputSize, hiddenSize, outputSize}, Normal(std), src)
}

// New returns a net with the given numbers of inputs, of units of each hidden
// layer, and of classes: the book's MultiLayerNet (section 6.2). The hidden
// units are sigmoids until Activation is set. Each W is drawn from N(0, s²),
// where s is std of the layer's number of inputs, such as [He]; biases are
// zero. New panics for the sizes for which [NewParams] does.
func New(sizes []int, std func(inputs int) float64, src rand.Source) *Net {
	n := &Net{Params: NewParams(sizes...)}
	random := rand.New(src)
	for _, l := range n.Layers {
		inputs, _ := l.W.Dims()
		s := std(inputs)
		weights := l.W.RawMatrix().Data
		for i := range weights {
			weights[i] = s * random.NormFloat64()
		}
	}
	return n
}

// Normal returns the same standard deviation for every layer.
func Normal(std float64) func(inputs int) float64 {
	return func(int) float64 { return std }
}

// He returns √(2/inputs), the standard deviation for layers of ReLU units
// (section 6.2.3).
func He(inputs int) float64 { return math.Sqrt(2 / float64(inputs)) }

// Xavier returns √(1/inputs), the standard deviation for layers of sigmoid
// units (section 6.2.2).
func Xavier(inputs int) float64 { return math.Sqrt(1 / float64(inputs)) }
