package gradcheck

import (
	"math"

	"numgrad/grad"
	"numgrad/internal/extrapolate"
)

// fixed is the difference by s.Formula at s.Step, without extrapolation. At
// half of the step the error is half as large, or less, but for what comes of
// higher orders.
func fixed(l extrapolate.Line, s *grad.Settings) extrapolate.Estimate {
	slope := 0.0
	at := func(h float64) (difference, noise float64) {
		for _, point := range s.Formula.Stencil {
			if point.Loc == 0 {
				continue // no change
			}
			change, _, sigma := l.At(point.Loc * h)
			slope = math.Max(slope, math.Abs(change/h))
			difference += point.Coeff * change
			noise = math.Hypot(noise, point.Coeff*sigma)
		}
		return difference / h, noise / h
	}
	d, noise := at(s.Step)
	half, _ := at(s.Step / 2)
	plain, _ := central(l, s.Step/8)
	e := extrapolate.Estimate{
		Difference: d,
		Truncation: 3 * math.Abs(d-half),
		Roundoff:   3 * noise,
		Step:       s.Step,
		Slope:      slope,
		Plain:      plain,
	}
	if math.IsInf(d, 0) || math.IsNaN(e.Truncation) {
		e.Difference = math.NaN()
	}
	return e
}
