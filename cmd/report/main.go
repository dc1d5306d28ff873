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
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/report"
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/train"
)

func main() {
	debug.SetGCPercent(25) // most of the memory is data that lives as long as the page is made
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// usualWeights is where cmd/train puts them.
const usualWeights = "runs/mnist.npz"

// options is what the command line says.
type options struct{ weights, data, out string }

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	if err == flag.ErrHelp {
		return 0
	}
	status := 2
	if err == nil {
		status, err = 1, o.run()
	}
	if err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return status
	}
	fmt.Fprintf(stdout, "wrote %s: open it in a browser\n", input.Quote(o.out))
	return 0
}

// parse reads the command line. Help is written to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.StringVar(&o.weights, "weights", usualWeights, "trained weights, a `file` of cmd/train; its log is read from beside it, as .jsonl")
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	flags.StringVar(&o.out, "out", "", "`file` for the page (default: beside the weights, as .html)")
	others, err := usage.Parse(flags, "usage: report [flags]\n\nShows what a trained net has learned, as one HTML page.", args, stdout)
	if o.out == "" {
		o.out = o.beside(".html")
	}
	switch {
	case err != nil:
		return nil, err
	case len(others) > 0:
		return nil, fmt.Errorf("unexpected %q: it takes flags alone, see report -h", others[0])
	case filepath.Ext(o.out) != ".html":
		return nil, fmt.Errorf("-out is %q, want a file name that ends in .html", o.out)
	}
	return &o, nil
}

// beside returns the name of the file of weights with another extension.
func (o *options) beside(extension string) string {
	return strings.TrimSuffix(o.weights, filepath.Ext(o.weights)) + extension
}

func (o *options) run() error {
	model, err := models.Load(o.weights)
	if errors.Is(err, fs.ErrNotExist) && o.weights == usualWeights {
		return fmt.Errorf("%w: train a net with cmd/train first, or name a file with -weights", err)
	}
	if err != nil {
		return err
	}
	if err := o.checkOut(); err != nil {
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
		return fmt.Errorf("%s: %w", input.Quote(o.weights), err)
	}
	return atomicfile.Write(o.out, func(w io.Writer) error {
		_, err := page.WriteTo(w)
		return err
	})
}

// checkOut returns an error if no page can be written to -out, or if what is
// there is something else than a page of this command.
func (o *options) checkOut() error {
	for _, name := range []string{o.weights, o.beside(".jsonl")} {
		if input.Same(o.out, name) {
			return fmt.Errorf("the page would replace %s, which is to be read: name another file with -out", input.Quote(name))
		}
	}
	if err := atomicfile.Check(o.out); err != nil {
		return err
	}
	page, err := os.ReadFile(o.out)
	if err == nil && len(page) > 0 && !bytes.Contains(page, []byte(report.Generator)) {
		return fmt.Errorf("%s was not written by this command: move it away, or name another file with -out", input.Quote(o.out))
	}
	return nil
}

// readLog returns the log of a training, nil if there is none at path.
func readLog(path string) ([]train.LogLine, error) {
	f, err := input.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	log, err := train.ReadLog(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; move the file away to do without it", input.Quote(path), err)
	}
	return log, nil
}
