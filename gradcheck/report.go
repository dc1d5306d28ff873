package gradcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Report is what [Check] found.
type Report struct {
	// Loss is the loss at x.
	Loss float64
	// Fault is not nil if the loss cannot be checked by differences, and says
	// why. The rest of the report then says nothing about the gradient.
	Fault error
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

	// MeanOff and MaxOff are the mean and the largest absolute difference
	// between backward pass and differences. MaxRelative is the largest
	// relative to the larger of the two, of elements that are larger than
	// their bar.
	MeanOff, MaxOff, MaxRelative float64
	// Visible is the relative error that would have been seen in half of the
	// elements that are not zero: the median of bar/|difference|. It is +Inf
	// if all are zero.
	Visible float64

	// Directions is how many random directions over all elements were
	// compared, of a parameter that was sampled; in DirectionsWrong of them
	// the derivatives differed. An error that is longer than Blind times the
	// gradient would have been missed with a probability of one in a million.
	Directions, DirectionsWrong int
	Blind                       float64

	// Hint says what the pattern of the wrong elements looks like, or is "".
	Hint string
}

// Verdict is Wrong if one element or direction is, CannotTell if no element
// could be told, else Agrees.
func (p *ParamReport) Verdict() Verdict {
	switch {
	case p.Wrong > 0 || p.DirectionsWrong > 0:
		return Wrong
	case p.CannotTell > 0 && p.Agree == 0:
		return CannotTell
	default:
		return Agrees
	}
}

// ElementName is the name of an element as in the report: W1[312,7].
func (p *ParamReport) ElementName(e Element) string {
	return elementName(p.Name, p.Shape, e.Index)
}

func elementName(name string, shape []int, i int) string {
	index := make([]string, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		index[axis] = fmt.Sprint(i % shape[axis])
		i /= shape[axis]
	}
	return name + "[" + strings.Join(index, ",") + "]"
}

// Worst returns up to n of the wrong elements, those first that are furthest
// outside their bar.
func (p *ParamReport) Worst(n int) []Element {
	var wrong []Element
	for _, e := range p.Elements {
		if e.Verdict == Wrong {
			wrong = append(wrong, e)
		}
	}
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

// Err is nil if the gradient agrees. It is an error if the loss is at fault,
// if a parameter is wrong, or if nothing could be told of one.
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
	var relative []float64
	for _, e := range p.Elements {
		switch e.Verdict {
		case Agrees:
			p.Agree++
		case Wrong:
			p.Wrong++
		case CannotTell:
			p.CannotTell++
		}
		p.MeanOff += e.off() / float64(len(p.Elements))
		p.MaxOff = math.Max(p.MaxOff, e.off())
		if size := math.Max(math.Abs(e.Backprop), math.Abs(e.Difference)); size > e.Bar {
			p.MaxRelative = math.Max(p.MaxRelative, e.off()/size)
		}
		if e.Difference != 0 && !math.IsNaN(e.Difference) {
			relative = append(relative, e.Bar/math.Abs(e.Difference))
		}
	}
	p.Visible = math.Inf(1)
	if len(relative) > 0 {
		slices.Sort(relative)
		p.Visible = relative[len(relative)/2]
	}
	p.Hint = p.hint()
}
