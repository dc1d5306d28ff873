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

func (t title) Plot(c draw.Canvas, _ *plot.Plot) {
	c.FillText(t.style, vg.Point{X: c.Center().X, Y: c.Max.Y + titlePadding}, t.text)
}

// GlyphBoxes asks for the room above the data.
func (t title) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	return []plot.GlyphBox{{X: 0.5, Y: 1, Rectangle: t.style.Rectangle(t.text).Add(vg.Point{Y: titlePadding})}}
}
