// Command chapter4 shows every number and figure of chapter 4 of "Deep Learning
// from Scratch", and compares the numbers with the book and its published code.
//
//	go run ./cmd/chapter4                  all numbers, with a training
//	go run ./cmd/chapter4 -quick           the same with the built-in training
//	go run ./cmd/chapter4 -section 4.4     one section
//	go run ./cmd/chapter4 -out DIR         the figures too
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
	"numgrad/dataset"
	"numgrad/internal/input"
	"numgrad/internal/outdir"
	"numgrad/internal/usage"
	"numgrad/train"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	if err == flag.ErrHelp {
		return 0
	}
	status := 2
	if err == nil {
		status, err = 1, o.show(stdout, stderr)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "chapter4:", err)
	return status
}

// options holds the flags.
type options struct {
	section, out, data string
	list, quick        bool
	formats            []string
}

// parse reads the command line. It writes help to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := options{formats: []string{"png", "svg"}}
	flags := flag.NewFlagSet("chapter4", flag.ContinueOnError)
	flags.StringVar(&o.section, "section", "", "only `section` 4.1 to 4.6, or a subsection, such as 4.4.1")
	flags.BoolVar(&o.list, "list", false, "list the sections and their figures")
	flags.StringVar(&o.out, "out", "", "write the figures into folder `DIR`: a new or empty one, or one that -out wrote before")
	flags.Func("format", "write figures as png, as svg, or, by default, as `png,svg`", func(s string) error {
		o.formats = strings.Split(s, ",")
		if slices.ContainsFunc(o.formats, func(f string) bool { return f != "png" && f != "svg" }) {
			return errors.New("want png, svg or png,svg")
		}
		return nil
	})
	flags.BoolVar(&o.quick, "quick", false, "show the built-in training instead of a new one; needs no MNIST")
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from folder `DIR`\n(default: the MNIST of the module GoMNIST)")
	others, err := usage.Parse(flags, "usage: chapter4 [flags]\n\nShows the numbers and figures of chapter 4, beside those of the book.", args, stdout)
	switch {
	case err != nil:
		return nil, err
	case len(others) > 0:
		return nil, fmt.Errorf("unexpected %q: it takes only flags, see chapter4 -h", others[0])
	case len(o.sections(material{})) == 0:
		return nil, fmt.Errorf("-section is %q, want 4.1 to 4.6 or a subsection, such as 4.4.1; -list shows them all", o.section)
	}
	return &o, nil
}

// sections returns the sections that -section asks for.
func (o *options) sections(m material) []section {
	return slices.DeleteFunc(chapter(m), func(s section) bool { return !o.wants(s.number) })
}

func (o *options) wants(number string) bool {
	return o.section == "" || number == o.section || strings.HasPrefix(number, o.section+".")
}

// show writes the list, or the numbers and the figures. It returns an error if a
// number disagrees.
func (o *options) show(stdout, stderr io.Writer) (err error) {
	if o.list {
		for _, s := range o.sections(material{}) {
			_, err = fmt.Fprintf(stdout, "%-6s %s\n", s.number, s.title)
			for _, f := range s.figures {
				fmt.Fprintf(stdout, "         figure %-16s  %s\n", f.name, f.shows)
			}
		}
		return err
	}
	var out *outdir.Dir
	if o.out != "" { // fails before a training
		if out, err = outdir.Open(o.out, "chapter4"); err != nil {
			return err
		}
	}
	m, err := o.material(stderr)
	if err != nil {
		return err
	}
	disagree, err := o.writeNumbers(stdout, o.sections(m))
	if err == nil && out != nil {
		err = o.writeFigures(out, stdout, o.sections(m))
	}
	if err == nil && disagree > 0 {
		err = fmt.Errorf("%d of the numbers disagree", disagree)
	}
	return err
}

// writeNumbers writes a table for each section, and returns the count of
// numbers that disagree.
func (o *options) writeNumbers(w io.Writer, sections []section) (disagree int, err error) {
	var book, added, agreeBook, agreeAdded int
	for _, s := range sections {
		if len(s.numbers) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s %s\n\n", s.number, s.title)
		if err := writeTable(w, s.numbers); err != nil {
			return 0, err
		}
		fmt.Fprintln(w)
		for _, n := range s.numbers {
			all, agree := &book, &agreeBook
			if n.added {
				all, agree = &added, &agreeAdded
			}
			*all++
			if n.agrees() {
				*agree++
			}
		}
	}
	if added > 0 {
		_, err = fmt.Fprintf(w, "%d of %d that are not in the book agree\n", agreeAdded, added)
	}
	switch {
	case book > 0:
		_, err = fmt.Fprintf(w, "%d of %d agree\n", agreeBook, book)
	case o.section == "4.2.3":
		_, err = fmt.Fprintln(w, "4.2.3 has the sizes of MNIST: run it without -quick")
	case added == 0 && o.out == "":
		_, err = fmt.Fprintf(w, "%s has no numbers: see docs/chapter4.md\n", o.section)
	}
	return book + added - agreeBook - agreeAdded, err
}

func (o *options) writeFigures(out *outdir.Dir, stdout io.Writer, sections []section) error {
	for _, s := range sections {
		for _, f := range s.figures {
			drawn := f.draw()
			write := map[string]func(io.Writer) error{"png": drawn.PNG, "svg": drawn.SVG}
			for _, format := range o.formats {
				if err := out.Write(f.name+"."+format, write[format]); err != nil {
					return err
				}
			}
			fmt.Fprintf(stdout, "figure %-16s  %s\n", f.name, f.shows)
		}
	}
	_, err := fmt.Fprintf(stdout, "written to %s, as %s\n", input.Quote(o.out), strings.Join(o.formats, " and "))
	return err
}

// material loads MNIST and trains if a section needs it, and takes the rest
// from the built-in trainings. It reports the epochs to stderr.
func (o *options) material(stderr io.Writer) (material, error) {
	m, err := saved()
	training := o.wants("4.5.3") || o.wants("4.5.2") && o.out != ""
	if err != nil || o.quick || !training && !o.wants("4.2.3") {
		return m, err
	}
	var test *dataset.Set
	if m.images, test, err = dataset.Load(o.data); err != nil || !training {
		return m, err
	}
	run := func(gradient string) (chapter4.Run, error) {
		settings := train.Book()
		settings.Gradient = gradient
		fmt.Fprintf(stderr, "training %d epochs on %d images, gradients: %s\n", settings.Epochs, m.images.Len(), gradient)
		return chapter4.TrainNeuralNet(settings, m.images, test, func(e train.Epoch) {
			fmt.Fprintf(stderr, "epoch %2d of %d: train acc, test acc | %.4f, %.4f\n", e.Epoch, settings.Epochs, e.TrainAcc, e.TestAcc)
		})
	}
	if m.numerical, err = run(train.Numerical); err == nil && o.out != "" { // only a figure shows backprop
		m.backprop, err = run(train.Backprop)
	}
	return m, err
}
