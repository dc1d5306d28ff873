package nn

import (
	"math"
	"math/rand/v2"

	"numgrad/internal/kernel"
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
			weights[i] = s * normalFloat64(random)
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

// normalFloat64 returns the same number as r.NormFloat64, but with an exponential
// that has the same bits on every processor: the ziggurat of Marsaglia and Tsang
// (2000), whose strips of equal area lie on top of each other.
func normalFloat64(r *rand.Rand) float64 {
	for {
		u := r.Uint64()
		j, strip := int32(u), u>>32&0x7f
		x := float64(j) * float64(widths[strip])
		switch {
		case math.Abs(float64(j)) < inner[strip]: // below the curve for sure
			return x
		case strip == 0:
			return math.Copysign(normalTail(r), x)
		case heights[strip]+float32(float32(r.Float64())*(heights[strip-1]-heights[strip])) < float32(bell(x)):
			return x
		}
	}
}

// tail is where the lowest strip has no right side.
const tail = 3.442619855899

func normalTail(r *rand.Rand) float64 {
	for {
		x, y := -math.Log(r.Float64())*(1/tail), -math.Log(r.Float64())
		if y+y >= x*x {
			return tail + x
		}
	}
}

// bell returns exp(−x²/2).
func bell(x float64) float64 { return kernel.Exp(-0.5 * x * x) }

// The strips, from the lowest up: the width of each in units of an int32, the part
// of these units that is below the curve for sure, and the height of the right end.
var widths, inner, heights = func() (w [128]float32, in [128]float64, h [128]float32) {
	const area, unit = 9.91256303526217e-3, 1 << 31
	x := tail
	w[0], h[0] = float32(area/bell(x)/unit), 1
	in[0] = math.Floor(x * bell(x) / area * unit)
	for i := 127; i > 0; i-- {
		w[i], h[i] = float32(x/unit), float32(bell(x))
		above := 0.0
		if i > 1 {
			above = math.Sqrt(-2 * math.Log(area/x+bell(x)))
		}
		in[i] = math.Floor(above / x * unit)
		x = above
	}
	return w, in, h
}()
