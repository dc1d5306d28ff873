//go:build !js

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// options is what the command line says.
type options struct {
	train.Settings
	data    string
	workers int
	init    string
	batches string
	out     string
	resume  bool
	quiet   bool

	given map[string]bool // the flags that are on it, by name
}

const help = `usage: train [flags]

Trains a net on MNIST by numerical gradients: with the book's settings, or with
more layers.`

// parse reads the command line. Its help is written to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{Settings: train.Book(), given: map[string]bool{}}
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	define(flags, &o.Settings)
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	flags.IntVar(&o.workers, "workers", 0, "`goroutines` that share the work; the result does not depend on it\n(default 0: one for each core)")
	flags.StringVar(&o.init, "init", "", "begin with the weights in `file`, an npz with W1, b1, W2, b2 and so on, as\nnumpy.savez writes it; its hidden layers are those of the net")
	flags.StringVar(&o.batches, "batches", "", "repeat a training made elsewhere, from the weights of -init and on the\nmini-batches in `file`, an npz with the array batches: a row of indices of\nimages for each step. Its train_loss_list, train_acc_list and test_acc_list\nare compared, where the file has them")
	flags.StringVar(&o.out, "out", "runs/mnist.npz", "`file` for the weights; the log and the curves go beside it, as .jsonl and .png\n(with -batches runs/replay.npz, with the lists in it). What is there is kept\nunder another name")
	flags.BoolVar(&o.resume, "resume", false, "go on with the training saved in the -out file, with its settings;\n-epochs may be raised")
	flags.BoolVar(&o.quiet, "quiet", false, "write errors alone")
	others, err := usage.Parse(flags, help, args, stdout)
	if err != nil {
		return nil, err
	}
	flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if o.batches != "" && !o.given["out"] {
		o.out = "runs/replay.npz"
	}
	return o, o.check(others)
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
	if o.init != "" && o.resume {
		errs = append(errs, errors.New("-init begins a training and -resume goes on with one: leave one of them out"))
	}
	if o.init != "" && o.given["std"] {
		errs = append(errs, errors.New("-std is for random initial weights, and -init has others: leave one of them out"))
	}
	if o.batches != "" {
		errs = append(errs, o.checkReplay())
	}
	return errors.Join(errs...)
}

// checkReplay returns what is wrong with the flags beside -batches.
func (o *options) checkReplay() error {
	var errs []error
	if o.init == "" {
		errs = append(errs, errors.New("-batches repeats a training made elsewhere: give its initial weights, too, with -init"))
	}
	for _, name := range []string{"hidden", "epochs", "batch", "seed", "resume"} {
		if o.given[name] {
			errs = append(errs, fmt.Errorf("-%s does not go with -batches: leave it out", name))
		}
	}
	return errors.Join(errs...)
}

// files returns the flags, of those given, that say where the files are.
func (o *options) files() []string {
	var args []string
	if o.given["out"] {
		args = append(args, "-out", o.out)
	}
	if o.given["data"] {
		args = append(args, "-data", o.data)
	}
	return args
}

// initial returns the net of -init.
func (o *options) initial() (*nn.Net, error) {
	m, err := models.Load(o.init)
	if err != nil {
		return nil, fmt.Errorf("-init: %w", err)
	}
	net := m.Net()
	if o.given["activation"] {
		net.Activation = o.Activation
	}
	return net, nil
}
