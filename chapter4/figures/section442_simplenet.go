package figures

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

// drawSimpleNet shows the matrices as the section writes them down.
func drawSimpleNet() *figure.Figure {
	net := chapter4.NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	dW := net.Gradient(func() float64 { return net.Loss(x, t) })
	return page(7, 2.3, plotMatrix("W", "w", net.W), plotMatrix("∂L / ∂W", "∂L/∂w", dW))
}

// plotMatrix writes the elements of m, with their names, on a colour that
// shows sign and size: from vermillion for −1 to blue for 1.
func plotMatrix(title, name string, m *mat.Dense) *plot.Plot {
	p := figure.New("", "")
	figure.AddTitle(p, title)
	p.HideAxes()
	rows, cols := m.Dims()
	centred := func(s text.Style) text.Style {
		s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
		return s
	}
	for i := range rows {
		for j := range cols {
			x, y, v := float64(j), float64(rows-1-i), m.At(i, j)
			cell, err := plotter.NewPolygon(plotter.XYs{{X: x, Y: y}, {X: x + 1, Y: y}, {X: x + 1, Y: y + 1}, {X: x, Y: y + 1}})
			if err != nil {
				panic("figures: " + err.Error())
			}
			cell.Color = tint(v)
			cell.LineStyle = draw.LineStyle{Color: color.White, Width: figure.Thick}
			p.Add(cell)
			element := fmt.Sprintf("%s%d%d", name, i+1, j+1)
			figure.AddText(p, x+0.5, y+0.72, element, centred(figure.Italic(9, figure.Black)))
			figure.AddText(p, x+0.5, y+0.38, strings.ReplaceAll(fmt.Sprintf("%.4f", v), "-", "−"), centred(figure.Text(11, figure.Black)))
		}
	}
	setRange(p, 0, float64(cols), 0, float64(rows))
	return p
}

// tint returns white for 0, blue for 1, and vermillion for −1.
func tint(v float64) color.Color {
	full := figure.Blue
	if v < 0 {
		full = figure.Vermillion
	}
	mix := func(full uint8) uint8 { return 255 - uint8(0.6*math.Abs(v)*float64(255-full)) }
	return color.NRGBA{mix(full.R), mix(full.G), mix(full.B), 255}
}
