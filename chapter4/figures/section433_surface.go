package figures

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

// drawSurface is figure 4-8. Gonum/plot draws in two dimensions, so the
// surface is projected here.
func drawSurface() *figure.Figure {
	p := figure.New("", "")
	p.HideAxes()
	p.X.Width, p.Y.Width = 0, 0
	addBox(p)
	p.Add(surface{})
	setRange(p, -1.55, 1.7, -1.55, 1.45)
	return page(4.3, 4, p)
}

// The box of the figure: x0 and x1 from −reach to reach, f from 0 to top.
const reach, top = 3.0, 18.0

// project returns where a point of the box is seen, by parallel rays from 30°
// above, with the x0 axis to the right.
func project(x0, x1, f float64) plotter.XY {
	const azimuth, elevation = -math.Pi / 3, math.Pi / 6
	sinA, cosA := math.Sincos(azimuth)
	sinE, cosE := math.Sincos(elevation)
	x, y, z := x0/reach, x1/reach, 1.6*f/top-0.8
	return plotter.XY{X: -sinA*x + cosA*y, Y: -sinE*(cosA*x+sinA*y) + cosE*z}
}

// addBox draws the floor, the two walls behind, and the three axes.
func addBox(p *plot.Plot) {
	line := func(style draw.LineStyle, corners ...[3]float64) {
		points := make(plotter.XYs, len(corners))
		for i, c := range corners {
			points[i] = project(c[0], c[1], c[2])
		}
		p.Add(&plotter.Line{XYs: points, LineStyle: style})
	}
	text := func(x0, x1, f float64, s string) {
		style := figure.Text(8.5, figure.Black)
		style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
		at := project(x0, x1, f)
		figure.AddText(p, at.X, at.Y, s, style)
	}
	grid := draw.LineStyle{Color: figure.LightGrey, Width: figure.Thin}
	axis := draw.LineStyle{Color: figure.Grey, Width: figure.Thin}

	for v := -reach; v <= reach; v++ {
		line(grid, [3]float64{v, -reach, 0}, [3]float64{v, reach, 0}, [3]float64{v, reach, top})
		line(grid, [3]float64{reach, v, 0}, [3]float64{-reach, v, 0}, [3]float64{-reach, v, top})
		label := strings.ReplaceAll(fmt.Sprint(v), "-", "−")
		text(v, -reach-0.5, 0, label)
		text(reach+0.5, v, 0, label)
	}
	for f := 3.0; f <= top; f += 3 {
		line(grid, [3]float64{-reach, -reach, f}, [3]float64{-reach, reach, f}, [3]float64{reach, reach, f})
		text(reach+0.4, reach+0.1, f, fmt.Sprint(f))
	}
	line(axis, [3]float64{-reach, -reach, 0}, [3]float64{reach, -reach, 0}, [3]float64{reach, reach, 0}, [3]float64{reach, reach, top})
	text(0, -reach-1.3, 0, "x0")
	text(reach+1.2, 0, 0, "x1")
	text(reach+0.2, reach+0.2, top+1.6, "f(x0, x1)")
}

// surface draws x0² + x1² as a mesh of quadrangles, those behind first.
type surface struct{}

// Plot draws the surface: a plot.Plotter.
func (surface) Plot(c draw.Canvas, p *plot.Plot) {
	const size = 0.25
	trX, trY := p.Transforms(&c)
	edge := draw.LineStyle{Color: color.White, Width: figure.Thin / 2}
	for x1 := reach - size; x1 >= -reach; x1 -= size {
		for x0 := -reach; x0 < reach; x0 += size {
			var outline []vg.Point
			for _, d := range [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}} {
				x := []float64{x0 + size*d[0], x1 + size*d[1]}
				at := project(x[0], x[1], chapter4.Function2(x))
				outline = append(outline, vg.Point{X: trX(at.X), Y: trY(at.Y)})
			}
			height := chapter4.Function2([]float64{x0 + size/2, x1 + size/2}) / top
			c.FillPolygon(shade(height), outline)
			c.StrokeLines(edge, outline)
		}
	}
}

// shade returns a blue that is darker the lower a place is, 0 to 1.
func shade(height float64) color.Color {
	mix := func(low, high uint8) uint8 { return low + uint8(height*float64(high-low)) }
	return color.NRGBA{mix(0, 200), mix(84, 230), mix(150, 245), 255}
}
