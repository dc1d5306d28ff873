package gradcheck

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"gonum.org/v1/gonum/floats"

	"numgrad/internal/number"
)

// A Report is the result of [Check].
type Report struct {
	// Loss is the loss at x.
	Loss float64
	// Fault, if not nil, says why the loss cannot be checked by differences. The
	// rest of the report then says nothing about the gradient.
	Fault error
	// Asked is the number of losses that were asked for.
	Asked int
	// Params are the parameters in the order in which they were given.
	Params []ParamReport
	// Directions is the number of random directions over all parameters
	// together that were compared, of which DirectionsWrong disagree.
	Directions, DirectionsWrong int
	// Hint explains all wrong parameters together, or is "".
	Hint string
	// Words are the names of the settings in the report.
	Words Words
}

// A ParamReport is the part of a report about one parameter.
type ParamReport struct {
	Name  string
	Shape []int
	// Size is the number of its elements, of which Elements were checked.
	Size     int
	Elements []Element

	// The numbers of Elements with each verdict.
	Agree, Wrong, CannotTell int
	// Zero is how many of Agree are zero for a reason, within ZeroWithin: their
	// bars are negligible beside the other gradients.
	Zero       int
	ZeroWithin float64

	// MaxOff is the largest absolute difference between backward pass and
	// differences. MaxRelative is the largest relative to the larger of the two,
	// over elements larger than their bar.
	MaxOff, MaxRelative float64
	// Visible is the length of all bars together, √ΣBar², as a share of the
	// length of the gradient of Elements. If that gradient were off by three
	// times as much, in one element or in all, an element would be called
	// wrong. It is +Inf if the gradient is zero or unknown. See also
	// [Element.Visible].
	Visible float64

	// Directions is the number of random directions over all elements that were
	// compared, of which DirectionsWrong disagree. It is zero if each element
	// was checked. An error longer than Blind times the gradient is missed with
	// a probability of less than one in a million.
	Directions, DirectionsWrong int
	Blind                       float64

	// Hint is the reason why the parameter is Wrong or CannotTell, or "".
	Hint string

	untold float64 // the length of the bars of the CannotTell elements
	zero   bool    // the directions show a gradient of zero, within a negligible bar
}

const (
	missed    = 1e-6 // the probability for Blind
	tolerated = 0.01 // the share of a gradient that CannotTell elements may hide
	worst     = 5    // the number of wrong elements in the text
)

// Verdict is Wrong if an element or a direction is. It is CannotTell if an error
// within the bars of all CannotTell elements could be longer than 1 %
// of the gradient, or if the directions could miss an error of a third of it.
// Else it is Agrees.
func (p *ParamReport) Verdict() Verdict {
	switch {
	case p.Wrong > 0 || p.DirectionsWrong > 0:
		return Wrong
	case p.CannotTell > 0 && !(p.untold <= tolerated*p.length()):
		return CannotTell
	case len(p.Elements) < p.Size && !(p.Blind <= 1./3) && !p.zero:
		return CannotTell
	default:
		return Agrees
	}
}

// length is the length of the gradient of Elements by the differences.
func (p *ParamReport) length() float64 {
	length := 0.0
	for _, e := range p.Elements {
		if e.known() {
			length = math.Hypot(length, e.Difference)
		}
	}
	return length
}

// ElementName returns the name of an element in the report, such as W1[312,7].
func (p *ParamReport) ElementName(e Element) string {
	return p.Name + number.Index(e.Index, p.Shape)
}

// Worst returns up to n of the wrong elements, the furthest outside of their
// bars first.
func (p *ParamReport) Worst(n int) []Element {
	var wrong []Element
	for _, e := range p.Elements {
		if e.Verdict == Wrong {
			wrong = append(wrong, e)
		}
	}
	slices.SortStableFunc(wrong, func(a, b Element) int {
		return cmp.Compare(a.Bar/a.off(), b.Bar/b.off()) // NaN is first
	})
	return wrong[:min(n, len(wrong))]
}

// Err is nil if every parameter agrees. Otherwise it is an error with the first
// line of the report.
func (r *Report) Err() error {
	if r.Fault != nil {
		return fmt.Errorf("gradcheck: no verdict: %w", r.Fault)
	}
	for p := range r.Params {
		if r.Params[p].Verdict() != Agrees || r.DirectionsWrong > 0 {
			return errors.New("gradcheck: " + r.headline())
		}
	}
	return nil
}

// summarize counts and measures the elements and directions of a parameter.
func (c *checker) summarize(index int) {
	p := &c.params[index]
	bars := 0.0
	for _, t := range p.elements {
		e := t.Element
		p.Elements = append(p.Elements, e)
		switch e.Verdict {
		case Agrees:
			p.Agree++
		case Wrong:
			p.Wrong++
		case CannotTell:
			p.CannotTell++
			p.untold = math.Hypot(p.untold, e.Bar)
		}
		if e.Zero {
			p.Zero++
			p.ZeroWithin = math.Max(p.ZeroWithin, e.Bar)
		}
		if !e.known() {
			bars = math.Inf(1)
			continue
		}
		bars = math.Hypot(bars, e.Bar)
		p.MaxOff = math.Max(p.MaxOff, e.off())
		if size := math.Max(math.Abs(e.Backprop), math.Abs(e.Difference)); size > e.Bar {
			p.MaxRelative = math.Max(p.MaxRelative, e.off()/size)
		}
	}
	slices.SortFunc(p.Elements, func(a, b Element) int { return a.Index - b.Index })
	p.Visible = math.Inf(1)
	if length := p.length(); length > 0 {
		p.Visible = bars / length
	}

	product, widest := 1.0, 0.0 // of the bars
	for _, t := range p.directions {
		if t.rough || !t.known() {
			continue
		}
		p.Directions++
		if t.Verdict == Wrong {
			p.DirectionsWrong++
		}
		product *= t.Bar
		widest = math.Max(widest, t.Bar)
	}
	p.Blind = math.Inf(1)
	if k := float64(p.Directions); k > 0 {
		// An error e is missed in a direction with probability erf(bar·√n/(√2·size·‖e‖)).
		sigmas := math.Sqrt2 * math.Erfinv(math.Pow(missed, 1/k))
		error := math.Pow(product, 1/k) * math.Sqrt(float64(p.Size)) / c.size[index] / sigmas
		p.Blind = error / floats.Norm(p.gradient, 2)
		p.zero = widest <= negligible*c.largest
		if p.zero && !(p.Blind <= 1./3) {
			p.ZeroWithin = math.Max(p.ZeroWithin, widest/c.size[index])
		}
	}
}

// String returns the report as text: a line with the result, a table of the
// parameters, and the worst elements.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.headline())
	if r.Fault != nil {
		return b.String()
	}
	sampled := false
	for p := range r.Params {
		sampled = sampled || r.Params[p].sampled()
	}
	fmt.Fprintln(&b)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\tchecked\twrong\tcannot tell\tmax diff\tmax rel\tvisible\t")
	if sampled {
		fmt.Fprint(w, "directions\tmissed\t")
	}
	fmt.Fprintln(w, "verdict\t")
	for p := range r.Params {
		p := &r.Params[p]
		fmt.Fprintf(w, "%s %s\t%s\t%d\t%d\t%.1e\t%.1e\t%.1e\t", p.Name, number.Shape(p.Shape), p.checked(),
			p.Wrong, p.CannotTell, p.MaxOff, p.MaxRelative, p.Visible)
		switch {
		case p.sampled():
			fmt.Fprintf(w, "%d\t%.1e\t", p.Directions, p.Blind)
		case sampled:
			fmt.Fprint(w, "\t\t")
		}
		fmt.Fprintf(w, "%v\t\n", p.Verdict())
	}
	w.Flush()
	fmt.Fprintln(&b, "diff: |backprop − differences|; visible: the share of the gradient that may be wrong unseen; cannot tell: the bar is too wide")
	if sampled {
		fmt.Fprintf(&b, "missed: an error of the elements not checked is missed along the directions with probability %v if it is this share\n"+
			"of the gradient, and less if it is longer; to check each element: %s\n", missed, r.Words.Each)
	}
	for p := range r.Params {
		r.Params[p].writeDetail(&b)
	}
	return b.String()
}

func (p *ParamReport) sampled() bool { return len(p.Elements) < p.Size }

func (p *ParamReport) checked() string {
	if p.sampled() {
		return fmt.Sprintf("%d of %d", len(p.Elements), p.Size)
	}
	return fmt.Sprint(p.Size)
}

// headline returns the first line: the verdict, the parameters and the hint.
func (r *Report) headline() string {
	if r.Fault != nil {
		return "no verdict: " + r.Fault.Error()
	}
	names := map[Verdict][]string{}
	hint, same := "", true
	for p := range r.Params {
		p := &r.Params[p]
		v := p.Verdict()
		names[v] = append(names[v], p.label())
		if v == Wrong {
			same = same && (len(names[v]) == 1 || p.Hint == hint)
			hint = p.Hint
		}
	}
	var parts []string
	switch {
	case len(names[Wrong]) > 0:
		line := "wrong: " + strings.Join(names[Wrong], ", ")
		if same && hint != "" {
			line += ": " + hint
		} else if r.Hint != "" {
			line += ": " + r.Hint
		}
		parts = append(parts, line)
	case r.DirectionsWrong > 0:
		parts = append(parts, "wrong: along directions over all parameters together, but along none over one of them")
	}
	if len(names[CannotTell]) > 0 {
		parts = append(parts, "cannot tell: "+strings.Join(names[CannotTell], ", "))
	}
	if parts == nil {
		return "agrees: " + strings.Join(names[Agrees], ", ")
	}
	return strings.Join(parts, "; ")
}

// label returns the name for the headline, with its limits.
func (p *ParamReport) label() string {
	switch v := p.Verdict(); {
	case v == CannotTell && p.Hint != "":
		return p.Name + " (" + p.Hint + ")"
	case v == Agrees && p.CannotTell > 0:
		return fmt.Sprintf("%s (but %d of %d cannot be told)", p.Name, p.CannotTell, len(p.Elements))
	case v == Agrees && p.ZeroWithin > 0 && p.Zero == len(p.Elements):
		return fmt.Sprintf("%s (zero, within %.0e)", p.Name, p.ZeroWithin)
	case v == Agrees && p.Zero > 0 && p.Zero == len(p.Elements):
		return p.Name + " (zero)"
	default:
		return p.Name
	}
}

// writeDetail writes the wrong elements.
func (p *ParamReport) writeDetail(b *strings.Builder) {
	if p.Zero > 0 && p.Zero < len(p.Elements) && p.Verdict() == Agrees {
		fmt.Fprintf(b, "\n%s: %d of %d elements are zero, within %.0e\n", p.Name, p.Zero, len(p.Elements), p.ZeroWithin)
	}
	if p.Verdict() != Wrong {
		return
	}
	fmt.Fprintf(b, "\n%s", p.Name)
	if p.Hint != "" {
		fmt.Fprintf(b, ": %s", p.Hint)
	}
	fmt.Fprintln(b)
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, e := range p.Worst(worst) {
		fmt.Fprintf(w, "  %s\tbackprop %.10g\tdifferences %.10g\t± %.1e truncation\t± %.1e round-off\th = %.2g\n",
			p.ElementName(e), e.Backprop, e.Difference, e.Truncation, e.Roundoff, e.Step)
	}
	w.Flush()
}

// MarshalJSON writes the content of [Report.String] for machines. Numbers that
// are not finite are null.
func (r *Report) MarshalJSON() ([]byte, error) {
	number := func(v float64) any {
		if math.IsNaN(v - v) {
			return nil
		}
		return v
	}
	params := []map[string]any{}
	var fault any
	if r.Fault != nil {
		fault = r.Fault.Error()
	}
	for i := range r.Params {
		p := &r.Params[i]
		if r.Fault != nil {
			break
		}
		elements := []map[string]any{}
		for _, e := range p.Worst(worst) {
			elements = append(elements, map[string]any{
				"name": p.ElementName(e), "index": e.Index, "backprop": number(e.Backprop), "difference": number(e.Difference),
				"bar": number(e.Bar), "truncation": number(e.Truncation), "roundoff": number(e.Roundoff),
				"rounded": number(e.Rounded), "kink": number(e.Kink), "step": number(e.Step),
			})
		}
		params = append(params, map[string]any{
			"name": p.Name, "shape": p.Shape, "verdict": p.Verdict(), "size": p.Size, "checked": len(p.Elements),
			"agree": p.Agree, "wrong": p.Wrong, "cannotTell": p.CannotTell, "zero": p.Zero, "zeroWithin": number(p.ZeroWithin),
			"maxDiff": number(p.MaxOff), "maxRel": number(p.MaxRelative), "visible": number(p.Visible),
			"directions": p.Directions, "directionsWrong": p.DirectionsWrong, "blind": number(p.Blind), "hint": p.Hint, "worst": elements,
		})
	}
	return json.Marshal(map[string]any{
		"agrees": r.Err() == nil, "headline": r.headline(), "fault": fault, "loss": number(r.Loss),
		"asked": r.Asked, "hint": r.Hint, "params": params,
	})
}
