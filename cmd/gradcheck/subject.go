package main

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/gradcheck"
	"numgrad/nn"
	"numgrad/perturb"
)

// subject is a gradient to check, and all that it follows from.
type subject struct {
	about     string // where it comes from
	net       *nn.Net
	x         *mat.Dense
	t         []int
	gradient  *nn.Params
	precision float64
	missing   []string // parameters that gradient has nothing of but zeros
	notes     []string
}

func (s *subject) check() *gradcheck.Report {
	var engine perturb.Engine
	return gradcheck.Check(
		func() float64 { return s.net.Loss(s.x, s.t) },
		paired(s.net.Params, s.gradient),
		&gradcheck.Settings{
			Precision: s.precision,
			Changes:   func(dst []float64, h float64) { engine.Changes(dst, s.net, s.x, s.t, h) },
		})
}

// otherwise names the activation or the loss for which the gradient would be
// right.
func (s *subject) otherwise() []string {
	other := map[nn.Activation]nn.Activation{nn.Sigmoid: nn.ReLU, "": nn.ReLU, nn.ReLU: nn.Sigmoid}[s.net.Activation]
	var notes []string
	for _, kind := range []nn.Net{
		{Activation: other, BookLoss: s.net.BookLoss},
		{Activation: s.net.Activation, BookLoss: !s.net.BookLoss},
		{Activation: other, BookLoss: !s.net.BookLoss},
	} {
		instead := *s
		kind.Params = s.net.Params
		instead.net = &kind
		report := instead.check()
		if s.leaveOut(report); report.Err() != nil {
			continue
		}
		var flags []string
		if kind.Activation != s.net.Activation {
			flags = append(flags, "-activation "+string(kind.Activation))
		}
		if kind.BookLoss != s.net.BookLoss {
			flags = append(flags, fmt.Sprintf("-book=%v", kind.BookLoss))
		}
		notes = append(notes, "the gradient agrees with "+strings.Join(flags, " "))
	}
	return notes
}

// leaveOut takes out of the report the parameters that there was nothing to
// check of.
func (s *subject) leaveOut(r *gradcheck.Report) {
	r.Params = slices.DeleteFunc(r.Params, func(p gradcheck.ParamReport) bool { return slices.Contains(s.missing, p.Name) })
}

// title is what to know before reading the report. The loss, compared with
// one's own, shows whether both speak of the same net.
func (s *subject) title(loss float64) string {
	samples, _ := s.x.Dims()
	lines := append([]string{fmt.Sprintf("%s: %s net, %d samples, loss %.10g", s.about, nn.Form(s.net.Sizes()), samples, loss)}, s.notes...)
	return strings.Join(lines, "\n") + "\n"
}

// paired are the weights with a gradient of theirs.
func paired(weights, gradient *nn.Params) []gradcheck.Param {
	var params []gradcheck.Param
	gradients := gradient.Arrays()
	for i, a := range weights.Arrays() {
		params = append(params, gradcheck.Param{Name: a.Name, X: a.Data, Gradient: gradients[i].Data, Shape: a.Shape})
	}
	return params
}
