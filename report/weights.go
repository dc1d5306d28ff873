package report

import (
	"fmt"
	"image"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
	"numgrad/train"
)

// maxPixels and maxUnits bound how many hidden units the page has pictures of,
// and with them its size.
const (
	maxPixels = 80_000 // in all, 102 units of MNIST
	maxUnits  = 100
)

// shownUnits returns how many of the hidden units are shown.
func shownUnits(p *nn.Params) int {
	inputs, hidden, _ := p.Sizes()
	return min(hidden, maxUnits, max(1, maxPixels/inputs))
}

// units is what the hidden units look for: a picture of the weights of each.
type units struct {
	Hidden   int // units that there are
	Limit    float64
	Legend   picture
	Pictures []unit
}

type unit struct {
	picture
	For, Against int // the classes with the largest and the smallest weight in W2
}

func newUnits(p *nn.Params, set *dataset.Set) units {
	_, hidden, _ := p.Sizes()
	s := scale{quantile(p.W1.RawMatrix().Data, 0.995)}
	u := units{Hidden: hidden, Limit: s.limit, Legend: newPicture(s.legend(), 1, "colour scale from blue, negative, to red, positive")}
	for j := range shownUnits(p) {
		out := p.W2.RawRowView(j)
		u.Pictures = append(u.Pictures, unit{
			picture: newPicture(s.tile(mat.Col(nil, j, p.W1), set.Cols), maxZoom(set), "weights of hidden unit %d", j),
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

// gradients are those of the loss of one batch, by differences and by
// backpropagation.
type gradients struct {
	Images   int
	Formula  string
	Step     float64
	Shown    int
	Limit    float64
	Legend   picture
	Pictures []titled
	Rows     []gradientRow

	Invisible bool // whether the difference ×10⁶ is less than a shade of the scale
}

type titled struct {
	Title string
	picture
}

// gradientRow compares the gradients of one array of weights.
type gradientRow struct {
	Name                string
	Weights             int
	Largest             float64 // absolute value of the numerical gradient
	MeanOff, LargestOff float64 // absolute differences
}

// newGradients compares the gradients on the first images of set, with the
// difference that settings name.
func newGradients(net *nn.TwoLayer, set *dataset.Set, settings train.Settings) gradients {
	batch := firstImages(set, 100)
	numerical, backprop := nn.NewParams(net.Sizes()), nn.NewParams(net.Sizes())
	difference := grad.Settings{Formula: grad.Central, Step: settings.Step}
	if settings.Formula == train.Forward {
		difference.Formula = grad.Forward
	}
	net.NumericalGradient(numerical, batch.X, batch.T, &difference)
	net.Gradient(backprop, batch.X, batch.T)
	off := numerical.Clone()
	floats.Sub(off.Vector, backprop.Vector)

	w1 := numerical.W1.RawMatrix().Data
	s := scale{quantile(w1, 1)}
	g := gradients{
		Images:  len(batch.T),
		Formula: settings.Formula, Step: settings.Step,
		Shown:  shownUnits(net.Params),
		Limit:  s.limit,
		Legend: newPicture(s.legend(), 1, "colour scale from blue, negative, to red, positive"),
		Rows: []gradientRow{
			compare("W1", w1, off.W1.RawMatrix().Data),
			compare("b1", numerical.B1, off.B1),
			compare("W2", numerical.W2.RawMatrix().Data, off.W2.RawMatrix().Data),
			compare("b2", numerical.B2, off.B2),
		},
	}
	show := func(title string, p *nn.Params, times float64) {
		tiles := make([]*image.Paletted, g.Shown)
		for j := range tiles {
			column := mat.Col(nil, j, p.W1)
			floats.Scale(times, column)
			tiles[j] = s.tile(column, set.Cols)
		}
		img := mosaic(tiles)
		zoom := max(1, min(maxZoom(set), 582/img.Bounds().Dx())) // MNIST's 50 units twice as large
		g.Pictures = append(g.Pictures, titled{title, newPicture(img, zoom, "%s of the weights of %d hidden units", title, g.Shown)})
	}
	show("Numerical gradient", numerical, 1)
	show("Backpropagation", backprop, 1)
	show("Their difference × 10⁶", off, 1e6)
	largest := floats.Norm(off.W1.RawMatrix().Data, math.Inf(1))
	if n := visible(s.limit, largest); n > 6 {
		g.Invisible = 1e6*largest < s.limit/(2*shades)
		show(fmt.Sprintf("Their difference × 10%s", superscript(n)), off, math.Pow10(n))
	}
	return g
}

// visible returns the power of ten that makes off as large as a scale up to
// limit can hold.
func visible(limit, off float64) int {
	if off == 0 {
		return 0
	}
	return int(math.Floor(math.Log10(limit / off)))
}

func compare(name string, gradient, off []float64) gradientRow {
	return gradientRow{
		Name:       name,
		Weights:    len(gradient),
		Largest:    floats.Norm(gradient, math.Inf(1)),
		MeanOff:    floats.Norm(off, 1) / float64(len(off)),
		LargestOff: floats.Norm(off, math.Inf(1)),
	}
}

// firstImages returns the first n images of set, or all if there are fewer.
func firstImages(set *dataset.Set, n int) *dataset.Batch {
	var batch dataset.Batch
	indices := make([]int, min(n, set.Len()))
	for i := range indices {
		indices[i] = i
	}
	set.Gather(&batch, indices)
	return &batch
}
