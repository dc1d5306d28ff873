// Command chapter4 shows every number and every figure of chapter 4 of "Deep
// Learning from Scratch", beside what the book prints and what its published
// code gives.
//
//	go run ./cmd/chapter4                      all numbers, with a training
//	go run ./cmd/chapter4 -quick               the training that ships, no MNIST
//	go run ./cmd/chapter4 -section 4.4         one section
//	go run ./cmd/chapter4 -out DIR             the figures too
//
// The exit status is 1 if a number disagrees or after an error, and 2 for
// wrong usage.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"numgrad/chapter4"
	"numgrad/chapter4/figures"
	"numgrad/chapter4/numbers"
	"numgrad/dataset"
	"numgrad/internal/usage"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	switch {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "chapter4:", err)
		return 2
	}
	if err := o.run(stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "chapter4:", err)
		return 1
	}
	return 0
}

// options is what the command line says.
type options struct {
	section string
	list    bool
	out     string
	formats []string
	quick   bool
	data    string
}

// parse reads the command line. Help is written to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := options{formats: []string{"png", "svg"}}
	flags := flag.NewFlagSet("chapter4", flag.ContinueOnError)
	flags.StringVar(&o.section, "section", "", "only `section` 4.2, 4.3, 4.4 or 4.5, or a part of one, such as 4.4.1")
	flags.BoolVar(&o.list, "list", false, "list the sections and their figures, and end")
	flags.StringVar(&o.out, "out", "", "write the figures to directory `DIR`, which is made if need be")
	flags.Func("format", "write figures as png, as svg, or, by default, as `png,svg`", func(s string) error {
		o.formats = strings.Split(s, ",")
		for _, f := range o.formats {
			if f != "png" && f != "svg" {
				return errors.New("want png, svg or png,svg")
			}
		}
		return nil
	})
	flags.BoolVar(&o.quick, "quick", false, "show the training that ships instead of a new one; needs no MNIST")
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	others, err := usage.Parse(flags, "usage: chapter4 [flags]\n\nShows the numbers and figures of chapter 4, beside those of the book.", args, stdout)
	switch {
	case err != nil:
		return nil, err
	case len(others) > 0:
		return nil, fmt.Errorf("unexpected %q: it takes flags alone, see chapter4 -h", others[0])
	case !o.known():
		return nil, fmt.Errorf("-section is %q, want 4.2, 4.3, 4.4 or 4.5, or a part with numbers or figures, such as 4.4.1", o.section)
	}
	return &o, nil
}

// section is one of the four with numbers.
type section struct{ number, title string }

var sections = []section{
	{"4.2", "Loss functions"},
	{"4.3", "Numerical differentiation"},
	{"4.4", "Gradients"},
	{"4.5", "The learning algorithm"},
}

// known reports whether there is anything in the section asked for.
func (o *options) known() bool {
	rows := append(numbers.Rows(), numbers.ImageRows(&dataset.Set{})...)
	all := figures.All(chapter4.Run{}, chapter4.Run{})
	return slices.ContainsFunc(rows, func(r numbers.Row) bool { return o.wants(r.Section) }) ||
		slices.ContainsFunc(all, func(f figures.Figure) bool { return o.wants(f.Section) })
}

// wants reports whether the part of that number is asked for.
func (o *options) wants(number string) bool { return o.section == "" || within(number, o.section) }

// within reports whether a section is another one or a part of it.
func within(part, whole string) bool { return part == whole || strings.HasPrefix(part, whole+".") }

func (o *options) run(stdout, stderr io.Writer) error {
	if o.list {
		return list(stdout)
	}
	m, err := o.material(stderr)
	if err != nil {
		return err
	}
	return o.show(stdout, m)
}

// show writes the numbers and the figures. Numbers that disagree are an error.
func (o *options) show(stdout io.Writer, m material) error {
	disagree, err := o.writeNumbers(stdout, m)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := o.writeFigures(stdout, m); err != nil {
			return err
		}
	}
	if disagree > 0 {
		return fmt.Errorf("%d of the numbers disagree with the book", disagree)
	}
	return nil
}

// list writes the sections with their figures.
func list(w io.Writer) error {
	all := figures.All(chapter4.Run{}, chapter4.Run{})
	for _, s := range sections {
		if _, err := fmt.Fprintf(w, "%s %s\n", s.number, s.title); err != nil {
			return err
		}
		for _, f := range all {
			if within(f.Section, s.number) {
				fmt.Fprintf(w, "  %-5s  figure %-15s %s\n", f.Section, f.Name, f.Shows)
			}
		}
	}
	return nil
}
