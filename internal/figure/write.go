package figure

import (
	"cmp"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Figure is one picture with plots in rows of equal length. Their axes are
// aligned.
type Figure struct {
	Width, Height vg.Length
	Plots         [][]*plot.Plot
}

// PNG writes the picture with 144 pixels per inch.
func (f *Figure) PNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(f.Width, f.Height), vgimg.UseDPI(144))
	f.draw(c)
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return encoder.Encode(w, indexed(c.Image()))
}

// SVG writes the picture as vectors. Its texts ask for Liberation Sans, and use
// another sans-serif where that is not installed.
func (f *Figure) SVG(w io.Writer) error {
	c := vgsvg.New(f.Width, f.Height)
	f.draw(c)
	_, err := c.WriteTo(w)
	return err
}

func (f *Figure) draw(c vg.CanvasSizer) {
	tiles := draw.Tiles{
		Rows: len(f.Plots), Cols: len(f.Plots[0]),
		PadX: vg.Points(22), PadY: vg.Points(16),
		PadTop: vg.Points(9), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(10),
	}
	canvases := plot.Align(f.Plots, tiles, draw.New(c))
	for i, row := range f.Plots {
		for j, p := range row {
			p.Draw(canvases[i][j])
		}
	}
}

// indexed reduces img to its 256 most frequent colours; other colours become
// the nearest of them. A plot has few colours and thousands of blends at the
// edges of lines, so it looks the same, and its PNG is a third of the size.
func indexed(img image.Image) *image.Paletted {
	bounds := img.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	count := map[color.RGBA]int{}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			count[at(x, y)]++
		}
	}
	byCount := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := make(color.Palette, min(256, len(byCount)))
	for i := range palette {
		palette[i] = byCount[i]
	}
	index := map[color.RGBA]uint8{}
	for _, c := range byCount {
		index[c] = uint8(palette.Index(c))
	}
	small := image.NewPaletted(bounds, palette)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			small.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return small
}
