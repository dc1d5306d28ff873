package numbers

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Row is a number of the chapter, or a few that belong together: as the book
// prints it, as its published code gives it, and as this project does.
type Row struct {
	Section   string    // of the book, such as 4.3.2
	What      string    // what the book computes
	Printed   string    // what it prints, all digits; "" if it does not
	Published []float64 // what the published code gives; nil if it does not
	Ours      []float64

	// Within is how far Ours may be from both for a reason that Note states;
	// 0 asks for all digits that are printed, and for the same bits.
	Within float64
	Note   string
}

var number = regexp.MustCompile(`-?\d+(\.\d*)?(e[+-]?\d+)?`)

// PrintedNumbers returns the numbers in Printed, digit by digit.
func (r Row) PrintedNumbers() []string { return number.FindAllString(r.Printed, -1) }

// Agrees reports whether ours are the numbers of the book: to all the digits
// that it prints, and bit by bit those of its published code, or to Within.
func (r Row) Agrees() bool {
	printed := r.PrintedNumbers()
	if len(r.Ours) == 0 ||
		r.Printed != "" && len(printed) != len(r.Ours) ||
		r.Published != nil && len(r.Published) != len(r.Ours) {
		return false
	}
	for i, v := range r.Ours {
		if r.Printed != "" && !hasDigits(v, printed[i]) && !r.near(v, parse(printed[i])) {
			return false
		}
		if r.Published != nil && !r.near(v, r.Published[i]) {
			return false
		}
	}
	return true
}

func (r Row) near(a, b float64) bool { return math.Abs(a-b) <= r.Within }

// Verdict says in a few words how well the numbers agree.
func (r Row) Verdict() string {
	switch {
	case !r.Agrees():
		return "NO"
	case r.Published != nil && slices.Equal(r.Ours, r.Published):
		return "same bits"
	case r.Printed != "" && Row{Printed: r.Printed, Ours: r.Ours}.Agrees():
		return "all digits"
	}
	return fmt.Sprintf("within %.1g", r.Within)
}

// hasDigits reports whether v, rounded to as many digits as printed has, is
// the number printed.
func hasDigits(v float64, printed string) bool {
	format := byte('f')
	mantissa, _, scientific := strings.Cut(printed, "e")
	if scientific {
		format = 'e'
	}
	_, decimals, _ := strings.Cut(mantissa, ".")
	return parse(strconv.FormatFloat(v, format, len(decimals), 64)) == parse(printed)
}

// parse returns the value of what number or FormatFloat found.
func parse(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("numbers: " + err.Error())
	}
	return v
}
