package gradcheck

import (
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

	// MeanOff and MaxOff are the mean and the largest absolute difference
	// between backward pass and differences. MaxRelative is the largest
	// relative to the larger of the two, over elements larger than their bar.
	MeanOff, MaxOff, MaxRelative float64
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

	// Hint explains why the parameter is wrong or cannot be told, or is "".
	Hint string

	zero bool // the directions show a gradient of zero, within a negligible bar
}

const (
	missed    = 1e-6 // the probability for Blind
	tolerated = 0.01 // the share of a gradient that CannotTell elements may hide
	worst     = 5    // the number of wrong elements in the text
)

// Verdict is Wrong if an element or a direction is. It is CannotTell if an error
// within the bars of all elements that cannot be told could be longer than 1 %
// of the gradient, or if the directions could miss an error of a third of it.
// Else it is Agrees.
func (p *ParamReport) Verdict() Verdict {
	switch {
	case p.Wrong > 0 || p.DirectionsWrong > 0:
		return Wrong
	case p.CannotTell > 0 && !(p.untold() <= tolerated*p.length()):
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

// untold is the length of the bars of the elements that cannot be told.
func (p *ParamReport) untold() float64 {
	length := 0.0
	for _, e := range p.Elements {
		if e.Verdict == CannotTell {
			length = math.Hypot(length, e.Bar)
		}
	}
	return length
}

// ElementName returns the name of an element in the report, such as W1[312,7].
func (p *ParamReport) ElementName(e Element) string {
	return p.Name + number.Index(e.Index, p.Shape)
}

// Worst returns up to n of the wrong elements, those furthest outside of their
// bars first.
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

// Err is nil if every parameter agrees. Otherwise it is an error with the first
// line of the report.
func (r *Report) Err() error {
	if r.Fault != nil {
		return fmt.Errorf("gradcheck: no verdict: %w", r.Fault)
	}
	for p := range r.Params {
		if r.Params[p].Verdict() != Agrees {
			return errors.New("gradcheck: " + r.headline())
		}
	}
	if r.DirectionsWrong > 0 {
		return errors.New("gradcheck: " + r.headline())
	}
	return nil
}

// summarize counts and measures the elements and directions of a parameter with
// variables of a typical size. largest is the largest product of a derivative
// and such a size.
func (p *param) summarize(elements, directions []*target, largest, size float64) {
	bars := 0.0
	for _, t := range elements {
		e := t.Element
		p.Elements = append(p.Elements, e)
		switch e.Verdict {
		case Agrees:
			p.Agree++
		case Wrong:
			p.Wrong++
		case CannotTell:
			p.CannotTell++
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
		p.MeanOff += e.off() / float64(len(elements))
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
	for _, t := range directions {
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
		error := math.Pow(product, 1/k) * math.Sqrt(float64(p.Size)) / size / sigmas
		p.Blind = error / floats.Norm(p.gradient, 2)
		p.zero = widest <= negligible*largest
		if p.zero && !(p.Blind <= 1./3) {
			p.ZeroWithin = math.Max(p.ZeroWithin, widest/size)
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

// MarshalJSON writes the content of [Report.String] for machines: the verdicts,
// and for each parameter the counts, the measures and the worst elements.
// Numbers that are not finite are null.
func (r *Report) MarshalJSON() ([]byte, error) {
	var fault *string
	params := []paramJSON{}
	if r.Fault != nil {
		text := r.Fault.Error()
		fault = &text
	} else {
		for p := range r.Params {
			params = append(params, r.Params[p].json())
		}
	}
	return json.Marshal(struct {
		Agrees   bool        `json:"agrees"`
		Headline string      `json:"headline"`
		Fault    *string     `json:"fault"`
		Loss     nullable    `json:"loss"`
		Asked    int         `json:"asked"`
		Hint     string      `json:"hint"`
		Params   []paramJSON `json:"params"`
	}{r.Err() == nil, r.headline(), fault, nullable(r.Loss), r.Asked, r.Hint, params})
}

type paramJSON struct {
	Name            string        `json:"name"`
	Shape           []int         `json:"shape"`
	Verdict         Verdict       `json:"verdict"`
	Size            int           `json:"size"`
	Checked         int           `json:"checked"`
	Agree           int           `json:"agree"`
	Wrong           int           `json:"wrong"`
	CannotTell      int           `json:"cannotTell"`
	Zero            int           `json:"zero"`
	ZeroWithin      nullable      `json:"zeroWithin"`
	MeanDiff        nullable      `json:"meanDiff"`
	MaxDiff         nullable      `json:"maxDiff"`
	MaxRel          nullable      `json:"maxRel"`
	Visible         nullable      `json:"visible"`
	Directions      int           `json:"directions"`
	DirectionsWrong int           `json:"directionsWrong"`
	Blind           nullable      `json:"blind"`
	Hint            string        `json:"hint"`
	Worst           []elementJSON `json:"worst"`
}

type elementJSON struct {
	Name       string   `json:"name"`
	Index      int      `json:"index"`
	Backprop   nullable `json:"backprop"`
	Difference nullable `json:"difference"`
	Bar        nullable `json:"bar"`
	Truncation nullable `json:"truncation"`
	Roundoff   nullable `json:"roundoff"`
	Rounded    nullable `json:"rounded"`
	Kink       nullable `json:"kink"`
	Step       nullable `json:"step"`
}

func (p *ParamReport) json() paramJSON {
	j := paramJSON{
		Name: p.Name, Shape: p.Shape, Verdict: p.Verdict(), Size: p.Size, Checked: len(p.Elements),
		Agree: p.Agree, Wrong: p.Wrong, CannotTell: p.CannotTell, Zero: p.Zero, ZeroWithin: nullable(p.ZeroWithin),
		MeanDiff: nullable(p.MeanOff), MaxDiff: nullable(p.MaxOff), MaxRel: nullable(p.MaxRelative), Visible: nullable(p.Visible),
		Directions: p.Directions, DirectionsWrong: p.DirectionsWrong, Blind: nullable(p.Blind),
		Hint: p.Hint, Worst: []elementJSON{},
	}
	for _, e := range p.Worst(worst) {
		j.Worst = append(j.Worst, elementJSON{
			Name: p.ElementName(e), Index: e.Index,
			Backprop: nullable(e.Backprop), Difference: nullable(e.Difference), Bar: nullable(e.Bar),
			Truncation: nullable(e.Truncation), Roundoff: nullable(e.Roundoff), Rounded: nullable(e.Rounded),
			Kink: nullable(e.Kink), Step: nullable(e.Step),
		})
	}
	return j
}

// nullable is a number that is null in JSON if it is not finite.
type nullable float64

// MarshalJSON has a value receiver, for fields that are not pointers.
func (n nullable) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n - n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}
