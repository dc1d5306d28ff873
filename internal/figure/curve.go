package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// AddCurve adds a curve to p. Its points are marked, unless marker is nil or
// there are too many to be told apart. It has an entry in the legend, unless
// name is "". Without points, AddCurve adds nothing.
func AddCurve(p *plot.Plot, name string, points plotter.XYs, style draw.LineStyle, marker draw.GlyphDrawer) {
	const most = 40
	if len(points) == 0 {
		return
	}
	line := &plotter.Line{XYs: points, LineStyle: style}
	p.Add(line)
	entry := []plot.Thumbnailer{line}
	if marker != nil && len(points) <= most {
		glyph := draw.GlyphStyle{Color: style.Color, Radius: vg.Points(2), Shape: marker}
		markers := &plotter.Scatter{XYs: points, GlyphStyle: glyph}
		p.Add(markers)
		entry = append(entry, markers)
	}
	if name != "" {
		p.Legend.Add(name, entry...)
	}
}

// PlaceLegend puts the legend of p in a corner, a little away from the edges.
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

// AddFunction adds the curve of f from min to max to p, with an entry in the
// legend, unless name is "".
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
