package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"numgrad/train"
)

// progress shows how the training goes: lines that stay, and between them,
// where they go to a terminal, a bar for the epoch at work.
type progress struct {
	w        io.Writer
	terminal bool
	quiet    bool

	mu        sync.Mutex
	bar       *progressbar.ProgressBar // nil between epochs, and without a terminal
	title     string
	described time.Time
}

func newProgress(w io.Writer, quiet bool) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, quiet: quiet, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// epoch begins a bar for what is left of the epoch, unless there is one. What a
// training that is resumed has done before does not count: the bar's rate is
// that of its steps.
func (p *progress) epoch(t *train.Training) {
	left := t.IterationsPerEpoch() - t.Iteration%t.IterationsPerEpoch()
	p.begin(fmt.Sprintf("epoch %d/%d", len(t.Log)+1, t.Epochs), left)
}

// begin begins a bar for the steps that are left, unless there is one.
func (p *progress) begin(title string, left int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil || p.quiet || !p.terminal {
		return
	}
	p.title = title
	p.bar = progressbar.NewOptions(left,
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription(p.title),
		progressbar.OptionSetItsString("it"),
		progressbar.OptionShowIts(),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

// step moves the bar on.
func (p *progress) step(loss float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		return
	}
	if now := time.Now(); now.Sub(p.described) > 200*time.Millisecond {
		p.bar.Describe(fmt.Sprintf("%s  loss %.4f", p.title, loss))
		p.described = now
	}
	p.bar.Add(1)
}

// clear takes the bar away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Clear()
		p.bar = nil
	}
}

// line writes a line that stays.
func (p *progress) line(format string, args ...any) {
	p.clear()
	if !p.quiet {
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// warn writes a line also where all but errors is to be quiet.
func (p *progress) warn(format string, args ...any) {
	p.clear()
	fmt.Fprintf(p.w, "train: "+format+"\n", args...)
}

// estimate tells how long the textbook's loop would take to the end of the
// training, for as long as that runs: on a terminal again and again, and else
// once. The bar would stand still for too long to be of any use.
func (p *progress) estimate(t *train.Training) (end func()) {
	steps := t.Epochs*t.IterationsPerEpoch() - t.Iteration
	total := float64(steps) * float64(t.Evaluations())
	start := time.Now()
	left := func() string {
		asked := float64(t.Asked())
		return duration(time.Since(start).Seconds() * (total - asked) / asked)
	}
	if p.quiet {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for told := false; ; {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Second):
			}
			p.mu.Lock()
			if p.bar != nil {
				p.bar.Describe(fmt.Sprintf("%s  %s left in all", p.title, left()))
				p.described = time.Now()
			} else if !told {
				fmt.Fprintf(p.w, "the textbook's loop asks for %.0f losses: about %s\n", total, left())
				told = true
			}
			p.mu.Unlock()
		}
	})
	return func() { close(done); wg.Wait() }
}

// duration says how long a number of seconds is.
func duration(seconds float64) string {
	const day = 24 * 60 * 60
	if seconds > 2*day {
		return fmt.Sprintf("%.1f days", seconds/day)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
