// Command gradcheck checks a gradient of the two-layer net against finite
// differences of its loss.
//
//	go run ./cmd/gradcheck                                        this project's backprop, on MNIST
//	go run ./cmd/gradcheck -case case.npz -against grads.npz      a gradient made elsewhere
//
// A case is a NumPy npz file with W1 [D,H], b1 [H], W2 [H,K], b2 [K], x [N,D]
// and the labels t, [N] class indices or [N,K] one-hot; a gradient is one with
// arrays of the same names as the weights. The exit status is 0 if the gradient
// is right, 1 if it is not or something could not be read, 2 for wrong usage.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/internal/atomicfile"
	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options is what the command line says.
type options struct {
	weights, data     string
	batch             int
	seed              uint64
	caseFile, against string
	out               string
}

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("gradcheck", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: gradcheck [flags]\n\nChecks a gradient of the two-layer net against finite differences of its loss.\n\nflags:")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.weights, "weights", "", "check at the weights in `FILE` (default: random ones of N(0, 0.01²), 50 hidden units)")
	flags.StringVar(&o.data, "data", "", "take the images from the IDX files in directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	flags.IntVar(&o.batch, "batch", 100, "how many training `images` make the batch")
	flags.Uint64Var(&o.seed, "seed", 1, "`number` that the random weights and the choice of images follow from")
	flags.StringVar(&o.caseFile, "case", "", "check on the weights, x and t in npz `FILE` instead")
	flags.StringVar(&o.against, "against", "", "check the gradient in npz `FILE`, made elsewhere for the case\n(default: this project's backprop)")
	flags.StringVar(&o.out, "out", "", "write the numerical gradient (h = 1e-4, central) to npz `FILE`")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := o.check(flags.Args()); err != nil {
		fmt.Fprintln(stderr, "gradcheck:", err)
		return 2
	}
	if err := o.run(stdout); err != nil {
		fmt.Fprintln(stderr, "gradcheck:", err)
		return 1
	}
	return 0
}

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected %q: it takes flags alone, see gradcheck -h", rest[0])
	case o.batch < 1:
		return fmt.Errorf("-batch is %d, want at least 1 image", o.batch)
	case o.against != "" && o.caseFile == "":
		return errors.New("-against without -case: which weights, x and t was the gradient made for?")
	case o.caseFile != "" && o.weights != "":
		return errors.New("-case and -weights are both given, and the case has weights of its own: choose one")
	}
	return nil
}

// run checks, and returns an error also where the gradient is wrong.
func (o *options) run(stdout io.Writer) error {
	p, err := o.problem()
	if err != nil {
		return err
	}
	g := nn.NewParams(p.net.Sizes())
	params, precision := p.net.Check(g), grad.Float64
	if o.against == "" {
		p.net.Gradient(g, p.batch.X, p.batch.T)
	} else {
		var missing []string
		if params, missing, precision, err = against(o.against, params); err != nil {
			return err
		}
		for _, name := range missing {
			fmt.Fprintf(stdout, "%s has no %s, which is not checked\n", o.against, name)
		}
	}
	if o.out != "" {
		if err := p.save(o.out); err != nil {
			return err
		}
	}

	report := grad.Check(p.loss, params, &grad.CheckSettings{
		Precision: precision,
		Changes:   p.changes(params),
	})
	fmt.Fprint(stdout, report)
	return report.Err()
}

// problem is a net and the batch whose loss is in question.
type problem struct {
	net   *nn.TwoLayer
	batch dataset.Batch
}

// problem reads the case, or makes one of MNIST.
func (o *options) problem() (*problem, error) {
	if o.caseFile != "" {
		return readCase(o.caseFile)
	}
	images, _, err := dataset.Load(o.data)
	if err != nil {
		return nil, err
	}
	p := &problem{net: nn.NewTwoLayer(images.Size(), 50, images.Classes, 0.01, rand.NewPCG(o.seed, 0))}
	if o.weights != "" {
		m, err := models.Load(o.weights)
		if err != nil {
			return nil, err
		}
		if d, _, k := m.Sizes(); d != images.Size() || k < images.Classes {
			return nil, fmt.Errorf("%s: its net has %d inputs and %d classes, but the images have %d pixels and %d classes",
				o.weights, d, k, images.Size(), images.Classes)
		}
		p.net.Params = m.Params
	}
	order := dataset.Epoch(nil, images.Len(), o.seed, 1)
	images.Gather(&p.batch, order[:min(o.batch, len(order))])
	return p, nil
}

func (p *problem) loss() float64 { return p.net.Loss(p.batch.X, p.batch.T) }

// changes returns the cheap way to all displaced losses, for those of the
// net's parameters that are to be checked.
func (p *problem) changes(params []grad.Param) func(dst []float64, h float64) {
	all := nn.NewParams(p.net.Sizes())
	part := map[string][]float64{}
	for _, a := range all.Check(all) {
		part[a.Name] = a.X
	}
	return func(dst []float64, h float64) {
		p.net.Changes(all.Vector, p.batch.X, p.batch.T, h)
		for _, param := range params {
			dst = dst[copy(dst, part[param.Name]):]
		}
	}
}

// save writes the numerical gradient.
func (p *problem) save(path string) error {
	g := nn.NewParams(p.net.Sizes())
	p.net.NumericalGradient(g, p.batch.X, p.batch.T, nil)
	return atomicfile.Write(path, func(w io.Writer) error {
		return npz.Write(w, npz.Array{Name: "W1", Data: g.W1}, npz.Array{Name: "b1", Data: g.B1},
			npz.Array{Name: "W2", Data: g.W2}, npz.Array{Name: "b2", Data: g.B2})
	})
}
