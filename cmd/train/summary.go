//go:build !js

package main

import (
	"time"

	"numgrad/internal/input"
	"numgrad/internal/number"
	"numgrad/nn"
	"numgrad/train"
)

// summarize says what the training has done, where it is, and what can be done
// with it.
func (s *session) summarize(steps int, took time.Duration) {
	s.summarizeSteps(steps, took)
	if steps > 0 {
		s.progress.line("saved %v, its log %s and its curves %s", s.place, input.Quote(s.place.log()), input.Quote(s.place.curves()))
	}
	weights := []string{"-weights", s.place.weights()}
	var data []string
	if s.options.given["data"] {
		data = []string{"-data", s.options.data}
	}
	if line := command("report", append(weights, data...)...); line != "" {
		s.progress.line("see what it learned:   %s", line)
	}
	if line := command("predict", append(weights, "digit.png")...); line != "" {
		s.progress.line("try your own digits:   %s", line)
	}
}

func (s *session) summarizeSteps(steps int, took time.Duration) {
	if steps == 0 {
		s.progress.line("nothing left to do: all %s have ended; -epochs can be raised", number.Count(s.Epochs, "epoch"))
		return
	}
	gradients := number.Count(steps, "numerical gradient")
	if s.Gradient == train.Backprop {
		gradients = number.Count(steps, "gradient") + " by backprop"
	}
	s.progress.line("%s of %s weights in %.1f s, %s each: a %s net, %s", gradients,
		number.Commas(len(s.Net.Vector)), took.Seconds(), each(s.GradientTime, steps), nn.Form(s.Net.Sizes()), s.Activation)
	if s.Gradient != train.Backprop {
		s.progress.line("they stand for %s evaluations of the loss", number.Commas(steps*s.Evaluations()))
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
