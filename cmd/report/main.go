// Report shows what a trained net has learned, as a page for the browser.
//
//	go run ./cmd/report [-weights FILE] [-data DIR] [-out FILE]
//
// From the weights and the log that cmd/train leaves, it writes one HTML file
// that needs nothing else: the curves of the training, the confusion matrix of
// the test set, precision and recall, the test images that the net is most
// wrong about, the weights of the hidden units and a gradient as pictures, the
// settings, the machine and the time. Weights that were saved by NumPy, without
// a history, get a page without one.
//
// The exit status is 1 after an error, and 2 for wrong usage.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/models"
	"numgrad/report"
	"numgrad/train"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options is what the command line says.
type options struct{ weights, data, out string }

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	if err := o.run(); err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return 1
	}
	fmt.Fprintf(stdout, "wrote %s: open it in a browser\n", o.out)
	return 0
}

// parse reads the command line. What is wrong with it, or its help, is written
// to stderr.
func parse(args []string, stderr io.Writer) (*options, error) {
	var o options
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: report [flags]\n\nShows what a trained net has learned, as one HTML page.\n\nflags:")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.weights, "weights", "models/mnist.npz", "trained weights, a `file` of cmd/train; its log is read from beside it, as .jsonl")
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	flags.StringVar(&o.out, "out", "", "`file` for the page (default: beside the weights, as .html)")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if o.out == "" {
		o.out = o.beside(".html")
	}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected %q: it takes flags alone, see report -h", flags.Arg(0))
	case filepath.Ext(o.out) != ".html":
		err = fmt.Errorf("-out is %q, want a file name that ends in .html", o.out)
	}
	if err != nil {
		fmt.Fprintln(stderr, "report:", err)
	}
	return &o, err
}

// beside returns the name of the file of weights with another extension.
func (o *options) beside(extension string) string {
	return strings.TrimSuffix(o.weights, filepath.Ext(o.weights)) + extension
}

func (o *options) run() error {
	model, err := models.Load(o.weights)
	if err != nil {
		return err
	}
	log, err := readLog(o.beside(".jsonl"))
	if err != nil {
		return err
	}
	trainSet, testSet, err := dataset.Load(o.data)
	if err != nil {
		return err
	}
	subject := report.Subject{Name: o.weights, Model: model, Train: trainSet, Test: testSet, Log: log}
	var page bytes.Buffer
	if err := subject.WritePage(&page); err != nil {
		return fmt.Errorf("%s: %w", o.weights, err)
	}
	return atomicfile.Write(o.out, func(w io.Writer) error {
		_, err := page.WriteTo(w)
		return err
	})
}

// readLog returns the log of a training, nil if there is none at path.
func readLog(path string) ([]train.LogLine, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	log, err := train.ReadLog(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; move the file away to do without it", path, err)
	}
	return log, nil
}
