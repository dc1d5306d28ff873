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

// number is a result of the chapter, one number or a few: as the book prints
// it, as its published code computes it, and as this project computes it.
type number struct {
	what      string
	printed   string    // by the book, all digits; "" if it prints none
	published []float64 // by the book's code; nil if unknown
	exact     []float64 // by mathematics, for a result that is not in the book
	ours      []float64

	tolerance float64 // 0 asks for all digits
	note      string  // reason of the tolerance
}

// book returns a result of the book. code is its name in publishedJSON, or "".
func book(what, printed, code string, ours ...float64) number {
	n := number{what: what, printed: printed, ours: ours}
	if code != "" {
		n.published = published()[code]
	}
	return n
}

// within returns n with a tolerance and a note.
func (n number) within(tolerance float64, note string) number {
	n.tolerance, n.note = tolerance, note
	return n
}

var decimal = regexp.MustCompile(`-?\d+(\.\d*)?(e[+-]?\d+)?`)

// printedNumbers returns the numbers in printed, digit by digit.
func (n number) printedNumbers() []string { return decimal.FindAllString(n.printed, -1) }

// agrees reports whether ours has all digits that the book prints, and is equal
// to the result of its code and to the exact one, or is within the tolerance.
func (n number) agrees() bool {
	printed := n.printedNumbers()
	if len(n.ours) == 0 || n.printed != "" && len(printed) != len(n.ours) {
		return false
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= n.tolerance }
	for i, v := range n.ours {
		if n.printed != "" && !hasDigits(v, printed[i]) && !near(v, toFloat(printed[i])) {
			return false
		}
	}
	for _, want := range [][]float64{n.published, n.exact} {
		if want != nil && !slices.EqualFunc(n.ours, want, near) {
			return false
		}
	}
	return true
}

// verdict says in a few words how well the numbers agree.
func (n number) verdict() string {
	switch {
	case !n.agrees():
		return "NO"
	case n.published != nil && slices.Equal(n.ours, n.published):
		return "same bits"
	case n.printed != "" && number{printed: n.printed, ours: n.ours}.agrees():
		return "all digits"
	case n.exact != nil && slices.Equal(n.ours, n.exact):
		return "exact"
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
func digits(numbers []float64) []string {
	var s []string
	for _, v := range numbers {
		format := byte('e')
		if size := math.Abs(v); size == 0 || 1e-4 <= size && size < 1e16 {
			format = 'f'
		}
		s = append(s, strconv.FormatFloat(v, format, -1, 64))
	}
	return s
}

// writeTable writes a line for each number, and the notes below. It leaves out
// columns without numbers.
func writeTable(w io.Writer, numbers []number) error {
	columns := []struct {
		title string
		of    func(number) []string
	}{
		{"the book prints", number.printedNumbers},
		{"its code gives", func(n number) []string { return digits(n.published) }},
		{"exact", func(n number) []string { return digits(n.exact) }},
		{"ours", func(n number) []string { return digits(n.ours) }},
	}
	var aligned strings.Builder
	table := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	filled := columns[:0]
	for _, c := range columns {
		if slices.ContainsFunc(numbers, func(n number) bool { return c.of(n) != nil }) {
			filled = append(filled, c)
			fmt.Fprint(table, "\t", c.title)
		}
	}
	fmt.Fprintln(table, "\tagree")
	var notes []string
	for _, n := range numbers {
		what, verdict := n.what, n.verdict()
		if n.note != "" {
			if !slices.Contains(notes, n.note) {
				notes = append(notes, n.note)
			}
			verdict += fmt.Sprintf(" [%d]", 1+slices.Index(notes, n.note))
		}
		const most = 6
		for i := range min(len(n.ours), most+1) {
			fmt.Fprint(table, what)
			for _, c := range filled {
				switch cells := c.of(n); {
				case i >= len(cells):
					fmt.Fprint(table, "\t")
				case i == most:
					fmt.Fprintf(table, "\t… and %d more", len(cells)-most)
				default:
					fmt.Fprint(table, "\t", cells[i])
				}
			}
			fmt.Fprintln(table, "\t"+verdict)
			what, verdict = "", ""
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

// publishedJSON has the results of the book's published code.
//
//go:embed published.json
var publishedJSON []byte

// published returns the results of the book's published code by their names.
var published = sync.OnceValue(func() map[string][]float64 {
	var file struct {
		Rows []struct {
			What  string
			Value any
		}
	}
	if err := json.Unmarshal(publishedJSON, &file); err != nil {
		panic("chapter4: published.json: " + err.Error())
	}
	all := map[string][]float64{}
	for _, row := range file.Rows {
		for _, s := range decimal.FindAllString(fmt.Sprint(row.Value), -1) {
			all[row.What] = append(all[row.What], toFloat(s))
		}
	}
	return all
})
