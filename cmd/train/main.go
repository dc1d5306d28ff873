//go:build !js

// Command train trains a net on MNIST by numerical gradients, as chapter 4.5 of
// "Deep Learning from Scratch" does. The book's settings are the defaults.
//
//	go run ./cmd/train
//	go run ./cmd/train -hidden 100,100 -activation relu -std he
//	go run ./cmd/train -resume runs/mnist
//	go run ./cmd/train -init params.npz -batches batches.npz
//
// Each training makes a new folder with weights.npz, log.jsonl and curves.png.
// Ctrl-C, SIGTERM and SIGHUP save the state. With -resume the training continues,
// and its result is bit-identical to an uninterrupted run.
//
// The last command repeats a training of another program, such as the book's
// script in NumPy.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"numgrad/internal/input"
	"numgrad/internal/usage"
	"numgrad/train"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, firstSignal()))
}

// run is the command. It returns the exit status: 0, 1 after an error, 2 for
// wrong usage, 128 + n after signal n.
func run(args []string, stdout, stderr io.Writer, stop <-chan os.Signal) int {
	o, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	status := 2
	if err == nil {
		status, err = 1, o.run(stdout, stderr, stop)
	}
	if err == nil {
		return 0
	}
	if signal, ok := errors.AsType[stopped](err); ok {
		return 128 + int(signal)
	}
	if _, ok := errors.AsType[*usage.Error](err); ok {
		status = 2
	}
	for line := range strings.Lines(err.Error() + "\n") {
		fmt.Fprintf(stderr, "train: %s", line)
	}
	return status
}

// firstSignal returns a channel that receives the first request to stop. A
// second request ends the process at once.
func firstSignal() <-chan os.Signal {
	// The training continues if the reader of its output exits.
	signal.Ignore(syscall.SIGPIPE)

	// A shell ignores SIGINT for background jobs of a script, and nohup SIGHUP.
	requests := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	received, first := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(received, requests...)
	go func() {
		s := <-received
		signal.Reset(requests...)
		first <- s
	}()
	return first
}

// stopped is the error of a training that ends by a signal.
type stopped syscall.Signal

// Error names the signal.
func (s stopped) Error() string { return "stopped by " + syscall.Signal(s).String() }

// options are the values of the command line.
type options struct {
	train.Settings
	data, init, batches, out, resume string
	workers                          int
	quiet                            bool

	flags    *flag.FlagSet
	given    map[string]bool // names of the flags on the command line
	dataFlag []string        // -data and its value, if given
}

const help = `usage: train [flags]

Trains a net on MNIST by numerical gradients, with the book's settings or others,
and saves it in a new folder.`

const maxWorkers = 1024

// defineSettings defines the flags of the settings. Their defaults are the values
// of s.
func defineSettings(flags *flag.FlagSet, s *train.Settings) {
	flags.Var(&s.HiddenSizes, "hidden", "`units` of each hidden layer, such as 50, or 100,100 for two layers")
	flags.StringVar((*string)(&s.Activation), "activation", string(s.Activation), "`function` of the hidden units: sigmoid or relu")
	flags.IntVar(&s.Epochs, "epochs", s.Epochs, "`number` of passes over the training images")
	flags.IntVar(&s.BatchSize, "batch", s.BatchSize, "`images` in a mini-batch")
	flags.Float64Var(&s.LearningRate, "lr", s.LearningRate, "learning rate: the `factor` of the gradient in a step")
	flags.Var(&s.WeightInitStd, "std", "standard `deviation` of the initial weights: a number, he or xavier")
	flags.StringVar(&s.Gradient, "gradient", s.Gradient, "`method` of computing the gradient: numerical, backprop, or inplace, the\ntextbook's loop, which takes days")
	flags.StringVar(&s.Formula, "formula", s.Formula, "finite `difference`: central or forward")
	flags.Float64Var(&s.Step, "step", s.Step, "`h`, the displacement of a weight")
	flags.Uint64Var(&s.Seed, "seed", s.Seed, "`number` that determines the initial weights and the shuffles")
	flags.IntVar(&s.Limit, "limit", s.Limit, "train on the first `images` only (default 0: all)")
	flags.BoolVar(&s.Transpose, "transpose", s.Transpose, "transpose the images: EMNIST's files need it")
}

// parse reads the command line. It writes help to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	o := &options{Settings: train.Book(), flags: flags, given: map[string]bool{}}
	defineSettings(flags, &o.Settings)
	flags.StringVar(&o.data, "data", "", "read the images from `path`: a folder of IDX files, folder/prefix, or Keras'\nmnist.npz (default: the MNIST of the module GoMNIST)")
	flags.IntVar(&o.workers, "workers", 0, "`goroutines` for the work; the result does not depend on them\n(default 0: one per core)")
	flags.StringVar(&o.init, "init", "", "start from the weights in `file`, an npz with W1, b1, W2, b2 and so on, as\nnumpy.savez writes it; they determine the hidden layers")
	flags.StringVar(&o.batches, "batches", "", "with -init: repeat a training of another program on the mini-batches in `file`,\nan npz with the array batches, which has a row of image indices for each step,\nand compare its train_loss_list, train_acc_list and test_acc_list, if present")
	flags.StringVar(&o.out, "out", "", "save the training in the new folder `DIR`, or in DIR-2, DIR-3, … if it exists\n(default runs/mnist, or runs/replay with -batches)")
	flags.StringVar(&o.resume, "resume", "", "continue the training in folder `DIR`, with its settings; -epochs may be raised")
	flags.BoolVar(&o.quiet, "quiet", false, "print errors only")
	others, err := usage.Parse(flags, help, args, stdout)
	if err != nil {
		return nil, err
	}
	flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if o.given["data"] {
		o.dataFlag = []string{"-data", o.data}
	}
	if !o.given["out"] {
		if o.out = "runs/mnist"; o.batches != "" {
			o.out = "runs/replay"
		}
	}
	o.out = filepath.Clean(o.out)
	return o, o.check(others)
}

// check returns an error for the first bad value or combination.
func (o *options) check(others []string) error {
	if o.given["resume"] && (o.resume == "" || o.resume[0] == '-') {
		return errors.New("-resume needs the folder of a training, such as -resume runs/mnist")
	}
	if len(others) > 0 {
		return fmt.Errorf("unexpected %q: train takes only flags, see train -h", others[0])
	}
	if err := o.Settings.Check(); err != nil {
		return fmt.Errorf("-%w", err)
	}
	if o.workers < 0 || o.workers > maxWorkers {
		return fmt.Errorf("-workers is %d, want at most %d goroutines, or 0 for one per core", o.workers, maxWorkers)
	}
	if name, ok := strings.CutSuffix(o.out, ".npz"); ok {
		return fmt.Errorf("-out is a folder now: use -out %s; the weights will be %s", input.Quote(name), input.Quote(filepath.Join(name, "weights.npz")))
	}
	if base := filepath.Base(o.out); base == "." || base == ".." || base == string(filepath.Separator) {
		return fmt.Errorf("-out is %q, want the name of a new folder", o.out)
	}
	for _, names := range [][]string{
		{"init", "hidden", "std"},
		{"batches", "hidden", "std", "epochs", "batch", "seed"},
		{"resume", "out", "init", "batches"},
	} {
		for _, other := range names[1:] {
			if o.given[names[0]] && o.given[other] {
				return fmt.Errorf("-%s does not go with -%s, which determines it: leave one of them out", other, names[0])
			}
		}
	}
	if o.batches != "" && o.init == "" {
		return errors.New("-batches needs the initial weights of the training, with -init")
	}
	return nil
}
