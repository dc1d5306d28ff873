package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"numgrad/internal/number"
)

// thousands puts commas into the label of a tick.
func thousands(label string) string {
	if n, err := strconv.Atoi(label); err == nil {
		return number.Commas(n)
	}
	return label
}

// percent returns a share from 0 to 1 in percent. What is not all is never
// rounded up to 100 %, nor what is not nothing down to 0 %.
func percent(share float64, decimals int) string {
	s, inside := inPercent(share, decimals)
	return inside + s + " %"
}

// rate is percent without its sign, for a cell of a table; a dash where there
// is nothing to be a share of.
func rate(share float64) string {
	if math.IsNaN(share) {
		return "–"
	}
	s, inside := inPercent(share, 1)
	return inside + s
}

// inPercent returns 100·share, and "<" or ">" where rounding would make it 0 or 100.
func inPercent(share float64, decimals int) (s, inside string) {
	step := math.Pow10(-decimals)
	switch v := 100 * share; {
	case v > 0 && v < step/2:
		return strconv.FormatFloat(step, 'f', decimals, 64), "<"
	case v < 100 && v > 100-step/2:
		return strconv.FormatFloat(100-step, 'f', decimals, 64), ">"
	default:
		return strconv.FormatFloat(v, 'f', decimals, 64), ""
	}
}

// scientific returns v with two digits, as 1.2×10⁻¹².
func scientific(v float64) string {
	if v == 0 {
		return "0"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 1, 64), "e")
	n, _ := strconv.Atoi(exponent) // FormatFloat wrote it
	return minus(mantissa) + "×10" + superscript(n)
}

// superscript returns n as an exponent.
func superscript(n int) string {
	return strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(strconv.Itoa(n))
}

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// seconds returns a time as people say it.
func seconds(s float64) string {
	if s < 100 {
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}
