// Package figures draws every figure of chapter 4 of "Deep Learning from
// Scratch", and some that the book does not have. section42_loss.go has those of
// section 4.2, and so on.
package figures

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"numgrad/chapter4"
	"numgrad/internal/figure"
)

// Figure is a picture of the chapter.
type Figure struct {
	Name    string // the book's number, as 4-3, or a name where the book has none
	Section string // of the book, where it belongs
	Shows   string // what there is to see, in a few words
	Draw    func() *figure.Figure
}

// All returns the figures of the book, in its order, among them those
// that the book does not have. The ones of section 4.5 show the given
// trainings: by numerical gradients, and by backprop from the same seed.
func All(numerical, backprop chapter4.Run) []Figure {
	return []Figure{
		{"4-3", "4.2.2", "y = log x", drawLog},
		{"4-4", "4.2.5", "step function and sigmoid, with their slopes", drawActivations},
		{"4-5", "4.3.1", "true tangent, and the line of a finite h", drawSecant},
		{"step-size", "4.3.1", "why h = 1e-4: the error of the differences by h", drawStepSize},
		{"4-6", "4.3.2", "f(x) = 0.01x² + 0.1x", drawFunction1},
		{"4-7", "4.3.2", "its tangents at x = 5 and x = 10", drawTangents},
		{"4-8", "4.3.3", "f(x0, x1) = x0² + x1²", drawSurface},
		{"4-9", "4.4", "its negative gradient", drawGradientField},
		{"4-10", "4.4.1", "the path of gradient descent, lr = 0.1", drawDescent},
		{"learning-rates", "4.4.1", "paths for learning rates from 1e-10 to 10", drawLearningRates},
		{"simplenet", "4.4.2", "W of simpleNet, and the gradient of its loss", drawSimpleNet},
		{"4-11", "4.5.2", "the loss of a training by numerical gradients", func() *figure.Figure { return drawLosses(numerical) }},
		{"4-12", "4.5.3", "its accuracy on training and test images", func() *figure.Figure { return drawAccuracy(numerical) }},
		{"backprop", "4.5.3", comparison(numerical, backprop), func() *figure.Figure { return drawBackprop(numerical, backprop) }},
	}
}

// page returns a figure of plots side by side.
func page(width, height vg.Length, plots ...*plot.Plot) *figure.Figure {
	return &figure.Figure{Width: width * vg.Inch, Height: height * vg.Inch, Plots: [][]*plot.Plot{plots}}
}

// The lines that most figures are made of.
var (
	mainLine  = draw.LineStyle{Color: figure.Blue, Width: figure.Thick}
	otherLine = draw.LineStyle{Color: figure.Vermillion, Width: figure.Thick}
	helpLine  = draw.LineStyle{Color: figure.Grey, Width: figure.Thin, Dashes: figure.Dashed}
)

// setRange sets the ranges of both axes, whatever the data say.
func setRange(p *plot.Plot, xMin, xMax, yMin, yMax float64) {
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = xMin, xMax, yMin, yMax
}
