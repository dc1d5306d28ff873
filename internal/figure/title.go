package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// AddTitle writes s above p, in the middle of its data. The plot's own Title
// stands in the middle of the whole, and upsets [plot.Align].
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

// GlyphBoxes asks for the room above the data. It asks for none at the sides:
// a title wider than its plot would leave gonum's padding without a solution.
func (t title) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	height := titlePadding + t.style.Height(t.text)
	return []plot.GlyphBox{{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: height}}}}
}
