package figure

import (
	"image/png"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Figure is plots in rows and columns on one picture. Their axes are aligned.
// All rows have the same number of plots.
type Figure struct {
	Width, Height vg.Length
	Plots         [][]*plot.Plot
}

// PNG writes the picture with 144 pixels to the inch.
func (f *Figure) PNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(f.Width, f.Height), vgimg.UseDPI(144))
	f.draw(c)
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return encoder.Encode(w, indexed(c.Image()))
}

// SVG writes the picture as vectors. Its texts name Liberation Sans, and fall
// back to another sans-serif where that is not installed.
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
