package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"numgrad/gradcheck"
	"numgrad/gradcheck/pipe"
	"numgrad/internal/number"
)

// budget is how many losses a check takes unless -all is given, about: less
// than a minute if one takes a millisecond. It is enough for 2,000 elements of
// a few parameters.
var budget = 33000 // less in tests

// single is what to know of a gradient in float32 that does not agree.
const single = "\nThe gradient is in float32. If the loss is too, its differences say little: compute both in float64\n" +
	"(PyTorch: model.double(), and its inputs) and check again.\n"

// ofLoss are the flags that go with -loss alone, withLoss all that go with it.
var (
	ofLoss   = []string{"all", "timeout"}
	withLoss = append([]string{"loss", "precision", "json"}, ofLoss...)
)

func (o *options) registerLoss(flags *flag.FlagSet) {
	flags.StringVar(&o.command, "loss", "", "`command` of a program that answers the loss, docs/anyloss.md,\nor - for one that has started this one and is at its standard input and output")
	flags.BoolVar(&o.all, "all", false, "check each element of -loss (default: some 2,000, and random directions over all)")
	flags.DurationVar(&o.timeout, "timeout", time.Minute, "how long the program of -loss may take to start, to answer and to end; 0 is no limit")
}

// checkLoss returns what is wrong with the flags that go with -loss, or do not.
func (o *options) checkLoss(flags *flag.FlagSet) (err error) {
	flags.Visit(func(f *flag.Flag) {
		switch {
		case o.command == "" && slices.Contains(ofLoss, f.Name):
			err = fmt.Errorf("-%s is given without -loss: name the program that it belongs to", f.Name)
		case o.command != "" && !slices.Contains(withLoss, f.Name):
			err = fmt.Errorf("-%s is given with -loss, whose program says all but -precision, -all, -timeout and -json: leave it out", f.Name)
		}
	})
	if err == nil && o.timeout < 0 {
		err = fmt.Errorf("-timeout is %v, want a time such as 90s, or 0 for no limit", o.timeout)
	}
	return err
}

// runLoss checks the gradient of the program and prints the report, unless it
// goes to the program alone.
func (o *options) runLoss(stdin io.Reader, stdout, stderr io.Writer) (agrees bool, err error) {
	bar := newBar(stderr)
	var m *pipe.Model
	ctx := context.Background()
	if o.command == "-" {
		m, err = pipe.Open(ctx, stdin, stdout, o.timeout)
		stdout = io.Discard
	} else {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
		m, err = pipe.Start(ctx, o.command, bar, o.timeout)
	}
	if err != nil {
		return false, err
	}
	settings := &gradcheck.Settings{Precision: cmp.Or(o.precision, m.Precision), Progress: bar.advance}
	if !o.all {
		settings.Sample = gradcheck.SampleWithin(budget, m.Params)
	}
	report, err := m.Check(ctx, settings)
	bar.clear()
	var text string
	if err == nil {
		text, err = o.lossText(report, settings)
	}
	if err == nil {
		_, err = io.WriteString(stdout, text)
	}
	if err != nil {
		m.End(pipe.Outcome{Error: err.Error()})
		return false, err
	}
	agrees = report.Err() == nil
	return agrees, m.End(pipe.Outcome{Report: text, Agrees: agrees})
}

// lossText is what is printed of a report that was made with the settings.
func (o *options) lossText(r *gradcheck.Report, s *gradcheck.Settings) (string, error) {
	if o.json {
		return asJSON(strings.TrimSpace(o.lossTitle(r)), nil, r)
	}
	text := o.lossTitle(r) + "\n" + r.String() + escapes(r, s.Sample)
	if r.Err() != nil && s.Precision == gradcheck.Float32 {
		text += single
	}
	return text, nil
}

// lossTitle is what to know before reading the report. The loss, compared with
// one's own, shows whether both speak of the same model.
func (o *options) lossTitle(r *gradcheck.Report) string {
	elements := 0
	for _, p := range r.Params {
		elements += p.Size
	}
	name := o.command
	if name == "-" {
		name = "gradcheck"
	}
	return fmt.Sprintf("%s: %s in %s, loss %.10g\n", name, counted(elements, "element"), counted(len(r.Params), "parameter"), r.Loss)
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return number.Commas(n) + " " + thing
}

// escapes says what a draw of sample elements of each parameter may have
// missed; 0 is all of them.
func escapes(r *gradcheck.Report, sample int) string {
	if r.Fault != nil || sample == 0 {
		return ""
	}
	checked, size, chance, name := 0, 0, 0.0, ""
	for _, p := range r.Params {
		n := min(sample, p.Size)
		checked += n
		size += p.Size
		if c := escape(p.Size, n); c > chance {
			chance, name = c, p.Name
		}
	}
	return fmt.Sprintf("\n%s of %s elements were drawn. Were one in a hundred of a parameter wrong, the draw would miss them\n"+
		"with probability %.1g (%s) or less; -all checks each element.\n", number.Commas(checked), number.Commas(size), chance, name)
}

// escape returns the probability that a draw of n of size elements has none of
// those that are wrong, which are one in a hundred.
func escape(size, n int) float64 {
	wrong := (size + 99) / 100
	chance := 1.0
	for k := range wrong {
		chance *= math.Max(0, float64(size-n-k)) / float64(size-k)
	}
	return chance
}
