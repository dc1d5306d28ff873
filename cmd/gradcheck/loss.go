package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"

	"numgrad/gradcheck"
	"numgrad/gradcheck/pipe"
	"numgrad/internal/number"
	"numgrad/internal/usage"
)

// defaultLosses is the default of -losses: some 1.5 s if a loss takes a
// millisecond.
const defaultLosses = 1500

// words are the names of the settings in reports, by -caller.
var words = map[string]gradcheck.Words{
	"":       {Precision: "-precision 1e-5", Each: "-all"},
	"python": {Precision: "precision=1e-5", Each: "all=True"},
}

// checkLoss checks the gradient of a program and prints the report, unless the
// program started gradcheck and prints it itself.
func (o *options) checkLoss(stdout, stderr io.Writer) (agrees bool, err error) {
	ctx := context.Background()
	bar := &bar{w: stderr}
	name := o.command
	var m *pipe.Model
	if name == "-" {
		m, err = pipe.Open(ctx, os.Stdin, os.Stdout, o.timeout)
		stdout, name = io.Discard, "gradcheck"
	} else {
		var stop func()
		ctx, stop = interruptible()
		defer stop()
		m, err = pipe.Start(ctx, o.command, bar, o.timeout)
	}
	if err != nil {
		return false, err
	}
	for p := range m.Params {
		if o.precision > 0 {
			m.Params[p].Precision = o.precision
		}
	}
	report, err := m.Check(&gradcheck.Settings{Losses: o.losses, Words: words[o.caller], Progress: bar.advance})
	bar.clear()
	var text string
	if err == nil {
		text, err = o.lossText(name, report, m.Params)
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

// interruptible returns a context that ends with the signals that end a
// program. Signals that the parent process ignores, as nohup does, stay
// ignored.
func interruptible() (ctx context.Context, stop func()) {
	const hangup = syscall.Signal(1) // js has no name for it
	var signals []os.Signal
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, hangup} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), signals...)
	keep := context.AfterFunc(ctx, func() {
		time.Sleep(time.Second)
		os.Exit(1) // the report waits for a reader
	})
	return ctx, func() { keep(); cancel() }
}

// lossText is the output. The loss in its first line tells the user whether
// both programs compute the same model.
func (o *options) lossText(name string, r *gradcheck.Report, params []gradcheck.Param) (string, error) {
	elements := 0
	for _, p := range params {
		elements += len(p.X)
	}
	title := fmt.Sprintf("%s: %s in %s, loss %.10g", name, number.Count(elements, "element"), number.Count(len(params), "parameter"), r.Loss)
	if o.json {
		return asJSON(title, nil, r)
	}
	text := title + "\n\n" + r.String()
	single := func(p gradcheck.Param) bool { return p.Precision == gradcheck.Float32 }
	if r.Err() != nil && slices.ContainsFunc(params, single) {
		text += "\nThe gradient is in float32. If the loss is too, its differences say little: compute both in float64\n" +
			"(PyTorch: model.double(), and its inputs) and check again.\n"
	}
	return text, nil
}

// A bar is silent for the time quiet, and without a terminal it shows a line
// at each interval.
const (
	quiet    = 2 * time.Second
	interval = 10 * time.Second
)

// A bar shows the progress of a check: a bar on a terminal, else lines. It is
// also a writer of text that appears above the bar.
type bar struct {
	w io.Writer

	mu    sync.Mutex
	begin time.Time // the first advance
	shown time.Time // of the last line
	bar   *progressbar.ProgressBar
}

// advance shows that done of total losses are known.
func (b *bar) advance(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.begin.IsZero() {
		b.begin = time.Now()
	}
	elapsed := time.Since(b.begin)
	if elapsed < quiet || done == 0 {
		return
	}
	left := time.Duration(float64(elapsed)*float64(total-done)/float64(done)).Round(time.Second).String() + " left"
	switch {
	case usage.Terminal(b.w):
		if b.bar == nil {
			b.bar = progressbar.NewOptions(total,
				progressbar.OptionSetWriter(b.w),
				progressbar.OptionSetPredictTime(false),
				progressbar.OptionSetWidth(20),
				progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionClearOnFinish(),
			)
		}
		b.bar.ChangeMax(total)
		b.bar.Describe("checking, " + left)
		b.bar.Set(done)
	case time.Since(b.shown) >= interval:
		b.shown = time.Now()
		fmt.Fprintf(b.w, "gradcheck: %d %% done, %s\n", 100*done/total, left)
	}
}

// Write writes text in place of the bar.
func (b *bar) Write(text []byte) (int, error) {
	b.clear()
	return b.w.Write(text)
}

// clear removes the bar until the next advance.
func (b *bar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		b.bar.Clear()
	}
}
