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
// b1 [H], W2 [H×K] and b2 [K], the samples x [N×D], and t, class indices [N] or
// one-hot rows [N×K]; grads.npz the gradient of the mean cross entropy under
// the names of the weights, all or some of them. Numbers may be of any size
// and, but for float16, of any real type. The hidden units are sigmoids, or
// with -activation relu rectified; with -book the loss is the book's, which has
// 1e-7 inside the logarithm. A gradient in float32 is held to that precision,
// as is one with -precision float32. With -out the numerical gradient is
// written, in the form of grads.npz and in float64.
//
//	go run ./cmd/gradcheck -loss 'python3 my_net.py'
//
// checks the gradient of any model. The command is a program that answers the
// loss at displaced parameters, as docs/anyloss.md describes; "-" stands for one
// that has started this one. Some 2,000 elements are drawn and checked, and
// random directions over all; with -all each element is.
//
// What it prints is the report of gradcheck.Check. The exit status is 0 if the
// gradient agrees, 1 if it does not or something cannot be read, and 2 for
// wrong usage.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
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
	if err != nil || !agrees {
		return 1
	}
	return 0
}

// run checks what the options say and prints the report.
func (o *options) run(stdout, stderr io.Writer) (agrees bool, err error) {
	if o.loss.command != "" {
		return o.loss.run(os.Stdin, stdout, stderr)
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
		if err := save(report, o.out, s.net.Params); err != nil {
			return false, err
		}
		s.notes = append(s.notes, o.out+": the numerical gradient, written")
	}
	s.leaveOut(report)
	text := s.title(report.Loss)
	if report.Fault != nil || len(report.Params) > 0 {
		text += "\n" + report.String()
	}
	_, err = io.WriteString(stdout, text)
	return report.Err() == nil, err
}
