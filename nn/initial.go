package nn

import (
	"math"
	"math/rand/v2"

	"numgrad/internal/kernel"
)

// NewTwoLayer returns the book's TwoLayerNet (section 4.5.1). Its hidden units are
// sigmoids, W1 and W2 are drawn from N(0, std²), and the biases are zero. std is the
// book's weight_init_std, 0.01.
func NewTwoLayer(inputSize, hiddenSize, outputSize int, std float64, src rand.Source) *Net {
	return New([]int{inputSize, hiddenSize, outputSize}, Normal(std), src)
}

// New returns the book's MultiLayerNet (section 6.2) with the given sizes, as in
// [NewParams]. Each W is drawn from N(0, std(inputs)²), where inputs is the number of
// inputs of the layer; [He], [Xavier] and [Normal] give std. The biases are zero. The
// hidden units are sigmoids; set Activation for others.
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

// Normal returns a function for [New] that gives every layer the standard deviation
// std.
func Normal(std float64) func(inputs int) float64 {
	return func(int) float64 { return std }
}

// He returns √(2/inputs), the standard deviation for layers of ReLU units
// (section 6.2.3).
func He(inputs int) float64 { return math.Sqrt(2 / float64(inputs)) }

// Xavier returns √(1/inputs), the standard deviation for layers of sigmoid
// units (section 6.2.2).
func Xavier(inputs int) float64 { return math.Sqrt(1 / float64(inputs)) }

// normalFloat64 is r.NormFloat64 with an exponential that has the same bits on every
// processor. It is the ziggurat of Marsaglia and Tsang (2000): the area under the curve
// is covered by 128 strips of equal area.
func normalFloat64(r *rand.Rand) float64 {
	for {
		u := r.Uint64()
		j, strip := int32(u), u>>32&0x7f
		x := float64(j) * float64(widths[strip])
		switch {
		case math.Abs(float64(j)) < inner[strip]: // certainly below the curve
			return x
		case strip == 0:
			return math.Copysign(normalTail(r), x)
		case heights[strip]+float32(float32(r.Float64())*(heights[strip-1]-heights[strip])) < float32(bell(x)):
			return x
		}
	}
}

// tail is the start of the tail, which belongs to the lowest strip.
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

// For each strip, from the lowest: its width per unit of an int32, the number of units
// certainly below the curve, and the height of the curve at its right end.
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
