package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
)

// number is a result of the chapter, one number or a few, beside its reference.
type number struct {
	what      string
	printed   string    // by the book, all digits; "" if it prints none
	expected  []float64 // by the book's code, by calculus or by NumPy; or nil
	ours      []float64
	tolerance float64 // 0 asks for all digits
	note      string  // reason of the tolerance
	added     bool    // not in the book
}

// book returns a result of the book.
func book(what, printed string, ours ...float64) number {
	return number{what: what, printed: printed, expected: published()[what], ours: ours}
}

// added returns a result that is not in the book.
func added(what string, tolerance float64, expected []float64, ours ...float64) number {
	return number{what: what, expected: expected, ours: ours, tolerance: tolerance, added: true}
}

// within returns n with a tolerance and a note.
func (n number) within(tolerance float64, note string) number {
	n.tolerance, n.note = tolerance, note
	return n
}

var decimal = regexp.MustCompile(`-?\d+(\.\d*)?(e[+-]?\d+)?`)

// printedNumbers returns the numbers in printed, digit by digit.
func (n number) printedNumbers() []string { return decimal.FindAllString(n.printed, -1) }

func (n number) agrees() bool { return n.verdict() != "NO" }

// verdict says in a few words how well the numbers agree.
func (n number) verdict() string {
	near := func(a, b float64) bool { return math.Abs(a-b) <= n.tolerance }
	allDigits := true
	nearPrinted := func(v float64, s string) bool {
		allDigits = allDigits && hasDigits(v, s)
		return hasDigits(v, s) || near(v, toFloat(s))
	}
	switch {
	case len(n.ours) == 0,
		n.expected != nil && !slices.EqualFunc(n.ours, n.expected, near),
		n.printed != "" && !slices.EqualFunc(n.ours, n.printedNumbers(), nearPrinted):
		return "NO"
	case slices.Equal(n.ours, n.expected):
		return "same bits"
	case n.printed != "" && allDigits:
		return "all digits"
	}
	return fmt.Sprintf("within %.1g", n.tolerance)
}

// hasDigits reports whether v, rounded to the digits of printed, is printed.
func hasDigits(v float64, printed string) bool {
	format := byte('f')
	mantissa, _, scientific := strings.Cut(printed, "e")
	if scientific {
		format = 'e'
	}
	_, decimals, _ := strings.Cut(mantissa, ".")
	return toFloat(strconv.FormatFloat(v, format, len(decimals), 64)) == toFloat(printed)
}

func toFloat(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("chapter4: " + err.Error())
	}
	return v
}

// digits returns the shortest decimals that give the numbers back, as Python
// writes them.
func digits(numbers []float64) (s []string) {
	for _, v := range numbers {
		format := byte('e')
		if size := math.Abs(v); size == 0 || 1e-4 <= size && size < 1e16 {
			format = 'f'
		}
		s = append(s, strconv.FormatFloat(v, format, -1, 64))
	}
	return s
}

// writeTable writes a line for each number, and the notes below.
func writeTable(w io.Writer, numbers []number) error {
	const most = 6 // of the numbers of a result
	var aligned strings.Builder
	table := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tthe book prints\texpected\tours\tagree")
	var notes []string
	for _, n := range numbers {
		what, verdict := n.what, n.verdict()
		if n.note != "" {
			if !slices.Contains(notes, n.note) {
				notes = append(notes, n.note)
			}
			verdict += fmt.Sprintf(" [%d]", 1+slices.Index(notes, n.note))
		}
		for i := range min(len(n.ours), most) {
			fmt.Fprint(table, what)
			for _, column := range [][]string{n.printedNumbers(), digits(n.expected), digits(n.ours)} {
				fmt.Fprint(table, "\t", strings.Join(column[min(i, len(column)):min(i+1, len(column))], ""))
			}
			fmt.Fprintln(table, "\t"+verdict)
			what, verdict = "", ""
		}
		if more := len(n.ours) - most; more > 0 {
			fmt.Fprintf(table, "\t\t\t… and %d more\n", more)
		}
	}
	table.Flush() // to a Builder, which returns no error
	for i, note := range notes {
		fmt.Fprintf(&aligned, "[%d] %s\n", i+1, note)
	}
	for line := range strings.Lines(aligned.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// publishedJSON has the results of the book's published code, by name: of ch04
// and common in oreilly-japan/deep-learning-from-scratch, with NumPy 1.24.
//
//go:embed published.json
var publishedJSON []byte

var published = sync.OnceValue(func() (results map[string][]float64) {
	if err := json.Unmarshal(publishedJSON, &results); err != nil {
		panic("chapter4: published.json: " + err.Error())
	}
	return results
})
