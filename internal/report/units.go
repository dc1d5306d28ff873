package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"numgrad/dataset"
	"numgrad/nn"
)

// maxPixels and maxUnits bound how many hidden units the page has pictures of,
// and with them its size.
const (
	maxPixels = 80_000 // in all, 102 units of MNIST
	maxUnits  = 100
)

// shownUnits returns how many of the hidden units are shown.
func shownUnits(p *nn.Params) int {
	inputs, hidden := p.Layers[0].W.Dims()
	return min(hidden, maxUnits, max(1, maxPixels/inputs))
}

// units is what the hidden units of the first layer look for: a picture of the
// weights of each.
type units struct {
	Hidden   int // units that there are
	Limit    float64
	Legend   picture
	Pictures []unit
	Speak    bool // whether the units speak to the classes, and not to a deeper layer
}

type unit struct {
	picture
	For, Against int // the classes with the largest and the smallest weight in W2, if the units Speak
}

func newUnits(p *nn.Params, set *dataset.Set) units {
	first, next := p.Layers[0].W, p.Layers[1].W
	_, hidden := first.Dims()
	s := scale{quantile(first.RawMatrix().Data, 0.995)}
	u := units{Hidden: hidden, Limit: s.limit, Legend: s.legend(), Speak: len(p.Layers) == 2}
	for j := range shownUnits(p) {
		out := next.RawRowView(j)
		u.Pictures = append(u.Pictures, unit{
			picture: newPicture(s.tile(mat.Col(nil, j, first), set.Cols), maxZoom(set), "weights of hidden unit %d", j),
			For:     floats.MaxIdx(out),
			Against: floats.MinIdx(out),
		})
	}
	return u
}

// quantile returns the value that a share p of the absolute values does not
// exceed.
func quantile(values []float64, p float64) float64 {
	size := make([]float64, len(values))
	for i, v := range values {
		size[i] = math.Abs(v)
	}
	slices.Sort(size)
	return stat.Quantile(p, stat.Empirical, size, nil)
}
