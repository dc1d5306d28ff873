package figure

import (
	"image/color"

	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The palette of Okabe and Ito, and two greys.
var (
	Blue       = color.NRGBA{0, 114, 178, 255}
	Vermillion = color.NRGBA{213, 94, 0, 255}
	Green      = color.NRGBA{0, 158, 115, 255}
	Orange     = color.NRGBA{230, 159, 0, 255}
	Purple     = color.NRGBA{204, 121, 167, 255}
	Sky        = color.NRGBA{86, 180, 233, 255}
	Black      = color.NRGBA{0, 0, 0, 255}
	Grey       = color.NRGBA{110, 110, 110, 255}
	LightGrey  = color.NRGBA{225, 225, 225, 255}

	paleBlue = color.NRGBA{120, 180, 215, 255}
)

// The widths of lines, in points.
const (
	Thin   vg.Length = 0.6
	Medium vg.Length = 1.2
	Thick  vg.Length = 1.8
)

// Dashed is the pattern of a dashed line, Dotted of a dotted one.
var (
	Dashed = []vg.Length{vg.Points(4), vg.Points(2.5)}
	Dotted = []vg.Length{vg.Points(1.2), vg.Points(2)}
)

// The sizes of text, in points.
const (
	labelSize = 10
	tickSize  = 8.5
)

// New returns a plot with axes named xLabel and yLabel, a pale grid, and no
// data. Texts may use Latin, Greek and the usual signs of mathematics; of
// superscripts only ¹²³⁴ and the like that Liberation Sans has: a character
// that the font lacks is drawn as an empty box.
func New(xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sans(labelSize)
		axis.Label.Padding = vg.Points(4)
		axis.Tick.Label.Font = sans(tickSize)
		axis.Tick.Label.Color = Black
		axis.Tick.LineStyle = draw.LineStyle{Color: Grey, Width: Thin}
		axis.Tick.Length = vg.Points(3)
		axis.Tick.Marker = Ticks{}
		axis.LineStyle = axis.Tick.LineStyle
		axis.Padding = 0
	}

	p.Legend.TextStyle.Font = sans(tickSize)
	p.Legend.Padding = vg.Points(3)
	p.Legend.ThumbnailWidth = vg.Points(18)

	grid := plotter.NewGrid()
	grid.Vertical = draw.LineStyle{Color: LightGrey, Width: Thin}
	grid.Horizontal = grid.Vertical
	p.Add(grid)
	return p
}

// Text returns the style of a text of that size in points, left-aligned on
// its base line.
func Text(size float64, c color.Color) text.Style {
	return text.Style{Color: c, Font: sans(size), Handler: plot.DefaultTextHandler}
}

// Italic is [Text] in italics, for the names of variables.
func Italic(size float64, c color.Color) text.Style {
	style := Text(size, c)
	style.Font.Style = font.StyleItalic
	return style
}

func sans(size float64) plotfont.Font {
	return plotfont.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}
