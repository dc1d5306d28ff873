// Predict names the digit in a picture.
//
//	go run ./cmd/predict [-weights PATH] [-quiet | -json] picture...
//
// A picture is a PNG, JPEG, GIF or WebP file of any size, dark on light or
// light on dark; "-" is standard input. Package digit brings it to the form of
// MNIST. The built-in net answers, or the net in a training's folder or file
// of weights.
//
// Predict prints the digit, its probability, the input of the net as text, and
// the probability of each class. It adds "not sure" if the probability is
// below 60 %. With -quiet it prints only the first line. With -json it prints
// one object a line: {"file", "digit", "probabilities", "sure"}.
//
// If a picture cannot be read or shows no digit, predict prints a line on
// standard error, goes on, and exits with status 1. Wrong usage is status 2.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"os"
	"runtime/debug"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/internal/digit"
	"numgrad/internal/input"
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/nn"
)

func main() {
	debug.SetMemoryLimit(96 << 20) // collects one huge picture before the next
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("predict", flag.ContinueOnError)
	weights := flags.String("weights", "", "trained weights: `PATH` of a training's folder or of its weights.npz (default the built-in net)")
	quiet := flags.Bool("quiet", false, "print one line for each picture")
	asJSON := flags.Bool("json", false, "print one JSON object a line for each picture")
	files, err := usage.Parse(flags, "usage: predict [flags] picture...\n\nNames the digit in each PNG, JPEG, GIF or WebP picture; - is standard input.", args, stdout)
	switch {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
	case len(files) == 0:
		err = errors.New("no picture given: name one or more files, or - for standard input")
	case *quiet && *asJSON:
		err = errors.New("-quiet and -json are both given: choose one")
	}
	if err != nil {
		fmt.Fprintln(stderr, "predict:", err)
		return 2
	}

	net, err := load(*weights)
	if err != nil {
		fmt.Fprintln(stderr, "predict:", err)
		return 1
	}
	out := bufio.NewWriter(stdout)
	write := writePicture
	switch {
	case *quiet:
		write = writeLine
	case *asJSON:
		write = func(w io.Writer, a *answer) error { return json.NewEncoder(w).Encode(a) }
	}
	status := 0
	for _, file := range files {
		a, err := ask(net, file, stdin)
		if err == nil {
			err = errors.Join(write(out, a), out.Flush())
		}
		if err != nil {
			fmt.Fprintf(stderr, "predict: %s: %v\n", input.Quote(file), err)
			status = 1
		}
	}
	return status
}

// load returns the net in a training's folder or file, or the built-in net if
// path is "".
func load(path string) (*nn.Net, error) {
	if path == "" {
		return models.MNIST().Net(), nil
	}
	file, err := models.Find(path)
	if err != nil {
		return nil, err
	}
	model, err := models.Load(file)
	if err != nil {
		return nil, err
	}
	net := model.Net()
	if inputs := net.Inputs(); inputs != digit.Size*digit.Size {
		return nil, fmt.Errorf("%s: the net takes %d inputs, want the %d pixels of %d×%d: give weights trained on images of that size",
			input.Quote(file), inputs, digit.Size*digit.Size, digit.Size, digit.Size)
	}
	return net, nil
}

// answer is the net's answer for one picture.
type answer struct {
	File          string    `json:"file"`
	Digit         int       `json:"digit"`         // the most probable class
	Probabilities []float64 `json:"probabilities"` // of each class
	Sure          bool      `json:"sure"`          // the probability of Digit is at least 60 %

	seen *image.Gray // input of the net
}

// ask returns the net's answer for the picture in a file, or in stdin for "-".
func ask(net *nn.Net, file string, stdin io.Reader) (*answer, error) {
	if file != "-" {
		f, err := input.Open(file)
		if err != nil {
			return nil, input.Bare(err)
		}
		defer f.Close()
		stdin = f
	}
	seen, err := digit.Read(stdin)
	if err != nil {
		return nil, input.Bare(err)
	}
	x := mat.NewDense(1, len(seen.Pix), nil)
	for i, v := range seen.Pix {
		x.Set(0, i, float64(v)/255)
	}
	p := net.Predict(x).RawRowView(0)
	if floats.HasNaN(p) {
		return nil, errors.New("the net's answer is not a number: its weights are too large")
	}
	best := floats.MaxIdx(p)
	return &answer{File: file, Digit: best, Probabilities: p, Sure: p[best] >= 0.6, seen: seen}, nil
}
