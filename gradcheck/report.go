package gradcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"numgrad/internal/number"
)

// A Report is what [Check] found.
type Report struct {
	// Loss is the loss at x.
	Loss float64
	// Fault is not nil if the loss cannot be checked by differences, and says
	// why. The rest of the report then says nothing about the gradient.
	Fault error
	// Asked is how many losses were asked for.
	Asked int
	// Words are those of the settings.
	Words Words
	// Hint says what the pattern of all wrong parameters looks like, or is "".
	Hint string
	// Params are the parameters in the order in which they were given.
	Params []ParamReport
}

// A ParamReport is the part of a report about one parameter.
type ParamReport struct {
	Name  string
	Shape []int
	// Size is the number of its elements, of which Elements were checked.
	Size     int
	Elements []Element

	// How many of Elements have each verdict.
	Agree, Wrong, CannotTell int

	// Zero is how many of those that agree are zero for a reason, within
	// ZeroWithin: their bars are negligible beside the other gradients.
	Zero       int
	ZeroWithin float64

	// MeanOff and MaxOff are the mean and the largest absolute difference
	// between backward pass and differences. MaxRelative is the largest
	// relative to the larger of the two, of elements that are larger than
	// their bar.
	MeanOff, MaxOff, MaxRelative float64
	// Visible is the length of all bars together, √ΣBar², as a share of the
	// length of the gradient of Elements: were that off by three times as
	// much, in one element or in all, an element would be called wrong. It is
	// +Inf if the gradient is zero or not known. Of one element, see
	// [Element.Visible].
	Visible float64

	// Directions is how many random directions over all elements were
	// compared, of a parameter that was sampled; in DirectionsWrong of them
	// the derivatives differed. An error that is longer than Blind times the
	// gradient would have been missed with a probability of one in a million.
	Directions, DirectionsWrong int
	Blind                       float64

	// Hint says what the pattern of the wrong elements looks like, or is "".
	Hint string

	flat bool // whether the loss moves with none of Elements
	// explained tells that the directions would agree if Elements were right.
	explained bool

	zero bool // whether that is so of all, and each is zero, rightly
}

// tolerated is the share of the length of a gradient that the bars may have of
// elements which cannot be told, together.
const tolerated = 0.01

// Verdict is Wrong if one element or direction is. It is CannotTell if what
// cannot be told matters: if an error within the bars of all elements that
// cannot be told could be longer than 1 % of the gradient, or if directions
// would miss an error as long as a third of it. Else it is Agrees.
func (p *ParamReport) Verdict() Verdict {
	switch {
	case p.Wrong > 0 || p.DirectionsWrong > 0:
		return Wrong
	case p.CannotTell > 0 && !(p.untold() <= tolerated*p.length()):
		return CannotTell
	case p.Directions > 0 && !(p.Blind <= 1./3) && !p.zero:
		return CannotTell
	default:
		return Agrees
	}
}

// length is that of the gradient of the elements checked, as the differences
// have it.
func (p *ParamReport) length() float64 {
	length := 0.0
	for _, e := range p.Elements {
		if e.known() {
			length = math.Hypot(length, e.Difference)
		}
	}
	return length
}

// untold is the length of the bars of what cannot be told.
func (p *ParamReport) untold() float64 {
	length := 0.0
	for _, e := range p.Elements {
		if e.Verdict == CannotTell {
			length = math.Hypot(length, e.Bar)
		}
	}
	return length
}

// ElementName is the name of an element as in the report: W1[312,7].
func (p *ParamReport) ElementName(e Element) string {
	return p.Name + number.Index(e.Index, p.Shape)
}

// Worst returns up to n of the wrong elements, those first that are furthest
// outside their bar.
func (p *ParamReport) Worst(n int) []Element {
	wrong := p.wrongElements()
	excess := func(e Element) float64 {
		if x := e.off() / e.Bar; !math.IsNaN(x) {
			return x
		}
		return math.Inf(1)
	}
	slices.SortStableFunc(wrong, func(a, b Element) int {
		switch x, y := excess(a), excess(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return wrong[:min(n, len(wrong))]
}

func (p *ParamReport) wrongElements() []Element {
	var wrong []Element
	for _, e := range p.Elements {
		if e.Verdict == Wrong {
			wrong = append(wrong, e)
		}
	}
	return wrong
}

// Err is nil if every parameter agrees. It is an error, with the first line of
// the report, if the loss is at fault, or if the verdict on a parameter is
// that it is wrong or cannot be told; see [ParamReport.Verdict].
func (r *Report) Err() error {
	if r.Fault != nil {
		return fmt.Errorf("gradcheck: no verdict: %w", r.Fault)
	}
	for p := range r.Params {
		if r.Params[p].Verdict() != Agrees {
			return errors.New("gradcheck: " + r.headline())
		}
	}
	return nil
}

// summarize counts and measures the elements.
func (p *ParamReport) summarize() {
	bars := 0.0
	p.flat = true
	for _, e := range p.Elements {
		switch e.Verdict {
		case Agrees:
			p.Agree++
		case Wrong:
			p.Wrong++
		case CannotTell:
			p.CannotTell++
		}
		p.flat = p.flat && e.slope == 0 && e.known()
		if !e.known() {
			bars = math.Inf(1)
			continue
		}
		bars = math.Hypot(bars, e.Bar)
		p.MeanOff += e.off() / float64(len(p.Elements))
		p.MaxOff = math.Max(p.MaxOff, e.off())
		if size := math.Max(math.Abs(e.Backprop), math.Abs(e.Difference)); size > e.Bar {
			p.MaxRelative = math.Max(p.MaxRelative, e.off()/size)
		}
	}
	p.Visible = math.Inf(1)
	if length := p.length(); length > 0 {
		p.Visible = bars / length
	}
}
