package report

import (
	"image"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

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
	Norm, GradientNorm  float64 // Euclidean, of the weights and of the numerical gradient
	Largest             float64 // absolute value of the numerical gradient
	MeanOff, LargestOff float64 // absolute differences
}

// newGradients compares the gradients on the first images of set, with the
// difference that settings name. It returns nil if that would take too long.
func newGradients(net *nn.Net, set *dataset.Set, settings train.Settings) *gradients {
	numerical, backprop := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	batch := differentiate(numerical, net, set, settings)
	if batch == nil {
		return nil
	}
	net.Gradient(backprop, batch.X, batch.T)
	off := numerical.Clone()
	floats.Sub(off.Vector, backprop.Vector)

	w1, w1Off := numerical.Layers[0].W.RawMatrix().Data, off.Layers[0].W.RawMatrix().Data
	s := scale{floats.Norm(w1, math.Inf(1))}
	g := &gradients{
		Images:  len(batch.T),
		Formula: settings.Formula, Step: settings.Step,
		Shown:  shownUnits(net.Params),
		Limit:  s.limit,
		Legend: s.legend(),
	}
	weights, offs := net.Arrays(), off.Arrays()
	for i, a := range numerical.Arrays() {
		g.Rows = append(g.Rows, compare(a.Name, weights[i].Data, a.Data, offs[i].Data))
	}
	g.Pictures = []titled{
		gradientPicture("Numerical gradient", s, numerical, set, 1),
		gradientPicture("Backpropagation", s, backprop, set, 1),
		gradientPicture("Their difference × 10⁶", s, off, set, 1e6),
	}
	largest := floats.Norm(w1Off, math.Inf(1))
	if n := visible(s.limit, largest); n > 6 {
		g.Invisible = 1e6*largest < s.limit/(2*shades)
		g.Pictures = append(g.Pictures, gradientPicture("Their difference × 10"+superscript(n), s, off, set, math.Pow10(n)))
	}
	return g
}

// maxWork bounds the work for the numerical gradient: a second of one core.
const maxWork = 1e10

// differentiate fills dst with the numerical gradient on the first images of
// set, 100 or as many fewer as a large net leaves time for, and returns these
// images: nil if there is time for none.
func differentiate(dst *nn.Params, net *nn.Net, set *dataset.Set, settings train.Settings) *dataset.Batch {
	difference := grad.Settings{Formula: grad.Central, Step: settings.Step}
	if settings.Formula == train.Forward {
		difference.Formula = grad.Forward
	}
	var engine perturb.Engine
	for _, images := range []int{100, 10, 1} {
		batch := firstImages(set, images)
		if engine.GradientWithin(maxWork, dst, net, batch.X, batch.T, &difference) {
			return batch
		}
	}
	return nil
}

// gradientPicture paints p, multiplied, for the hidden units that are shown.
func gradientPicture(title string, s scale, p *nn.Params, set *dataset.Set, times float64) titled {
	tiles := make([]*image.Paletted, shownUnits(p))
	for j := range tiles {
		column := mat.Col(nil, j, p.Layers[0].W)
		floats.Scale(times, column)
		tiles[j] = s.tile(column, set.Cols)
	}
	img := mosaic(tiles)
	zoom := max(1, min(maxZoom(set), 582/img.Bounds().Dx())) // MNIST's 50 units twice as large
	return titled{title, newPicture(img, zoom, "%s of the weights of %d hidden units", title, len(tiles))}
}

// visible returns the power of ten that makes off as large as a scale up to
// limit can hold.
func visible(limit, off float64) int {
	if off == 0 {
		return 0
	}
	return int(math.Floor(math.Log10(limit / off)))
}

func compare(name string, weights, gradient, off []float64) gradientRow {
	return gradientRow{
		Name:         name,
		Weights:      len(weights),
		Norm:         floats.Norm(weights, 2),
		GradientNorm: floats.Norm(gradient, 2),
		Largest:      floats.Norm(gradient, math.Inf(1)),
		MeanOff:      floats.Norm(off, 1) / float64(len(off)),
		LargestOff:   floats.Norm(off, math.Inf(1)),
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
