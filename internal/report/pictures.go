package report

import (
	"bytes"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// picture is an image in the page.
type picture struct {
	URI           template.URL
	Width, Height int // on the page, a multiple of the image's size
	Alt           string
}

// newPicture returns img with each pixel magnified zoom times.
func newPicture(img image.Image, zoom int, format string, args ...any) picture {
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, img); err != nil {
		panic(fmt.Sprintf("report: PNG of size %v: %v", img.Bounds(), err)) // only without pixels
	}
	size := img.Bounds().Size()
	return picture{dataURI("image/png", file.Bytes()), zoom * size.X, zoom * size.Y, fmt.Sprintf(format, args...)}
}

// zoom returns the magnification of the set's images. Four images of MNIST fit
// side by side on a phone.
func zoom(set *dataset.Set) int { return max(1, 84/set.Cols) }

// tile is a small picture with the numbers of its caption.
type tile struct {
	picture
	mistake          // answer to a test image
	For, Against int // classes with the largest and the smallest weight of a hidden unit in W2
}

// worstMistakes returns the first 40 mistakes, as dark ink on light paper.
func worstMistakes(e *evaluation, set *dataset.Set) []tile {
	var worst []tile
	for _, m := range e.Mistakes[:min(40, len(e.Mistakes))] {
		img := image.NewGray(image.Rect(0, 0, set.Cols, set.Rows))
		for i, v := range set.Images[m.Image] {
			img.Pix[i] = 255 - v
		}
		worst = append(worst, tile{picture: newPicture(img, zoom(set), "test image %d, a %d", m.Image, m.Label), mistake: m})
	}
	return worst
}

// shades is the number of colours on each side of zero: enough to look smooth,
// and few enough for a small file.
const shades = 31

// scale paints numbers: −limit is blue, zero transparent, +limit red. The page's
// background shows through, light or dark.
type scale struct{ limit float64 }

// palette runs from −limit to +limit.
var palette = func() color.Palette {
	var p color.Palette
	for i := -shades; i <= shades; i++ {
		c := color.NRGBA{200, 45, 25, uint8(math.Abs(float64(i)) * 255 / shades)}
		if i < 0 {
			c.R, c.G, c.B = 0, 90, 180
		}
		p = append(p, c)
	}
	return p
}()

// index returns the palette index of v.
func (s scale) index(v float64) uint8 {
	if s.limit == 0 {
		return shades
	}
	return uint8(shades + math.Round(shades*min(max(v/s.limit, -1), 1)))
}

// Limit returns the end of the scale as text.
func (s scale) Limit() string { return fmt.Sprintf("%.2g", s.limit) }

// unitPictures paints the weights from the pixels to each of the first hidden
// units, multiplied by a factor.
func (s scale) unitPictures(p *nn.Params, set *dataset.Set, factor float64, zoom int) []picture {
	var pictures []picture
	for j := range shownUnits(p) {
		img := image.NewPaletted(image.Rect(0, 0, set.Cols, set.Rows), palette)
		for i, v := range mat.Col(nil, j, p.Layers[0].W) {
			img.Pix[i] = s.index(factor * v)
		}
		pictures = append(pictures, newPicture(img, zoom, "hidden unit %d", j))
	}
	return pictures
}

// units holds a picture of the weights of each hidden unit in the first layer.
type units struct {
	scale
	Hidden   int // number of hidden units; the first ones have a picture
	Pictures []tile
	Speak    bool // the next layer is the output, so units have For and Against
}

// shownUnits returns the number of hidden units with a picture: at most 100, and
// at most 80,000 pixels in all.
func shownUnits(p *nn.Params) int {
	inputs, hidden := p.Layers[0].W.Dims()
	return min(hidden, 100, max(1, 80_000/inputs))
}

func newUnits(p *nn.Params, set *dataset.Set) units {
	first, next := p.Layers[0].W, p.Layers[1].W
	sizes := slices.Clone(first.RawMatrix().Data)
	for i, v := range sizes {
		sizes[i] = math.Abs(v)
	}
	slices.Sort(sizes)
	s := scale{stat.Quantile(0.995, stat.Empirical, sizes, nil)}
	u := units{scale: s, Hidden: p.Sizes()[1], Speak: len(p.Layers) == 2}
	for j, picture := range s.unitPictures(p, set, 1, zoom(set)) {
		out := next.RawRowView(j)
		u.Pictures = append(u.Pictures, tile{picture: picture, For: floats.MaxIdx(out), Against: floats.MinIdx(out)})
	}
	return u
}

// gradients compares the numerical gradient of the loss of one batch with
// backpropagation.
type gradients struct {
	scale
	Images   int // in the batch
	Formula  string
	Step     float64
	Pictures []titled
	Rows     []comparison
}

// titled holds a gradient as pictures, one for each of the first hidden units.
type titled struct {
	Title string
	Units []picture
}

// comparison compares the gradients of one array of weights.
type comparison struct {
	Name                string
	Weights             int
	Norm, GradientNorm  float64 // Euclidean norms of the weights and of the numerical gradient
	Largest             float64 // largest absolute value of the numerical gradient
	MeanOff, LargestOff float64 // absolute differences
}

// newGradients compares the gradients on the first images of set, with the
// formula and the step of the settings. It returns nil if a single image would
// take too long.
func newGradients(net *nn.Net, set *dataset.Set, settings train.Settings) *gradients {
	images := min(100, set.Len())
	for float64(images)*gradientWork(net) > maxGradientWork {
		if images /= 10; images == 0 {
			return nil
		}
	}
	var batch dataset.Batch
	set.Gather(&batch, firstIndices(images))
	difference := grad.Settings{Formula: grad.Central, Step: settings.Step}
	if settings.Formula == train.Forward {
		difference.Formula = grad.Forward
	}
	numerical, backprop := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	new(perturb.Engine).Gradient(numerical, net, batch.X, batch.T, &difference)
	net.Gradient(backprop, batch.X, batch.T)
	off := numerical.Clone()
	floats.Sub(off.Vector, backprop.Vector)

	g := &gradients{
		scale:   scale{largest(numerical.Layers[0].W.RawMatrix().Data)},
		Images:  images,
		Formula: settings.Formula, Step: settings.Step,
	}
	weights, offs := net.Arrays(), off.Arrays()
	for i, a := range numerical.Arrays() {
		g.Rows = append(g.Rows, comparison{
			Name: a.Name, Weights: len(a.Data),
			Norm: floats.Norm(weights[i].Data, 2), GradientNorm: floats.Norm(a.Data, 2), Largest: largest(a.Data),
			MeanOff: floats.Norm(offs[i].Data, 1) / float64(len(a.Data)), LargestOff: largest(offs[i].Data),
		})
	}
	times := 1.0
	if most := largest(off.Layers[0].W.RawMatrix().Data); most > 0 {
		times = math.Pow10(max(0, int(math.Log10(g.limit/most))))
	}
	smaller := max(1, zoom(set)-1)
	g.Pictures = []titled{
		{"Numerical gradient", g.unitPictures(numerical, set, 1, smaller)},
		{"Backpropagation", g.unitPictures(backprop, set, 1, smaller)},
		{fmt.Sprintf("Their difference × %.0e", times), g.unitPictures(off, set, times, smaller)},
	}
	return g
}

// maxGradientWork is the largest gradientWork of a batch: a few seconds of one
// core.
const maxGradientWork = 3e10

// gradientWork estimates the multiplications of the numerical gradient on one
// image. The engine sends 8 changes of each unit through the weights behind it.
// A ReLU may have a kink, so it sends one for each non-zero input: about a
// quarter of the inputs.
func gradientWork(net *nn.Net) float64 {
	const perUnit = 32 // multiplications that the change of an activation costs
	work, behind := 0.0, 0.0
	sizes := net.Sizes()
	for l := len(sizes) - 1; l > 0; l-- {
		inputs, units := float64(sizes[l-1]), float64(sizes[l])
		displacements := 8.0
		if net.Activation == nn.ReLU {
			displacements = max(8, inputs/4)
		}
		work += units * (inputs + displacements*behind)
		behind += units * (inputs + perUnit)
	}
	return work
}

// largest returns the largest absolute value.
func largest(v []float64) float64 { return floats.Norm(v, math.Inf(1)) }
