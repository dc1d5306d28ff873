package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"

	"numgrad/dataset"
)

// picture is an image inside the page.
type picture struct {
	URI           template.URL
	Width, Height int // in the page, a whole multiple of the image's
	Alt           string
}

// newPicture returns img, each pixel magnified zoom times.
func newPicture(img image.Image, zoom int, format string, args ...any) picture {
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, img); err != nil {
		panic(fmt.Sprintf("report: a picture of %v: %v", img.Bounds(), err)) // of no pixels
	}
	size := img.Bounds().Size()
	return picture{
		URI:   template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())),
		Width: zoom * size.X, Height: zoom * size.Y,
		Alt: fmt.Sprintf(format, args...),
	}
}

// maxZoom is how many times an image of the set is magnified: four of MNIST
// fit side by side on a phone.
func maxZoom(set *dataset.Set) int { return max(1, 84/set.Cols) }

// ink returns an image of a set as dark ink on light paper.
func ink(set *dataset.Set, index int) image.Image {
	img := image.NewGray(image.Rect(0, 0, set.Cols, set.Rows))
	for i, v := range set.Images[index] {
		img.Pix[i] = 255 - v
	}
	return img
}

// shades is how many colours a scale has on each side of zero: enough to look
// continuous, and few enough for a small file.
const shades = 31

// scale paints numbers from −limit in blue over nothing for zero to +limit in
// red. Nothing lets the page's own background through, light or dark.
type scale struct{ limit float64 }

// palette has the colour of −limit first and that of +limit last; behind it is
// the grey of the lines between tiles.
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

const rule = 2*shades + 1 // the index of the grey in palette

func (s scale) index(v float64) uint8 {
	if s.limit == 0 {
		return shades
	}
	return uint8(shades + math.Round(shades*min(max(v/s.limit, -1), 1)))
}

// tile paints one picture of rows×cols numbers, row by row.
func (s scale) tile(values []float64, cols int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, cols, len(values)/cols), palette)
	for i, v := range values {
		img.Pix[i] = s.index(v)
	}
	return img
}

// legend is the scale itself.
func (s scale) legend() picture {
	img := image.NewPaletted(image.Rect(0, 0, 2*shades+1, 1), palette)
	for i := range img.Pix {
		img.Pix[i] = uint8(i)
	}
	return newPicture(img, 1, "colour scale from blue, negative, to red, positive")
}

// mosaic puts tiles of one size side by side, twice as many in a row as in a
// column, with lines around them.
func mosaic(tiles []*image.Paletted) image.Image {
	size := tiles[0].Rect.Size().Add(image.Pt(1, 1))
	columns := min(len(tiles), int(math.Ceil(math.Sqrt(2*float64(len(tiles))))))
	rows := (len(tiles) + columns - 1) / columns
	img := image.NewPaletted(image.Rect(0, 0, columns*size.X+1, rows*size.Y+1), palette)
	for i := range img.Pix {
		img.Pix[i] = rule
	}
	for i, tile := range tiles {
		at := image.Pt(1+i%columns*size.X, 1+i/columns*size.Y)
		for y := range tile.Rect.Dy() {
			copy(img.Pix[img.PixOffset(at.X, at.Y+y):], tile.Pix[tile.PixOffset(0, y):][:tile.Rect.Dx()])
		}
	}
	return img
}
