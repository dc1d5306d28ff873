package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"numgrad/gradcheck"
	"numgrad/internal/input"
	"numgrad/internal/usage"
	"numgrad/nn"
)

// options is what the command line says.
type options struct {
	// Of this project's own backprop.
	data, weights string
	batch         int
	seed          uint64

	// Of a case from elsewhere.
	casePath, against, out string
	activation             nn.Activation
	book                   bool

	// Of a loss that another program answers.
	command string
	all     bool
	timeout time.Duration

	precision float64 // of a gradient from elsewhere; 0: as its type says
	json      bool    // what is printed
}

// ofCase are the flags that go with -case alone, ofOwn those that go without.
var (
	ofCase = []string{"against", "out", "activation", "book"}
	ofOwn  = []string{"data", "weights", "batch", "seed"}
)

const help = `usage: gradcheck [flags]                                      this project's backprop
       gradcheck -case case.npz -against grads.npz [flags]    a gradient from NumPy or PyTorch
       gradcheck -loss 'python3 my_net.py' [flags]            a program that answers the loss

Compares a gradient with the numerical one, and says where they differ.`

// parse reads the command line. Help is written to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{activation: nn.Sigmoid}
	flags := flag.NewFlagSet("gradcheck", flag.ContinueOnError)
	flags.StringVar(&o.weights, "weights", "", "check at the weights in a `FILE` of cmd/train (default: random ones, from N(0, 0.01²))")
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	flags.IntVar(&o.batch, "batch", 100, "training `images` in the batch")
	flags.Uint64Var(&o.seed, "seed", 1, "`number` that the random weights and the choice of images follow from")
	flags.StringVar(&o.casePath, "case", "", "npz `FILE` with W1 b1 W2 b2 … x t")
	flags.StringVar(&o.against, "against", "", "npz `FILE` with the gradient to check: W1 b1 W2 b2 …, or some of them")
	flags.StringVar(&o.out, "out", "", "npz `FILE` to write the numerical gradient of the case to")
	flags.BoolVar(&o.book, "book", false, "the loss is −log(y + 1e-7), as in the book's cross_entropy_error (default −log y)")
	flags.Func("activation", "`function` of the hidden units: sigmoid or relu (default sigmoid)", func(name string) error {
		return choose(&o.activation, name, map[string]nn.Activation{"sigmoid": nn.Sigmoid, "relu": nn.ReLU})
	})
	flags.Func("precision", "`type` that the gradient was computed in: float32 or float64 (default: its type in the file, or what the program of -loss says)", func(name string) error {
		return choose(&o.precision, name, map[string]float64{"float32": gradcheck.Float32, "float64": gradcheck.Float64})
	})
	flags.BoolVar(&o.json, "json", false, "print the report as a JSON object")
	o.registerLoss(flags)
	others, err := usage.Parse(flags, help, args, stdout)
	switch {
	case err != nil:
		return nil, err
	case len(others) > 0:
		return nil, fmt.Errorf("unexpected %q: it takes flags alone, see gradcheck -h", others[0])
	}
	return o, o.check(flags)
}

func choose[T any](dst *T, name string, choices map[string]T) error {
	v, ok := choices[name]
	if !ok {
		return fmt.Errorf("want %s", strings.Join(slices.Sorted(maps.Keys(choices)), " or "))
	}
	*dst = v
	return nil
}

// check returns what is wrong with the flags together.
func (o *options) check(flags *flag.FlagSet) error {
	if err := refuseEmpty(flags); err != nil {
		return err
	}
	if err := o.checkLoss(flags); err != nil || o.command != "" {
		return err
	}
	var err error
	flags.Visit(func(f *flag.Flag) {
		switch {
		case o.casePath == "" && f.Name == "precision":
			err = fmt.Errorf("-precision is given without -case or -loss: this project's own gradient is in float64, leave it out")
		case o.casePath == "" && slices.Contains(ofCase, f.Name):
			err = fmt.Errorf("-%s is given without -case: name the npz file with W1 b1 W2 b2 … x t that it belongs to", f.Name)
		case o.casePath != "" && slices.Contains(ofOwn, f.Name):
			err = fmt.Errorf("-%s is given with -case: the weights and samples are those of the case, leave it out", f.Name)
		}
	})
	switch {
	case err != nil:
		return err
	case o.batch < 1:
		return fmt.Errorf("-batch is %d, want at least 1 image", o.batch)
	case o.casePath != "" && o.against == "" && o.out == "":
		return fmt.Errorf("-case is given alone: name the gradient to check with -against, or a file for the numerical one with -out")
	case o.out != "" && (input.Same(o.out, o.casePath) || input.Same(o.out, o.against)):
		return fmt.Errorf("-out is %q, a file that is to be read: name another", o.out)
	}
	return nil
}

// refuseEmpty returns what is wrong with texts that are given and empty, as
// those of a shell's variable may be.
func refuseEmpty(flags *flag.FlagSet) (err error) {
	flags.Visit(func(f *flag.Flag) {
		value, ok := f.Value.(flag.Getter)
		if !ok {
			return
		}
		if text, ok := value.Get().(string); ok && strings.TrimSpace(text) == "" {
			kind, _ := flag.UnquoteUsage(f)
			err = fmt.Errorf("-%s is given and empty: name the %s, or leave it out", f.Name, strings.ToLower(kind))
		}
	})
	return err
}
