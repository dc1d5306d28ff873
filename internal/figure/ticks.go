package figure

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// Ticks marks the multiples of a round step, 1, 2 or 5 times a power of ten,
// with as few decimals as they need.
type Ticks struct {
	Smallest float64 // the least step; 1 for an axis that counts
}

// Ticks returns some five marks from min to max.
func (t Ticks) Ticks(min, max float64) []plot.Tick {
	step := math.Max(t.Smallest, roundStep((max-min)/5))
	decimals := int(math.Max(0, math.Ceil(-math.Log10(step)-1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(min/step - 1e-9); i*step <= max+1e-9*step; i++ {
		v := i*step + 0 // which makes −0 a 0
		ticks = append(ticks, plot.Tick{Value: v, Label: minusSign(strconv.FormatFloat(v, 'f', decimals, 64))})
	}
	return ticks
}

// roundStep returns the 1, 2 or 5 times a power of ten that is nearest to step
// on a logarithmic scale.
func roundStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	switch mantissa := step / power; {
	case mantissa < math.Sqrt(1*2):
		return power
	case mantissa < math.Sqrt(2*5):
		return 2 * power
	case mantissa < math.Sqrt(5*10):
		return 5 * power
	}
	return 10 * power
}

// PowerTicks labels an axis of exponents, decimal logarithms, with the powers
// of ten that they stand for, as programs write them: 1e-4. It marks each
// Every-th. (The room that gonum/plot keeps for the label of an axis with its
// own LogScale is in the wrong place.)
type PowerTicks struct{ Every int }

// Ticks returns the marks from min to max.
func (t PowerTicks) Ticks(min, max float64) []plot.Tick {
	every := float64(t.Every)
	var ticks []plot.Tick
	for e := every * math.Ceil(min/every-1e-9); e <= max+1e-9; e += every {
		label := "1"
		if e != 0 {
			label = minusSign("1e" + strconv.Itoa(int(e)))
		}
		ticks = append(ticks, plot.Tick{Value: e, Label: label})
	}
	return ticks
}

func minusSign(s string) string { return strings.ReplaceAll(s, "-", "−") }
