// Gradcheck compares the gradient of a backward pass with the numerical one,
// and says where they differ.
//
//	go run ./cmd/gradcheck [-weights PATH] [-batch N] [-seed N]
//
// checks this project's own backprop on a batch of MNIST, with random weights
// or the weights of a training.
//
//	go run ./cmd/gradcheck -case case.npz -against grads.npz
//
// checks a gradient from NumPy or PyTorch, of a net of any depth. The case holds
// the weights W1 [D×H], b1 [H], W2 [H×K], b2 [K] and so on, the samples x [N×D],
// and t, class indices [N] or one-hot rows [N×K]. grads.npz holds the gradient
// of the mean cross entropy under the names of the weights, all or some of them.
//
//	go run ./cmd/gradcheck -loss 'python3 my_net.py'
//
// checks the gradient of any model: the program computes the loss at displaced
// parameters, as docs/anyloss.md describes.
//
// The exit status is 0 if the gradient agrees, 1 if it does not or something
// cannot be read, and 2 for wrong usage.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"numgrad/gradcheck"
	"numgrad/internal/input"
	"numgrad/internal/usage"
	"numgrad/nn"
	"numgrad/python"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	if err == flag.ErrHelp {
		return 0
	}
	agrees := false
	if err == nil {
		agrees, err = o.check(stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "gradcheck:", err)
	}
	_, wrongUsage := errors.AsType[*usage.Error](err)
	switch {
	case wrongUsage:
		return 2
	case err != nil || !agrees:
		return 1
	}
	return 0
}

// options are the values of the flags.
type options struct {
	weights, data          string
	batch                  int
	seed                   uint64
	casePath, against, out string
	activation             nn.Activation
	book                   bool
	command                string
	losses                 int // 0 checks each element
	timeout                time.Duration
	precision              float64 // 0 is the precision of the gradient's type
	json                   bool
	caller                 string
}

const help = `usage: gradcheck [flags]                                      this project's backprop
       gradcheck -case case.npz -against grads.npz [flags]    a gradient from NumPy or PyTorch
       gradcheck -loss 'python3 my_net.py' [flags]            a program that answers the loss

Compares a gradient with the numerical one, and says where they differ.`

// The kinds of checks.
const (
	ownBackprop = "this project's backprop"
	ofCase      = "-case"
	ofLoss      = "-loss"
)

// goesWith are the checks that a flag belongs to. A flag that is not here
// belongs to all.
var goesWith = map[string][]string{
	"weights": {ownBackprop}, "data": {ownBackprop}, "batch": {ownBackprop}, "seed": {ownBackprop},
	"against": {ofCase}, "out": {ofCase}, "activation": {ofCase}, "book": {ofCase}, "case": {ofCase},
	"losses": {ofLoss}, "all": {ofLoss}, "timeout": {ofLoss}, "caller": {ofLoss},
	"precision": {ofCase, ofLoss},
}

// kind is the check that the flags ask for.
func (o *options) kind() string {
	switch {
	case o.command != "":
		return ofLoss
	case o.casePath != "":
		return ofCase
	default:
		return ownBackprop
	}
}

// parse reads the command line. It writes help and the version to stdout, and
// returns flag.ErrHelp for both.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{activation: nn.Sigmoid}
	flags := flag.NewFlagSet("gradcheck", flag.ContinueOnError)
	flags.StringVar(&o.weights, "weights", "", "the weights of a training, its folder or npz file, at `PATH` (default: random weights of N(0, 0.01²))")
	flags.StringVar(&o.data, "data", "", "read the images from directory `DIR` (default: the MNIST of the module GoMNIST)")
	flags.IntVar(&o.batch, "batch", 100, "training `images` in the batch")
	flags.Uint64Var(&o.seed, "seed", 1, "`number` that chooses the images and the random weights")
	flags.StringVar(&o.casePath, "case", "", "npz `FILE` with W1 b1 W2 b2 … x t")
	flags.StringVar(&o.against, "against", "", "npz `FILE` with the gradient to check: W1 b1 W2 b2 …, or some of them")
	flags.StringVar(&o.out, "out", "", "npz `FILE` to write the numerical gradient of the case to")
	flags.BoolVar(&o.book, "book", false, "the loss is −log(y + 1e-7), as in the book's cross_entropy_error (default −log y)")
	flags.Func("activation", "`function` of the hidden units: sigmoid or relu (default sigmoid)", func(name string) error {
		if o.activation = nn.Activation(name); o.activation != nn.Sigmoid && o.activation != nn.ReLU {
			return errors.New("want sigmoid or relu")
		}
		return nil
	})
	flags.StringVar(&o.command, "loss", "", "`command` of a program that answers the loss, see docs/anyloss.md,\nor - for the program that started gradcheck")
	flags.IntVar(&o.losses, "losses", defaultLosses, "`number` of losses to ask for if the gradient agrees, about")
	all := flags.Bool("all", false, "check each element, with as many losses as that takes")
	flags.DurationVar(&o.timeout, "timeout", time.Minute, "time limit of the program to start, to answer and to end; 0 is no limit")
	flags.Func("precision", "relative error that a usual element of the gradient may have: float64, float32 or a `number` such as 1e-3\n(default: by the type of the gradient)", func(text string) (err error) {
		o.precision, err = precision(text)
		return err
	})
	flags.BoolVar(&o.json, "json", false, "print the report as a JSON object")
	flags.StringVar(&o.caller, "caller", "", "`language` of the caller: python makes the report name the arguments of numgrad.check")
	version := flags.Bool("version", false, "print the version")
	others, err := usage.Parse(flags, help, args, stdout)
	switch {
	case err == flag.ErrHelp:
		return nil, err
	case err != nil:
		return nil, &usage.Error{Err: err}
	case len(others) > 0:
		return nil, usageError("unexpected %q: gradcheck takes flags only, see gradcheck -h", others[0])
	case *version:
		fmt.Fprintln(stdout, "gradcheck", python.Version)
		return nil, flag.ErrHelp
	}
	if err := o.validate(flags); err != nil {
		return nil, err
	}
	if *all {
		o.losses = 0
	}
	return o, nil
}

func usageError(format string, args ...any) error {
	return &usage.Error{Err: fmt.Errorf(format, args...)}
}

// precision reads the value of -precision.
func precision(text string) (float64, error) {
	switch text {
	case "float64":
		return gradcheck.Float64, nil
	case "float32":
		return gradcheck.Float32, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v < 1) {
		return 0, errors.New("want float64, float32 or a relative error such as 1e-3")
	}
	return v, nil
}

// validate returns an error if the flags do not go together.
func (o *options) validate(flags *flag.FlagSet) (err error) {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) {
		given[f.Name] = true
		kind, _ := flag.UnquoteUsage(f)
		if allowed := goesWith[f.Name]; allowed != nil && f.Name != "case" && !slices.Contains(allowed, o.kind()) {
			err = usageError("-%s goes with %s, not with %s", f.Name, strings.Join(allowed, " or "), o.kind())
		}
		if value, ok := f.Value.(flag.Getter); ok {
			if text, ok := value.Get().(string); ok && strings.TrimSpace(text) == "" {
				err = usageError("-%s is empty: name the %s, or leave it out", f.Name, strings.ToLower(kind))
			}
		}
	})
	switch {
	case err != nil:
		return err
	case given["case"] && given["loss"]:
		return usageError("-case and -loss are two checks: leave one out")
	case given["all"] && given["losses"]:
		return usageError("-all and -losses are both given: leave one out")
	case o.losses < 1:
		return usageError("-losses is %d, want a positive number, or -all in place of it", o.losses)
	case o.batch < 1:
		return usageError("-batch is %d, want at least 1 image", o.batch)
	case o.timeout < 0:
		return usageError("-timeout is %v, want a time such as 90s, or 0 for no limit", o.timeout)
	case o.caller != "" && o.caller != "python":
		return usageError("-caller is %q, want python", o.caller)
	case given["case"] && o.against == "" && o.out == "":
		return usageError("-case needs the gradient to check, -against, or a file for the numerical gradient, -out")
	case o.out != "" && (input.Same(o.out, o.casePath) || input.Same(o.out, o.against)):
		return usageError("-out is %q, a file to read: name another file", o.out)
	}
	return nil
}

// check does the check that the options ask for and prints the report.
func (o *options) check(stdout, stderr io.Writer) (agrees bool, err error) {
	if o.kind() == ofLoss {
		return o.checkLoss(stdout, stderr)
	}
	var s *subject
	if o.kind() == ofCase {
		s, err = o.readCase()
	} else {
		s, err = o.ownBackprop()
	}
	if err != nil {
		return false, err
	}
	report := s.check()
	if o.out != "" && report.Fault == nil {
		if err := writeGradient(o.out, report, s.net.Params); err != nil {
			return false, err
		}
		s.notes = append(s.notes, "wrote the numerical gradient to "+input.Quote(o.out))
	}
	s.leaveOut(report)
	s.explain(report)
	text := s.title(report.Loss)
	if report.Fault != nil || len(report.Params) > 0 {
		text += "\n" + report.String()
	}
	if o.json {
		text, err = asJSON(s.about, s.notes, report)
	}
	if err == nil {
		_, err = io.WriteString(stdout, text)
	}
	return report.Err() == nil, err
}

// asJSON is the output of -json.
func asJSON(about string, notes []string, report *gradcheck.Report) (string, error) {
	text, err := json.MarshalIndent(struct {
		About  string            `json:"about"`
		Notes  []string          `json:"notes"`
		Report *gradcheck.Report `json:"report"`
	}{about, append([]string{}, notes...), report}, "", "  ")
	return string(text) + "\n", err
}
