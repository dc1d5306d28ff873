package report

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// gradients compares the numerical gradient of the loss of one batch with
// backpropagation.
type gradients struct {
	scale
	Images   int // in the batch
	Formula  string
	Step     float64
	Pictures []titled
	Rows     []comparison
}

// titled holds pictures of one gradient, one for each of the first hidden units.
type titled struct {
	Title string
	Units []picture
}

// comparison compares the gradients of one array of weights.
type comparison struct {
	Name                string
	Weights             int
	Norm, GradientNorm  float64 // Euclidean norms of the weights and of the numerical gradient
	Largest             float64 // largest absolute value of the numerical gradient
	MeanOff, LargestOff float64 // absolute differences
}

// newGradients compares the gradients on the first images of set, with the
// formula and the step of the settings. It returns nil if a single image would
// take too long.
func newGradients(net *nn.Net, set *dataset.Set, settings train.Settings) *gradients {
	images := min(100, set.Len())
	for float64(images)*gradientWork(net) > maxGradientWork {
		if images /= 10; images == 0 {
			return nil
		}
	}
	var batch dataset.Batch
	set.Gather(&batch, firstIndices(images))
	difference := grad.Settings{Formula: grad.Central, Step: settings.Step}
	if settings.Formula == train.Forward {
		difference.Formula = grad.Forward
	}
	numerical, backprop := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	new(perturb.Engine).Gradient(numerical, net, batch.X, batch.T, &difference)
	net.Gradient(backprop, batch.X, batch.T)
	off := numerical.Clone()
	floats.Sub(off.Vector, backprop.Vector)

	g := &gradients{
		scale:   scale{largest(numerical.Layers[0].W.RawMatrix().Data)},
		Images:  images,
		Formula: settings.Formula, Step: settings.Step,
	}
	weights, offs := net.Arrays(), off.Arrays()
	for i, a := range numerical.Arrays() {
		g.Rows = append(g.Rows, comparison{
			Name: a.Name, Weights: len(a.Data),
			Norm: floats.Norm(weights[i].Data, 2), GradientNorm: floats.Norm(a.Data, 2), Largest: largest(a.Data),
			MeanOff: floats.Norm(offs[i].Data, 1) / float64(len(a.Data)), LargestOff: largest(offs[i].Data),
		})
	}
	times := 1.0
	if most := largest(off.Layers[0].W.RawMatrix().Data); most > 0 {
		times = math.Pow10(max(0, int(math.Log10(g.limit/most))))
	}
	smaller := max(1, zoom(set)-1)
	g.Pictures = []titled{
		{"Numerical gradient", g.unitPictures(numerical, set, 1, smaller)},
		{"Backpropagation", g.unitPictures(backprop, set, 1, smaller)},
		{fmt.Sprintf("Their difference × %.0e", times), g.unitPictures(off, set, times, smaller)},
	}
	return g
}

// maxGradientWork is the largest gradientWork of a batch: a few seconds of one
// core.
const maxGradientWork = 3e10

// gradientWork estimates the multiplications of the numerical gradient on one
// image. The change of each unit flows through the weights behind it for 8
// displacements, or, where a ReLU may have its kink, for each input that is not
// zero, about a quarter.
func gradientWork(net *nn.Net) float64 {
	const perUnit = 32 // multiplications that the change of an activation costs
	work, behind := 0.0, 0.0
	sizes := net.Sizes()
	for l := len(sizes) - 1; l > 0; l-- {
		inputs, units := float64(sizes[l-1]), float64(sizes[l])
		displacements := 8.0
		if net.Activation == nn.ReLU {
			displacements = max(8, inputs/4)
		}
		work += units * (inputs + displacements*behind)
		behind += units * (inputs + perUnit)
	}
	return work
}

// largest returns the largest absolute value.
func largest(v []float64) float64 { return floats.Norm(v, math.Inf(1)) }
