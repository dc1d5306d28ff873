package main

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/gradcheck"
	"numgrad/models"
	"numgrad/nn"
)

// objective is a net whose loss is known at displaced weights.
type objective interface {
	Loss(x *mat.Dense, t []int) float64
	Changes(dst []float64, x *mat.Dense, t []int, h float64)
}

// subject is a gradient to check, and all that it follows from.
type subject struct {
	about     string // where it comes from
	weights   *nn.Params
	net       objective // with these weights
	x         *mat.Dense
	t         []int
	gradient  *nn.Params
	precision float64
	missing   []string // parameters that gradient has nothing of but zeros
	notes     []string
}

func (s *subject) check() *gradcheck.Report {
	return gradcheck.Check(
		func() float64 { return s.net.Loss(s.x, s.t) },
		paired(s.weights, s.gradient),
		&gradcheck.Settings{
			Precision: s.precision,
			Changes:   func(dst []float64, h float64) { s.net.Changes(dst, s.x, s.t, h) },
		})
}

// leaveOut takes out of the report the parameters that there was nothing to
// check of.
func (s *subject) leaveOut(r *gradcheck.Report) {
	r.Params = slices.DeleteFunc(r.Params, func(p gradcheck.ParamReport) bool { return slices.Contains(s.missing, p.Name) })
}

// title is what to know before reading the report. The loss, compared with
// one's own, shows whether both speak of the same net.
func (s *subject) title(loss float64) string {
	d, h, k := s.weights.Sizes()
	samples, _ := s.x.Dims()
	lines := append([]string{fmt.Sprintf("%s: %d-%d-%d net, %d samples, loss %.10g", s.about, d, h, k, samples, loss)}, s.notes...)
	return strings.Join(lines, "\n") + "\n"
}

// save writes the differences of a report on all weights to a file.
func save(r *gradcheck.Report, path string, weights *nn.Params) error {
	numerical := nn.NewParams(weights.Sizes())
	rest := numerical.Vector
	for _, p := range r.Params {
		for _, e := range p.Elements {
			rest[e.Index] = e.Difference
		}
		rest = rest[p.Size:]
	}
	return (&models.Model{Params: numerical}).Save(path)
}

// paired are the weights with a gradient of theirs.
func paired(weights, gradient *nn.Params) []gradcheck.Param {
	d, h, k := weights.Sizes()
	return []gradcheck.Param{
		{Name: "W1", X: weights.W1.RawMatrix().Data, Gradient: gradient.W1.RawMatrix().Data, Shape: []int{d, h}},
		{Name: "b1", X: weights.B1, Gradient: gradient.B1},
		{Name: "W2", X: weights.W2.RawMatrix().Data, Gradient: gradient.W2.RawMatrix().Data, Shape: []int{h, k}},
		{Name: "b2", X: weights.B2, Gradient: gradient.B2},
	}
}
