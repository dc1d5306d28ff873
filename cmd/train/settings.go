//go:build !js

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"

	"numgrad/internal/input"
	"numgrad/train"
)

// define makes a flag of each setting, whose present value is the default.
func define(flags *flag.FlagSet, s *train.Settings) {
	flags.Var(&s.HiddenSizes, "hidden", "`units` of each hidden layer, such as 50, or 100,100 for two layers")
	flags.StringVar((*string)(&s.Activation), "activation", string(s.Activation), "`function` of the hidden units: sigmoid or relu")
	flags.IntVar(&s.Epochs, "epochs", s.Epochs, "passes over the training images, a `number`")
	flags.IntVar(&s.BatchSize, "batch", s.BatchSize, "`images` in a mini-batch")
	flags.Float64Var(&s.LearningRate, "lr", s.LearningRate, "learning rate: the `factor` of the gradient in a step")
	flags.Var(&s.WeightInitStd, "std", "standard `deviation` of the initial weights: a number, he or xavier")
	flags.StringVar(&s.Gradient, "gradient", s.Gradient, "`way` to the gradient: numerical, inplace (the textbook's loop: the same\nnumbers, in days) or backprop")
	flags.StringVar(&s.Formula, "formula", s.Formula, "finite `difference`: central or forward")
	flags.Float64Var(&s.Step, "step", s.Step, "h, how far a weight is displaced, in units of the `weight`")
	flags.Uint64Var(&s.Seed, "seed", s.Seed, "`number` that the initial weights and the shuffles follow from")
	flags.IntVar(&s.Limit, "limit", s.Limit, "train on the first `images` only (default 0: all)")
}

// contradicts returns an error for each flag given that says something else
// than the settings of the training that is resumed. Its epochs alone may be
// raised.
func (o *options) contradicts(saved train.Settings) error {
	want, is := words(saved), words(o.Settings)
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(o.given)) {
		if _, ok := want[name]; !ok || want[name] == is[name] || name == "epochs" && o.Epochs > saved.Epochs {
			continue
		}
		advice := "leave it out, or start anew without -resume"
		if name == "epochs" {
			advice = "they can be raised, not lowered"
		}
		errs = append(errs, fmt.Errorf("-%s is %v, but %s was begun with %v: %s", name, is[name], input.Quote(o.out), want[name], advice))
	}
	return errors.Join(errs...)
}

// words returns the settings as a command line has them, by the names of their
// flags.
func words(s train.Settings) map[string]string {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	define(flags, &s)
	words := map[string]string{}
	flags.VisitAll(func(f *flag.Flag) { words[f.Name] = f.Value.String() })
	return words
}
