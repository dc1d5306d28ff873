package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"numgrad/chapter4/figures"
	"numgrad/chapter4/numbers"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
)

// writeNumbers writes a table for each section, and returns how many of the
// numbers disagree with the book's.
func (o *options) writeNumbers(w io.Writer, m material) (disagree int, err error) {
	rows := numbers.Rows()
	if m.images != nil {
		rows = append(rows, numbers.ImageRows(m.images)...)
	}
	rows = append(rows, numbers.TrainingRows(m.numerical)...)
	slices.SortStableFunc(rows, func(a, b numbers.Row) int { return strings.Compare(a.Section, b.Section) })

	shown := 0
	for _, s := range sections {
		var of []numbers.Row
		for _, r := range rows {
			if within(r.Section, s.number) && o.wants(r.Section) {
				of = append(of, r)
				if !r.Agrees() {
					disagree++
				}
			}
		}
		if len(of) == 0 {
			continue
		}
		shown += len(of)
		fmt.Fprintf(w, "%s %s\n\n", s.number, s.title)
		if err := numbers.WriteTable(w, of); err != nil {
			return disagree, err
		}
		fmt.Fprintln(w)
	}
	switch {
	case shown > 0:
		_, err = fmt.Fprintf(w, "%d of %d agree\n", shown-disagree, shown)
	case o.section == "4.2.3": // with -quick
		_, err = fmt.Fprintln(w, "4.2.3 has the sizes of MNIST, which -quick does not read")
	case o.out == "":
		_, err = fmt.Fprintf(w, "%s has no numbers; -out DIR writes its figures\n", o.section)
	}
	return disagree, err
}

// writeFigures writes the figures that are asked for.
func (o *options) writeFigures(stdout io.Writer, m material) error {
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return fmt.Errorf("mkdir %s: %w", input.Quote(o.out), input.Bare(err))
	}
	for _, f := range figures.All(m.numerical, m.backprop) {
		if !o.wants(f.Section) {
			continue
		}
		drawn := f.Draw()
		write := map[string]func(io.Writer) error{"png": drawn.PNG, "svg": drawn.SVG}
		for _, format := range o.formats {
			if err := atomicfile.Write(filepath.Join(o.out, f.Name+"."+format), write[format]); err != nil {
				return err
			}
		}
		fmt.Fprintf(stdout, "figure %-15s %s\n", f.Name, f.Shows)
	}
	_, err := fmt.Fprintf(stdout, "written to %s, as %s\n", input.Quote(o.out), strings.Join(o.formats, " and "))
	return err
}
