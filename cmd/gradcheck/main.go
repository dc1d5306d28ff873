// Gradcheck compares a gradient that backpropagation made with the numerical
// one, and says where they differ.
//
//	go run ./cmd/gradcheck [-weights FILE] [-batch N] [-seed N]
//
// checks this project's own backprop on a batch of MNIST, with random or with
// saved weights.
//
//	go run ./cmd/gradcheck -case case.npz -against grads.npz
//
// checks a gradient from NumPy or PyTorch. The case holds the weights W1 [D×H],
// b1 [H], W2 [H×K], b2 [K], and so on for as many layers as there are; the
// samples x [N×D]; and t, class indices [N] or one-hot rows [N×K]. grads.npz
// holds the gradient of the mean cross entropy under the names of the weights,
// all or some of them. Numbers may be of any size
// and, but for float16, of any real type. The hidden units are sigmoids, or
// with -activation relu rectified; with -book the loss is the book's, which has
// 1e-7 inside the logarithm. A gradient in float32 is held to that precision,
// as is one with -precision float32. With -out the numerical gradient is
// written, in the form of grads.npz and in float64; it replaces no file but one
// that -out has written before.
//
//	go run ./cmd/gradcheck -loss 'python3 my_net.py'
//
// checks the gradient of any model. The command is a program that answers the
// loss at displaced parameters, as docs/anyloss.md describes; "-" stands for one
// that has started this one. With -precision float32 the gradient is held to
// that precision, whatever the program says of its type. Some 2,000 elements
// are drawn and checked, and random directions over all; with -all each element
// is.
//
// What it prints is the report of gradcheck.Check, or with -json the same as a
// JSON object. A gradient of a case that is wrong, but right for the other
// activation or the other loss, is told as that. The exit status is 0 if the
// gradient agrees, 1 if it does not or something cannot be read, and 2 for
// wrong usage.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"numgrad/gradcheck"
	"numgrad/internal/input"
	"numgrad/internal/usage"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	switch {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "gradcheck:", err)
		return 2
	}
	agrees, err := o.run(stdout, stderr)
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

// run checks what the options say and prints the report.
func (o *options) run(stdout, stderr io.Writer) (agrees bool, err error) {
	if o.command != "" {
		return o.runLoss(os.Stdin, stdout, stderr)
	}
	var s *subject
	if o.casePath != "" {
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
		s.notes = append(s.notes, input.Quote(o.out)+": the numerical gradient, written")
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

// asJSON is what there is to say, as one JSON object.
func asJSON(about string, notes []string, report *gradcheck.Report) (string, error) {
	text, err := json.MarshalIndent(struct {
		About  string            `json:"about"`
		Notes  []string          `json:"notes"`
		Report *gradcheck.Report `json:"report"`
	}{about, append([]string{}, notes...), report}, "", "  ")
	return string(text) + "\n", err
}
