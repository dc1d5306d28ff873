package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"numgrad/train"
)

// options is what the command line says.
type options struct {
	train.Settings
	data    string
	workers int
	out     string
	resume  bool
	quiet   bool

	given map[string]bool // the flags that are on it, by name
}

// parse reads the command line. What is wrong with it, or its help, is written
// to stderr.
func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{Settings: train.Book(), given: map[string]bool{}}
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: train [flags]\n\nTrains a two-layer net on MNIST by numerical gradients, with the book's settings.\n\nflags:")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	flags.IntVar(&o.HiddenSize, "hidden", o.HiddenSize, "`units` of the hidden layer")
	flags.IntVar(&o.Epochs, "epochs", o.Epochs, "passes over the training images, a `number`")
	flags.IntVar(&o.BatchSize, "batch", o.BatchSize, "`images` in a mini-batch")
	flags.Float64Var(&o.LearningRate, "lr", o.LearningRate, "learning rate: the `factor` of the gradient in a step")
	flags.Float64Var(&o.WeightInitStd, "std", o.WeightInitStd, "standard `deviation` of the initial weights")
	flags.StringVar(&o.Gradient, "gradient", o.Gradient, "`way` to the gradient: numerical, inplace (the textbook's loop: the same\nnumbers, in days) or backprop")
	flags.StringVar(&o.Formula, "formula", o.Formula, "finite `difference`: central or forward")
	flags.Float64Var(&o.Settings.Step, "step", o.Settings.Step, "h, how far a weight is displaced, in units of the `weight`")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "`number` that the initial weights and the shuffles follow from")
	flags.IntVar(&o.workers, "workers", 0, "`goroutines` that share the work; the result does not depend on it\n(default 0: one for each core)")
	flags.IntVar(&o.Limit, "limit", o.Limit, "train on the first `images` only (default 0: all)")
	flags.StringVar(&o.out, "out", "models/mnist.npz", "`file` for the weights; the log and the curves go beside it, as .jsonl and .png")
	flags.BoolVar(&o.resume, "resume", false, "go on with the training saved in the -out file, with its settings;\n-epochs may be raised")
	flags.BoolVar(&o.quiet, "quiet", false, "write errors alone")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if err := o.check(flags.Args()); err != nil {
		complain(stderr, err)
		return nil, err
	}
	return o, nil
}

// check returns what is wrong with the values, flag by flag.
func (o *options) check(rest []string) error {
	var errs []error
	if len(rest) > 0 {
		errs = append(errs, fmt.Errorf("unexpected %q: it takes flags alone, see train -h", rest[0]))
	}
	if err := o.Settings.Check(); err != nil {
		errs = append(errs, fmt.Errorf("-%s", strings.ReplaceAll(err.Error(), "\n", "\n-")))
	}
	if o.workers < 0 {
		errs = append(errs, fmt.Errorf("-workers is %d, want a number of goroutines, or 0 for one for each core", o.workers))
	}
	if filepath.Ext(o.out) != ".npz" {
		errs = append(errs, fmt.Errorf("-out is %q, want a file name that ends in .npz", o.out))
	}
	return errors.Join(errs...)
}

// beside returns the name of the -out file with another extension.
func (o *options) beside(extension string) string {
	return strings.TrimSuffix(o.out, ".npz") + extension
}

// contradicts returns an error for each flag given that says something else
// than the settings of the training that is resumed. Its epochs alone may be
// raised.
func (o *options) contradicts(saved train.Settings) error {
	want, is := byName(saved), byName(o.Settings)
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(o.given)) {
		if _, ok := want[name]; !ok || want[name] == is[name] || name == "epochs" && o.Epochs > saved.Epochs {
			continue
		}
		advice := "leave it out, or start anew without -resume"
		if name == "epochs" {
			advice = "they can be raised, not lowered"
		}
		errs = append(errs, fmt.Errorf("-%s is %v, but %s was begun with %v: %s", name, is[name], o.out, want[name], advice))
	}
	return errors.Join(errs...)
}

// byName returns the settings by the names of their flags.
func byName(s train.Settings) map[string]string {
	text, err := json.Marshal(s)
	var m map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		panic(err) // numbers and words always can be
	}
	words := map[string]string{}
	for name, value := range m {
		words[name] = strings.Trim(string(value), `"`)
	}
	return words
}
