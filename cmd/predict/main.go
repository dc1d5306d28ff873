// Predict says which digit is in a picture.
//
//	go run ./cmd/predict [-weights FILE] [-quiet | -json] picture...
//
// A picture is a PNG, JPEG or GIF file of any size, dark on light or light on
// dark; "-" is standard input. It is brought to the form of MNIST (see package
// digit), and the net that ships with the project, or the one in FILE, answers.
//
// What it prints is plain text: the digit, its probability, what the net saw,
// and the probability of each class. With -quiet it is the first line of that,
// with -json one object, {"file", "digit", "probabilities"}, to a line.
//
// A picture that cannot be read, or in which there is no digit, is a line on
// standard error, and the others are still answered. The exit status is then 1; it is 2 for wrong usage.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"numgrad/internal/digit"
	"numgrad/internal/input"
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/nn"
)

func main() {
	// One huge picture after another: collect the last before the next.
	debug.SetMemoryLimit(64 << 20)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("predict", flag.ContinueOnError)
	weights := flags.String("weights", "", "trained weights, a `FILE` of cmd/train (default the net that ships)")
	quiet := flags.Bool("quiet", false, "print one line for each picture, without what the net saw")
	asJSON := flags.Bool("json", false, "print one JSON object a line for each picture")
	files, err := usage.Parse(flags, "usage: predict [flags] picture...\n\nSays which digit is in each PNG, JPEG or GIF picture; - is standard input.", args, stdout)
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
		err := answerFile(file, stdin, net, out, write)
		if err == nil {
			err = out.Flush() // before a line about the next file
		}
		if err != nil {
			fmt.Fprintf(stderr, "predict: %s: %v\n", input.Quote(file), err)
			status = 1
		}
	}
	return status
}

// load returns the net in the weights file at path, or the one that ships if
// path is "".
func load(path string) (*nn.Net, error) {
	if path == "" {
		return models.MNIST().Net(), nil
	}
	model, err := models.Load(path)
	if err != nil {
		return nil, err
	}
	net := model.Net()
	if err := checkInputs(net); err != nil {
		return nil, fmt.Errorf("%s: %w", input.Quote(path), err)
	}
	return net, nil
}

// answerFile answers for one file, or for stdin if it is "-".
func answerFile(file string, stdin io.Reader, net *nn.Net, w io.Writer, write func(io.Writer, *answer) error) error {
	if file != "-" {
		f, err := input.Open(file)
		if err != nil {
			return input.Bare(err)
		}
		defer f.Close()
		stdin = f
	}
	seen, err := digit.Read(stdin)
	if err != nil {
		return input.Bare(err)
	}
	a, err := ask(net, file, seen)
	if err != nil {
		return err
	}
	return write(w, a)
}
