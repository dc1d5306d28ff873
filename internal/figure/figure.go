// Package figure draws the plots of the project with gonum/plot: one font, one
// set of line widths, colours and ticks, written as PNG or SVG.
//
// The colours are the palette of Okabe and Ito ("Color Universal Design", 2008),
// which colour-blind readers can tell apart. Lines that a black and white print
// would make alike differ in their dashes.
//
// Equal data give equal bytes on the same kind of machine: the output depends on
// neither the time nor the installed fonts.
package figure

import (
	"cmp"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Colours of Okabe and Ito, and two greys.
var (
	Blue       = color.NRGBA{0, 114, 178, 255}
	Vermillion = color.NRGBA{213, 94, 0, 255}
	Green      = color.NRGBA{0, 158, 115, 255}
	Orange     = color.NRGBA{230, 159, 0, 255}
	Sky        = color.NRGBA{86, 180, 233, 255}
	Black      = color.NRGBA{0, 0, 0, 255}
	Grey       = color.NRGBA{110, 110, 110, 255}
	LightGrey  = color.NRGBA{225, 225, 225, 255}

	paleBlue = color.NRGBA{120, 180, 215, 255}
)

// Line widths in points.
const (
	Thin   vg.Length = 0.6
	Medium vg.Length = 1.2
	Thick  vg.Length = 1.8
)

// Patterns of dashes.
var (
	Dashed = []vg.Length{vg.Points(4), vg.Points(2.5)}
	Dotted = []vg.Length{vg.Points(1.2), vg.Points(2)}
)

// Text sizes in points.
const (
	labelSize = 10
	tickSize  = 8.5
)

// New returns an empty plot with a pale grid and the given axis labels. Texts
// may use Latin, Greek and common mathematical characters, and the superscripts
// ¹²³⁴. Liberation Sans draws any other character as an empty box.
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

// Text returns a text style with the given size in points, left-aligned on the
// baseline.
func Text(size float64, c color.Color) text.Style {
	return text.Style{Color: c, Font: sans(size), Handler: plot.DefaultTextHandler}
}

func sans(size float64) plotfont.Font {
	return plotfont.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}

// AddCurve adds a curve to p, with a legend entry unless name is "". Up to 40
// points are marked unless marker is nil. AddCurve does nothing without points.
func AddCurve(p *plot.Plot, name string, points plotter.XYs, style draw.LineStyle, marker draw.GlyphDrawer) {
	if len(points) == 0 {
		return
	}
	line := &plotter.Line{XYs: points, LineStyle: style}
	p.Add(line)
	entry := []plot.Thumbnailer{line}
	if marker != nil && len(points) <= 40 {
		glyph := draw.GlyphStyle{Color: style.Color, Radius: vg.Points(2), Shape: marker}
		markers := &plotter.Scatter{XYs: points, GlyphStyle: glyph}
		p.Add(markers)
		entry = append(entry, markers)
	}
	if name != "" {
		p.Legend.Add(name, entry...)
	}
}

// AddFunction adds the curve of f from min to max to p, with a legend entry
// unless name is "".
func AddFunction(p *plot.Plot, name string, f func(float64) float64, min, max float64, style draw.LineStyle) {
	const intervals = 400
	points := make(plotter.XYs, intervals+1)
	for i := range points {
		x := min + (max-min)*float64(i)/intervals
		points[i] = plotter.XY{X: x, Y: f(x)}
	}
	AddCurve(p, name, points, style, nil)
}

// AddText writes s at (x, y) on p.
func AddText(p *plot.Plot, x, y float64, s string, style text.Style) {
	p.Add(&plotter.Labels{
		XYs:       plotter.XYs{{X: x, Y: y}},
		Labels:    []string{s},
		TextStyle: []text.Style{style},
	})
}

// PlaceLegend puts the legend of p into a corner, with a margin.
func PlaceLegend(p *plot.Plot, top, left bool) {
	const margin = 6
	p.Legend.Top, p.Legend.Left = top, left
	p.Legend.XOffs, p.Legend.YOffs = -margin, margin
	if left {
		p.Legend.XOffs = margin
	}
	if top {
		p.Legend.YOffs = -margin
	}
}

// AddTitle writes s above the data area of p, centred. Unlike the plot's own
// Title it works with [plot.Align].
func AddTitle(p *plot.Plot, s string) {
	style := Text(labelSize, Black)
	style.XAlign, style.YAlign = draw.XCenter, draw.YBottom
	p.Add(title{s, style})
}

type title struct {
	text  string
	style text.Style
}

const titlePadding vg.Length = 6

// Plot draws the title.
func (t title) Plot(c draw.Canvas, _ *plot.Plot) {
	c.FillText(t.style, vg.Point{X: c.Center().X, Y: c.Max.Y + titlePadding}, t.text)
}

// GlyphBoxes reserves room above the data. It reserves none at the sides, where
// gonum cannot place a title that is wider than its plot.
func (t title) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	height := titlePadding + t.style.Height(t.text)
	return []plot.GlyphBox{{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: height}}}}
}

// Ticks places ticks at the multiples of a round step: 1, 2 or 5 times a power
// of ten.
type Ticks struct {
	Smallest float64 // smallest step; 1 for an axis that counts
}

// Ticks returns about five ticks from min to max.
func (t Ticks) Ticks(min, max float64) []plot.Tick {
	step := math.Max(t.Smallest, roundStep((max-min)/5))
	decimals := int(math.Max(0, math.Ceil(-math.Log10(step)-1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(min/step - 1e-9); i*step <= max+1e-9*step; i++ {
		v := i*step + 0 // −0 becomes 0
		ticks = append(ticks, plot.Tick{Value: v, Label: minusSign(strconv.FormatFloat(v, 'f', decimals, 64))})
	}
	return ticks
}

// roundStep returns the nearest 1, 2 or 5 times a power of ten on a logarithmic
// scale.
func roundStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	switch mantissa := step / power; {
	case mantissa < math.Sqrt(1*2):
		return power
	case mantissa < math.Sqrt(2*5):
		return 2 * power
	case mantissa < math.Sqrt(5*10):
		return 5 * power
	}
	return 10 * power
}

// PowerTicks labels an axis of decimal logarithms with powers of ten, such as
// 1e-4. The axis must not use gonum's LogScale, which misplaces its label.
type PowerTicks struct{ Every int } // a tick at every multiple of Every

// Ticks returns the ticks from min to max.
func (t PowerTicks) Ticks(min, max float64) []plot.Tick {
	every := float64(t.Every)
	var ticks []plot.Tick
	for e := every * math.Ceil(min/every-1e-9); e <= max+1e-9; e += every {
		label := "1"
		if e != 0 {
			label = minusSign("1e" + strconv.Itoa(int(e)))
		}
		ticks = append(ticks, plot.Tick{Value: e, Label: label})
	}
	return ticks
}

func minusSign(s string) string { return strings.ReplaceAll(s, "-", "−") }

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
