package numbers

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the rows as a table, with a line for each number, and the
// notes below.
func WriteTable(w io.Writer, rows []Row) error {
	var aligned bytes.Buffer
	table := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\t\tthe book prints\tits code gives\tours\tagree")
	var notes []string
	for _, r := range rows {
		verdict := r.Verdict()
		if r.Note != "" {
			if !slices.Contains(notes, r.Note) {
				notes = append(notes, r.Note)
			}
			verdict += fmt.Sprintf(" [%d]", 1+slices.Index(notes, r.Note))
		}
		r.writeLines(table, verdict)
	}
	table.Flush() // to a Buffer, which has no errors
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

func (r Row) writeLines(w io.Writer, verdict string) {
	const most = 6
	printed := r.PrintedNumbers()
	published, ours := Format(r.Published), Format(r.Ours)
	at := func(column []string, i int) string {
		switch {
		case i >= len(column):
			return ""
		case i == most:
			return fmt.Sprintf("… and %d more", len(column)-most)
		}
		return column[i]
	}
	section, what := r.Section, r.What
	for i := range min(len(ours), most+1) {
		fmt.Fprintln(w, strings.Join([]string{section, what, at(printed, i), at(published, i), at(ours, i), verdict}, "\t"))
		section, what, verdict = "", "", ""
	}
}

// Format returns each number with the digits that set it apart from all
// others, written as Python does.
func Format(numbers []float64) []string {
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
