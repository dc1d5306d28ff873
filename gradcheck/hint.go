package gradcheck

import (
	"fmt"
	"math"
)

// hint looks for a simple relation between what the backward pass says and
// what the differences say, and for where it holds.
func (p *ParamReport) hint() string {
	var wrong []Element
	for _, e := range p.Elements {
		if e.Verdict == Wrong {
			wrong = append(wrong, e)
		}
	}
	if len(wrong) == 0 {
		if p.DirectionsWrong > 0 {
			return "in elements that were not drawn"
		}
		return ""
	}
	where := p.where(wrong)
	what := relation(wrong)
	if what == "" {
		what = p.moved()
	}
	switch {
	case where != "" && what != "":
		return where + ": " + what
	default:
		return where + what
	}
}

// where names the one element, row or column that alone is wrong.
func (p *ParamReport) where(wrong []Element) string {
	if len(wrong) == 1 && len(p.Elements) > 1 {
		return p.ElementName(wrong[0]) + " alone"
	}
	if len(p.Shape) != 2 || len(wrong) == len(p.Elements) {
		return ""
	}
	rows, cols := map[int]bool{}, map[int]bool{}
	for _, e := range wrong {
		rows[e.Index/p.Shape[1]] = true
		cols[e.Index%p.Shape[1]] = true
	}
	first := wrong[0].Index
	switch {
	case len(rows) == 1 && p.Shape[0] > 1:
		return fmt.Sprintf("row %d alone", first/p.Shape[1])
	case len(cols) == 1 && p.Shape[1] > 1:
		return fmt.Sprintf("column %d alone", first%p.Shape[1])
	}
	return ""
}

// relation finds one factor between all wrong elements and what they should be.
func relation(wrong []Element) string {
	dot, square := 0.0, 0.0
	zero, still := true, true
	for _, e := range wrong {
		if math.IsNaN(e.Backprop) || math.IsInf(e.Backprop, 0) {
			return "not finite"
		}
		zero = zero && e.Backprop == 0
		still = still && e.slope == 0
		dot += e.Backprop * e.Difference
		square += e.Difference * e.Difference
	}
	if zero {
		return "zero"
	}
	if still {
		return "the loss does not change with it; does it read this very memory?"
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

// moved tells whether the elements are right but in other places.
func (p *ParamReport) moved() string {
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
