//go:build !js

// Command train trains a net on MNIST by numerical gradients: as chapter 4.5 of
// "Deep Learning from Scratch" does, whose settings are the defaults, or with
// more layers.
//
//	go run ./cmd/train
//	go run ./cmd/train -hidden 100,100 -activation relu -std he
//	go run ./cmd/train -init params.npz -batches batches.npz
//
// The last repeats a training that was made elsewhere, such as with NumPy.
//
// It leaves the weights, the log and the curves in runs/, and keeps what is
// there under another name. Stopped by Ctrl-C,
// SIGTERM or SIGHUP it keeps its state, and -resume goes on from there to the
// very weights of a training that was not stopped.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"numgrad/internal/usage"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, firstSignal()))
}

// run is the command. It returns the exit status: 0, 1 after an error, 2 for
// a wrong usage, 128 + n where signal n ended the training.
func run(args []string, stdout, stderr io.Writer, stop <-chan os.Signal) int {
	o, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		complain(stderr, err)
		return 2
	}
	err = o.run(stdout, stderr, stop)
	if stopped, ok := errors.AsType[*stoppedError](err); ok {
		return 128 + int(stopped.signal)
	}
	if err != nil {
		complain(stderr, err)
		if _, ok := errors.AsType[*usage.Error](err); ok {
			return 2
		}
		return 1
	}
	return 0
}

// complain writes a line for each error of err.
func complain(stderr io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(stderr, "train: %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// firstSignal returns the first request to stop. A second one ends the process
// at once.
func firstSignal() <-chan os.Signal {
	// A reader of our output that goes away must not take the training along.
	signal.Ignore(syscall.SIGPIPE)

	requests := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	// A script's background ignores SIGINT, and nohup SIGHUP, for their commands.
	requests = slices.DeleteFunc(requests, signal.Ignored)
	received, first := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(received, requests...)
	go func() {
		s := <-received
		signal.Reset(requests...)
		first <- s
	}()
	return first
}

// stoppedError says that a signal ended the training.
type stoppedError struct{ signal syscall.Signal }

// Error names the signal.
func (e *stoppedError) Error() string { return "stopped by " + e.signal.String() }
