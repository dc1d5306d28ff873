package main

import (
	"errors"
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

// errConstant is what ErrUnread means where the loss is that of a net.
var errConstant = errors.New("the loss does not depend on the weights: is there only one class?")

// explain adds to the report what is known of the nets here.
func (s *subject) explain(r *gradcheck.Report) {
	if errors.Is(r.Fault, gradcheck.ErrUnread) {
		r.Fault = errConstant
	}
	if r.Fault != nil || !slices.ContainsFunc(r.Params, isWrong) {
		return
	}
	flags := s.otherwise()
	if flags == nil {
		return
	}
	for p := range r.Params {
		if isWrong(r.Params[p]) {
			r.Params[p].Hint = "the gradient agrees with " + strings.Join(flags, ", and with ")
		}
	}
}

func isWrong(p gradcheck.ParamReport) bool { return p.Verdict() == gradcheck.Wrong }

// otherwise returns the flags of the other activation or of the other loss, if
// the gradient is right for these.
func (s *subject) otherwise() []string {
	other := map[nn.Activation]nn.Activation{nn.Sigmoid: nn.ReLU, "": nn.ReLU, nn.ReLU: nn.Sigmoid}[s.net.Activation]
	var agree []string
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
		agree = append(agree, strings.Join(flags, " "))
	}
	return agree
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
