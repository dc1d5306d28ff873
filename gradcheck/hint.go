package gradcheck

import (
	"fmt"
	"math"
	"slices"
)

// hint looks for a simple relation between what the backward pass says and
// what the differences say, and for where it holds.
func (c *checker) hint(p *ParamReport, index int) string {
	wrong := p.wrongElements()
	switch {
	case len(wrong) > 0:
	case p.DirectionsWrong > 0:
		return "in elements that were not drawn"
	case p.Verdict() == CannotTell:
		return p.obstacle(c.box.coarse())
	default:
		return ""
	}
	if p.flat {
		if c.box.reach(func(q, _ int) bool { return q == index }) != 0 {
			return "the loss is flat: it changes only where the variables are moved far"
		}
		return "the loss does not change with it; does it read this very memory?"
	}
	what := relation(wrong)
	if what == "" && len(wrong) > 1 {
		if order := p.rearranged(); order != "" {
			return order
		}
	}
	if what == "" && c.asFloat32(p, index, wrong) {
		what = "it agrees with -precision float32 (Settings.Precision)"
	}
	where := p.where(wrong)
	if where != "" && what != "" {
		where += ": "
	}
	return where + what
}

// obstacle says why nothing can be told.
func (p *ParamReport) obstacle(coarse bool) string {
	for _, e := range p.Elements {
		if !e.known() {
			return fmt.Sprintf("the loss is not finite at %s ± h, for any h down to %.2g", p.ElementName(e), e.Step)
		}
	}
	switch {
	case p.flat && coarse:
		return "the loss is flat, or too coarse to show it"
	case p.flat:
		return "the loss is flat"
	}
	return "too noisy, or too flat"
}

// asFloat32 tells whether what is wrong would not be for a backward pass in
// float32. Few wrong elements among right ones are no sign of that.
func (c *checker) asFloat32(p *ParamReport, index int, wrong []Element) bool {
	if c.Precision >= Float32 || 4*len(wrong) < len(p.Elements) {
		return false
	}
	const enough = 64
	other := *c
	other.Precision = Float32
	other.progress = &progress{}
	var spots []*spot
	for _, e := range wrong[:min(enough, len(wrong))] {
		spots = append(spots, other.elementSpot(index, e.Index))
	}
	other.measure(other.probers(), spots)
	for _, s := range spots {
		if other.judge(s.Element, c.typical[index], s.spread()); s.Verdict == Wrong {
			return false
		}
	}
	return true
}

// where names the elements that are wrong, if others are right that might be
// wrong as well.
func (p *ParamReport) where(wrong []Element) string {
	bluntest := 0.0
	for _, e := range wrong {
		bluntest = math.Max(bluntest, math.Min(1./3, e.Visible()))
	}
	var right []Element // that would show as well if they were wrong
	for _, e := range p.Elements {
		if e.Verdict != Wrong && e.Visible() <= bluntest {
			right = append(right, e)
		}
	}
	switch {
	case len(p.Elements) == 1:
		return ""
	case len(wrong) == 1:
		return p.ElementName(wrong[0]) + p.alone()
	case len(right) == 0:
		return ""
	}
	if len(p.Shape) == 2 {
		cols := p.Shape[1]
		if s := lines("row", wrong, right, func(e Element) int { return e.Index / cols }); s != "" {
			return s + p.alone()
		}
		if s := lines("column", wrong, right, func(e Element) int { return e.Index % cols }); s != "" {
			return s + p.alone()
		}
	}
	return fmt.Sprintf("%d of %d elements", len(wrong), len(p.Elements))
}

// lines names the rows or columns that the wrong elements are in, if these are
// few and have no right ones.
func lines(kind string, wrong, right []Element, of func(Element) int) string {
	const few = 4
	var in []int
	for _, e := range wrong {
		if k := of(e); !slices.Contains(in, k) {
			in = append(in, k)
		}
		if len(in) > few {
			return ""
		}
	}
	if slices.ContainsFunc(right, func(e Element) bool { return slices.Contains(in, of(e)) }) {
		return ""
	}
	slices.Sort(in)
	text := fmt.Sprintf("%s %d", kind, in[0])
	if len(in) > 1 {
		text = fmt.Sprintf("%ss %d", kind, in[0])
	}
	for _, k := range in[1:] {
		text += fmt.Sprintf(", %d", k)
	}
	return text
}

// alone says whether what is wrong is all of it.
func (p *ParamReport) alone() string {
	if len(p.Elements) < p.Size && !p.explained {
		return ", as far as drawn"
	}
	return " alone"
}

// relation finds one factor between all wrong elements and what they should be.
func relation(wrong []Element) string {
	dot, square := 0.0, 0.0
	zero := true
	for _, e := range wrong {
		if math.IsNaN(e.Backprop) || math.IsInf(e.Backprop, 0) {
			return "not finite"
		}
		zero = zero && e.Backprop == 0
		dot += e.Backprop * e.Difference
		square += e.Difference * e.Difference
	}
	if zero {
		return "zero"
	}
	factor := dot / square
	for _, e := range wrong {
		if !(math.Abs(e.Backprop-factor*e.Difference) <= math.Max(1, math.Abs(factor))*e.Bar) {
			return ""
		}
	}
	if len(wrong) == 1 {
		return "" // a single pair has always a factor
	}
	return factorHint(factor)
}

func factorHint(factor float64) string {
	const near = 1e-4
	whole := func(v float64) bool { return math.Abs(v-math.Round(v)) <= near*v && v > 1.5 }
	switch {
	case math.Abs(factor+1) <= near:
		return "the sign is turned"
	case math.Abs(factor-2) <= near:
		return "twice what it should be; was it added to an old one?"
	case whole(factor):
		return fmt.Sprintf("%.0f times too large; is a sum meant to be a mean?", factor)
	case whole(1 / factor):
		return fmt.Sprintf("%.0f times too small; is a mean meant to be a sum?", 1/factor)
	default:
		return fmt.Sprintf("%.8g times what it should be", factor)
	}
}

// rearranged tells whether the elements are right but in other places.
func (p *ParamReport) rearranged() string {
	if len(p.Elements) < p.Size || len(p.Shape) != 2 {
		return ""
	}
	rows, cols := p.Shape[0], p.Shape[1]
	if rows > 1 && cols > 1 && p.fits(func(i int) int { return i%rows*cols + i/rows }) {
		return "this is the transpose"
	}
	for _, shift := range []struct {
		by   int
		name string
	}{{cols, "row"}, {-cols, "row"}, {1, "column"}, {-1, "column"}} {
		if p.fits(func(i int) int { return i - shift.by }) {
			return "shifted by one " + shift.name
		}
	}
	return p.swapped("rows", rows, cols, 1) + p.swapped("columns", cols, 1, cols)
}

// fits tells whether element i of the backward pass is element from(i) of the
// differences, for nine in ten of those that are not zero.
func (p *ParamReport) fits(from func(i int) int) bool {
	fit, all := 0, 0
	for i, e := range p.Elements {
		j := from(i)
		if j < 0 || j >= len(p.Elements) {
			continue
		}
		other := p.Elements[j]
		if math.Abs(e.Backprop) <= e.Bar && math.Abs(other.Difference) <= other.Bar {
			continue
		}
		all++
		if same(e, other) {
			fit++
		}
	}
	return all > 0 && 10*fit >= 9*all
}

func same(e, other Element) bool {
	return math.Abs(e.Backprop-other.Difference) <= other.Bar+e.Bar
}

// swapped names two of n lines, rows or columns, that stand in for each other.
// Line k begins at element k·stride, and has its elements step apart.
func (p *ParamReport) swapped(kind string, n, stride, step int) string {
	var wrong []int
	length := len(p.Elements) / n
	for k := range n {
		for m := range length {
			if p.Elements[k*stride+m*step].Verdict == Wrong {
				wrong = append(wrong, k)
				break
			}
		}
	}
	if len(wrong) != 2 {
		return ""
	}
	for m := range length {
		a, b := p.Elements[wrong[0]*stride+m*step], p.Elements[wrong[1]*stride+m*step]
		if !same(a, b) || !same(b, a) {
			return ""
		}
	}
	return fmt.Sprintf("%s %d and %d are swapped", kind, wrong[0], wrong[1])
}
