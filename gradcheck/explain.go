package gradcheck

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// explain finds hints. A hint about the gradient is a hypothesis: the gradient,
// changed as the hint says, must agree in all elements and directions that were
// checked. If nothing fits, there is no hint.
func (c *checker) explain() {
	for p := range c.params {
		param := &c.params[p]
		c.summarize(p)
		switch param.Verdict() {
		case Wrong:
			param.Hint = c.hint(p)
		case CannotTell:
			param.Hint = c.obstacle(p)
		}
	}
	for _, t := range c.joint {
		if t.rough || !t.known() {
			continue
		}
		c.report.Directions++
		if t.Verdict == Wrong {
			c.report.DirectionsWrong++
		}
	}
	c.report.Hint = c.commonHint()
}

// hint explains why parameter p is wrong.
func (c *checker) hint(p int) string {
	param := &c.params[p]
	wrong := param.wrong()
	is := func(yes func(t *target) bool) bool {
		return len(wrong) > 0 && !slices.ContainsFunc(wrong, func(t *target) bool { return !yes(t) })
	}
	switch {
	case param.flat() && param.elsewhere == 0:
		return "the loss does not change with it; does it read this very memory?"
	case param.flat():
		return "the loss is flat: it changes only where the variables are moved far"
	case is(func(t *target) bool { return math.IsNaN(t.Backprop - t.Backprop) }):
		return c.where(p, "not finite")
	case is(func(t *target) bool { return t.together }):
		return "on a kink that several elements share, their gradients together are no derivative; at a tie, does each get the whole gradient of a maximum?"
	case !slices.ContainsFunc(param.gradient, func(g float64) bool { return g != 0 }):
		return "zero"
	}
	for _, h := range c.hypotheses(p) {
		if c.holds(p, h.gradient) {
			return h.hint
		}
	}
	if lines := param.zeroLines(wrong); lines != "" {
		return lines
	}
	if is(func(t *target) bool { return t.Backprop == 0 }) {
		return c.where(p, "zero")
	}
	return c.where(p, "")
}

// A hypothesis is a mistake with the gradient that it was made of.
type hypothesis struct {
	hint     string
	gradient []float64
}

// hypotheses lists the mistakes that the wrong elements of parameter p suggest.
func (c *checker) hypotheses(p int) []hypothesis {
	param := &c.params[p]
	wrong := param.wrong()
	if len(wrong) < 2 {
		return nil // a single pair has always a factor
	}
	var list []hypothesis
	dot, square, bars := 0.0, 0.0, 0.0
	for _, t := range wrong {
		if t.known() {
			dot += t.Backprop * t.Difference
			square += t.Difference * t.Difference
			bars += t.Bar * t.Bar
		}
	}
	times := func(factor float64, hint string) {
		// The bars must tell the factor from its neighbours.
		if math.Abs(dot/square-factor) < 0.01*math.Abs(factor) && math.Sqrt(bars/square)*max(factor, 1/factor) < 0.01 {
			g := slices.Clone(param.gradient)
			if param.sampled() {
				floats.Scale(1/factor, g)
			} else {
				for _, t := range wrong {
					g[t.Index] /= factor
				}
			}
			list = append(list, hypothesis{c.where(p, hint), g})
		}
	}
	times(-1, "the sign is turned")
	times(2, "twice what it should be; was backward called twice, or the gradient not set to zero?")
	times(0.5, "half of what it should be")
	if n := math.Round(dot / square); n > 2 {
		times(n, fmt.Sprintf("%.0f times too large; if that is a number of samples, a sum is meant to be a mean", n))
	}
	if n := math.Round(square / dot); n > 2 {
		times(1/n, fmt.Sprintf("%.0f times too small; if that is a number of samples, a mean is meant to be a sum", n))
	}
	if len(param.Shape) == 2 {
		rows, cols := param.Shape[0], param.Shape[1]
		g := make([]float64, len(param.gradient))
		for i := range g {
			g[i] = param.gradient[i%cols*rows+i/cols]
		}
		list = append(list, hypothesis{"this is the transpose", g})
	}
	return list
}

// holds reports whether another gradient of parameter p agrees in all elements
// and directions.
func (c *checker) holds(p int, gradient []float64) bool {
	for _, t := range c.params[p].elements {
		if t.known() && !(math.Abs(gradient[t.Index]-t.Difference) <= t.Bar-t.Kink) {
			return false
		}
	}
	return c.agreeAlong(p, map[int][]float64{p: gradient}, nil)
}

// zeroLines names up to four rows or columns of a matrix that are zero in the
// gradient and hold all wrong elements.
func (p *param) zeroLines(wrong []*target) string {
	if len(p.Shape) != 2 || len(wrong) < 2 {
		return ""
	}
	g, cols := mat.NewDense(p.Shape[0], p.Shape[1], p.gradient), p.Shape[1]
	for _, kind := range []string{"row", "column"} {
		var lines []int
		zero := true
		for _, t := range wrong {
			k, line := t.Index/cols, g.RowView
			if kind == "column" {
				k, line = t.Index%cols, g.ColView
			}
			if !slices.Contains(lines, k) {
				lines = append(lines, k)
				zero = zero && mat.Norm(line(k), 1) == 0
			}
		}
		slices.Sort(lines)
		switch n := len(lines); {
		case !zero || n > 4 || n == len(wrong):
		case n == 1:
			return fmt.Sprintf("%s %d is zero", kind, lines[0])
		default:
			return fmt.Sprintf("%ss %v are zero", kind, lines)
		}
	}
	return ""
}

// where names the wrong elements of parameter p if they are few and explain all
// wrong directions, and adds the given text.
func (c *checker) where(p int, text string) string {
	const few = 4
	param := &c.params[p]
	wrong := param.wrong()
	if len(wrong) == 0 {
		return "along random directions; no single element was found"
	}
	if len(wrong) > few && !param.sampled() && text != "" && param.Agree > param.Zero {
		return fmt.Sprintf("in %d of %d elements: %s", len(wrong), param.Size, text)
	}
	if param.sampled() && !param.wrongDirection() || len(wrong) > few || len(wrong) == param.Size || !c.explained(p) {
		return text
	}
	var names []string
	for _, t := range wrong {
		names = append(names, param.ElementName(t.Element))
	}
	alone := strings.Join(names, ", ") + " alone"
	if text == "" {
		return alone
	}
	return alone + ": " + text
}

// obstacle returns the reason why parameter p is CannotTell.
func (c *checker) obstacle(p int) string {
	param := &c.params[p]
	untold := map[string]int{}
	for _, t := range param.targets() {
		switch {
		case t.Verdict != CannotTell:
		case !t.known() && t.seed == 0:
			return fmt.Sprintf("the loss is not finite at %s ± h, for any h down to %.2g", param.ElementName(t.Element), t.Step)
		case !t.known():
			untold["the loss is not finite"]++
		case t.slope == 0:
			untold["flat"]++
		case t.rough && t.Kink > safety*(t.Truncation+t.Roundoff):
			untold["on a kink"]++
		default:
			untold["noisier than the gradient"]++
		}
	}
	reason := ""
	for r, n := range untold {
		if n > untold[reason] || n == untold[reason] && r < reason {
			reason = r
		}
	}
	return reason
}

// commonHint finds a hint for all parameters together.
func (c *checker) commonHint() string {
	var wrong []int
	told := true // no wrong parameter has a hint of its own
	slight := true
	for p := range c.params {
		param := &c.params[p]
		switch {
		case param.Verdict() == Wrong:
			wrong = append(wrong, p)
			told = told && param.Hint == ""
			relative, alike := c.relative(p)
			slight = slight && relative > 1e-9 && relative < 1e-4 && alike > 0.2
		case param.Zero < len(param.elements) || param.directions != nil:
			slight = false
		}
	}
	n := len(wrong)
	switch {
	case n < 2 || !told:
		return ""
	case slight:
		return "each parameter is off by a small relative error, as a constant in a logarithm makes it; is there a 1e-7 in the logarithm of the loss, as in the book, and not in the backward pass? Leave it out during the check, or check with " + c.Words.Precision
	}
	last := wrong[n-1]
	if last != n-1 || last+1 == len(c.params) {
		return ""
	}
	for p := last + 1; p < len(c.params); p++ {
		if c.params[p].Verdict() != Agrees {
			return ""
		}
	}
	right := &c.params[last+1]
	if len(right.Shape) < 2 && len(c.params[last].Shape) > 1 {
		return "" // a bias of the same layer
	}
	from := last
	for p := last; p >= 0; p-- { // of the same kind: a weight follows from a weight
		if len(c.params[p].Shape) == len(right.Shape) {
			from = p
			break
		}
	}
	return fmt.Sprintf("right from %s on; look at the step from %s to %s", right.Name, right.Name, c.params[from].Name)
}

// relative returns the relative error of the gradient of parameter p, and the
// cosine of its angle with the gradient: a constant in a logarithm makes the
// gradient of each sample too long, and rounding errors point anywhere. Both are
// zero for the error of few elements.
func (c *checker) relative(p int) (relative, alike float64) {
	off, length, product := 0.0, 0.0, 0.0
	wrong, all := 0, 0
	for _, t := range c.params[p].targets() {
		if !t.known() || t.Verdict == CannotTell || t.Zero {
			continue
		}
		off = math.Hypot(off, t.off()*t.size)
		length = math.Hypot(length, t.Difference*t.size)
		product += (t.Backprop - t.Difference) * t.Difference * t.size * t.size
		if all++; t.Verdict == Wrong {
			wrong++
		}
	}
	if 4*wrong < all {
		return 0, 0
	}
	return off / length, product / off / length
}

// flat reports whether the loss changes with none of the parameter's targets.
func (p *param) flat() bool {
	return !slices.ContainsFunc(p.targets(), func(t *target) bool { return t.slope != 0 || !t.known() })
}
