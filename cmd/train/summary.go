package main

import (
	"fmt"
	"io"
	"time"

	"numgrad/internal/number"
	"numgrad/nn"
	"numgrad/train"
)

// summarize says what the training has done, where it is, and what can be done
// with it.
func (s *session) summarize(w io.Writer, steps int, took time.Duration) {
	defer fmt.Fprintf(w, `saved %s, its log %s and its curves %s
see what it learned:   go run ./cmd/report -weights %[1]s
try your own digits:   go run ./cmd/predict -weights %[1]s digit.png
`, s.options.out, s.options.beside(".jsonl"), s.options.beside(".png"))

	if steps == 0 {
		fmt.Fprintf(w, "nothing left to do: all %d epochs have ended; -epochs can be raised\n", s.Epochs)
		return
	}
	kind := "numerical gradients"
	if s.Gradient == train.Backprop {
		kind = "gradients by backprop"
	}
	fmt.Fprintf(w, "%s %s of %s weights in %.1f s, %s each: a %s net, %s\n",
		number.Commas(steps), kind, number.Commas(len(s.Net.Vector)), took.Seconds(), each(s.GradientTime, steps), nn.Form(s.Net.Sizes()), s.Activation)
	if s.Gradient != train.Backprop {
		fmt.Fprintf(w, "they stand for %s evaluations of the loss\n", number.Commas(steps*s.Evaluations()))
	}
}

// each is the mean of n durations to three digits.
func each(total time.Duration, n int) string {
	mean := total / time.Duration(n)
	unit := time.Nanosecond
	for mean/unit >= 1000 {
		unit *= 10
	}
	return mean.Round(unit).String()
}
