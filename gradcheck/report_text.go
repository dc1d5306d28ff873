package gradcheck

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"numgrad/internal/number"
)

// String is the report as text: a line that says it all, a table of the
// parameters, and the worst elements.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.headline())
	if r.Fault != nil {
		return b.String()
	}
	fmt.Fprintln(&b)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tchecked\twrong\tcannot tell\tmean diff\tmax diff\tmax rel\tvisible\tverdict\t")
	for p := range r.Params {
		p := &r.Params[p]
		fmt.Fprintf(w, "%s %s\t%s\t%d\t%d\t%.1e\t%.1e\t%.1e\t%.1e\t%v\t\n", p.Name, number.Shape(p.Shape), p.checked(),
			p.Wrong, p.CannotTell, p.MeanOff, p.MaxOff, p.MaxRelative, p.Visible, p.Verdict())
	}
	w.Flush()
	fmt.Fprintln(&b, legend)
	for p := range r.Params {
		r.Params[p].writeDetail(&b)
	}
	return b.String()
}

// worst is how many wrong elements of a parameter are shown.
const worst = 5

// legend says what the columns of the table mean that have short titles.
const legend = "diff: |backprop − differences|; visible: the share of the gradient that may be wrong unseen; cannot tell: the bar is too wide"

// headline is the first line: the wrong parameters and what is wrong.
func (r *Report) headline() string {
	if r.Fault != nil {
		return "no verdict: " + r.Fault.Error()
	}
	names := map[Verdict][]string{}
	var hints []string
	same := true
	for p := range r.Params {
		p := &r.Params[p]
		v := p.Verdict()
		names[v] = append(names[v], p.label())
		if v == Wrong {
			hints = append(hints, p.Hint)
			same = same && p.Hint == hints[0]
		}
	}
	untold := ""
	if len(names[CannotTell]) > 0 {
		untold = "cannot tell: " + strings.Join(names[CannotTell], ", ")
	}
	switch {
	case len(names[Wrong]) > 0:
		line := "wrong: " + strings.Join(names[Wrong], ", ")
		if same && hints[0] != "" {
			line += ": " + hints[0]
		} else if hint := r.biasHint(); hint != "" {
			line += ": " + hint
		}
		if untold != "" {
			line += "; " + untold
		}
		return line
	case untold != "":
		return untold
	default:
		return "agrees: " + strings.Join(names[Agrees], ", ")
	}
}

// label is the name in the headline, with how much could not be told.
func (p *ParamReport) label() string {
	switch v := p.Verdict(); {
	case v == CannotTell && p.Hint != "":
		return p.Name + " (" + p.Hint + ")"
	case v == Agrees && p.CannotTell > 0:
		return fmt.Sprintf("%s (but %d of %d cannot be told)", p.Name, p.CannotTell, len(p.Elements))
	default:
		return p.Name
	}
}

// biasHint speaks up where vectors are wrong and every matrix is right.
func (r *Report) biasHint() string {
	matrices := 0
	for p := range r.Params {
		p := &r.Params[p]
		if len(p.Shape) > 1 {
			matrices++
			if p.Verdict() == Wrong {
				return ""
			}
		}
	}
	if matrices == 0 {
		return ""
	}
	return "only biases; are they summed over the batch?"
}

func (p *ParamReport) checked() string {
	if len(p.Elements) < p.Size {
		return fmt.Sprintf("%d of %d", len(p.Elements), p.Size)
	}
	return fmt.Sprint(p.Size)
}

// writeDetail writes what the table has no room for.
func (p *ParamReport) writeDetail(b *strings.Builder) {
	if p.Directions > 0 {
		fmt.Fprintf(b, "\n%s: the elements not drawn were checked along %d random directions over all: an error longer\n"+
			"than %.1e of the gradient would be missed with probability %v.", p.Name, p.Directions, p.Blind, missed)
		if p.DirectionsWrong > 0 {
			fmt.Fprintf(b, " %d of them disagree.", p.DirectionsWrong)
		}
		fmt.Fprintln(b)
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
