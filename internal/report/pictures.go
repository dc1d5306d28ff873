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
	"numgrad/nn"
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

// tile is one small picture in a row of them, with what stands below it.
type tile struct {
	picture
	mistake          // of a test image
	For, Against int // of a hidden unit: the classes with its largest and its smallest weight in W2
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

// palette runs from −limit to +limit. The last colour is the grey of the lines
// between tiles.
var palette = func() color.Palette {
	var p color.Palette
	for i := -shades; i <= shades; i++ {
		c := color.NRGBA{200, 45, 25, uint8(math.Abs(float64(i)) * 255 / shades)}
		if i < 0 {
			c.R, c.G, c.B = 0, 90, 180
		}
		p = append(p, c)
	}
	return append(p, color.NRGBA{128, 128, 128, 90})
}()

const grey = 2*shades + 1 // index in palette

// index returns the palette index of v.
func (s scale) index(v float64) uint8 {
	if s.limit == 0 {
		return shades
	}
	return uint8(shades + math.Round(shades*min(max(v/s.limit, -1), 1)))
}

// paint paints rows of cols numbers.
func (s scale) paint(values []float64, cols int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, cols, len(values)/cols), palette)
	for i, v := range values {
		img.Pix[i] = s.index(v)
	}
	return img
}

// Limit returns the end of the scale as text.
func (s scale) Limit() string { return fmt.Sprintf("%.2g", s.limit) }

// mosaic places tiles of one size in about twice as many columns as rows, with
// lines around them.
func mosaic(tiles []*image.Paletted) image.Image {
	size := tiles[0].Rect.Size().Add(image.Pt(1, 1))
	columns := min(len(tiles), int(math.Ceil(math.Sqrt(2*float64(len(tiles))))))
	rows := (len(tiles) + columns - 1) / columns
	img := image.NewPaletted(image.Rect(0, 0, columns*size.X+1, rows*size.Y+1), palette)
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	for i, tile := range tiles {
		at := image.Pt(1+i%columns*size.X, 1+i/columns*size.Y)
		for y := range tile.Rect.Dy() {
			copy(img.Pix[img.PixOffset(at.X, at.Y+y):], tile.Pix[tile.PixOffset(0, y):][:tile.Rect.Dx()])
		}
	}
	return img
}

// units holds a picture of the weights of each hidden unit in the first layer.
type units struct {
	scale
	Hidden   int // number of hidden units, of which some have a picture
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
	for j := range shownUnits(p) {
		out := next.RawRowView(j)
		u.Pictures = append(u.Pictures, tile{
			picture: newPicture(s.paint(mat.Col(nil, j, first), set.Cols), zoom(set), "weights of hidden unit %d", j),
			For:     floats.MaxIdx(out),
			Against: floats.MinIdx(out),
		})
	}
	return u
}
