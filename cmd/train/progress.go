//go:build !js

package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"numgrad/internal/number"
	"numgrad/internal/usage"
	"numgrad/train"
)

// progress shows how the training goes: lines that stay, on standard output,
// and on standard error, where that is a terminal, a bar for the epoch at work.
type progress struct {
	out, err io.Writer
	terminal *os.File // of the bar; nil if there is none
	quiet    bool

	mu  sync.Mutex
	bar *bar // nil between epochs, and without a terminal
}

func newProgress(stdout, stderr io.Writer, quiet bool) *progress {
	p := &progress{out: stdout, err: stderr, quiet: quiet}
	if usage.Terminal(stderr) {
		p.terminal = stderr.(*os.File)
	}
	return p
}

// epoch begins a bar for what is left of the epoch, unless there is one.
func (p *progress) epoch(t *train.Training) {
	left := t.IterationsPerEpoch() - t.Iteration%t.IterationsPerEpoch()
	p.begin(fmt.Sprintf("epoch %d/%d", len(t.Log)+1, t.Epochs), left)
}

// begin begins a bar for the steps that are left, unless there is one.
func (p *progress) begin(title string, left int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil && !p.quiet && p.terminal != nil {
		p.bar = newBar(p.terminal, title, left)
	}
}

// step moves the bar on.
func (p *progress) step(loss float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.step(loss)
	}
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

// line writes a line of the result.
func (p *progress) line(format string, args ...any) {
	p.clear()
	if !p.quiet {
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// note writes a line that is no part of the result, unless all but errors is to
// be quiet.
func (p *progress) note(format string, args ...any) {
	if !p.quiet {
		p.warn(format, args...)
	}
}

// warn writes a line also where all but errors is to be quiet.
func (p *progress) warn(format string, args ...any) {
	p.clear()
	fmt.Fprintf(p.err, "train: "+format+"\n", args...)
}

// estimate tells how long the textbook's loop would take to the end of the
// training, for as long as that runs: on a terminal again and again, and else
// once. The bar would stand still for too long to be of any use.
func (p *progress) estimate(t *train.Training) (end func()) {
	steps := float64(t.Epochs)*float64(t.IterationsPerEpoch()) - float64(t.Iteration)
	total := steps * float64(t.Evaluations())
	start := time.Now()
	if p.quiet {
		return func() {}
	}
	tell := func(told bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		asked, seconds := float64(t.Asked()), time.Since(start).Seconds()
		left := duration(seconds * (total - asked) / asked)
		if p.bar != nil {
			p.bar.estimate(perSecond(asked/seconds, "losses"), left+" left in all")
		} else if !told && p.terminal == nil {
			fmt.Fprintf(p.err, "train: the textbook's loop asks for %.0f losses: about %s\n", total, left)
		}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for told := false; ; told = true {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Second):
				tell(told)
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// perSecond says how fast things go.
func perSecond(rate float64, things string) string {
	if rate < 10 {
		return fmt.Sprintf("%.2g %s/s", rate, things)
	}
	return fmt.Sprintf("%s %s/s", number.Commas(int(rate)), things)
}

// duration says how long a number of seconds is.
func duration(seconds float64) string {
	const day = 24 * 60 * 60
	if seconds > 2*day {
		return fmt.Sprintf("%.1f days", seconds/day)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// bar is a line of a terminal: what is at work, how much of it is done, and how
// fast. The library's own figures count the time before the first step, and
// take a line of their own where the terminal is narrow.
type bar struct {
	*progressbar.ProgressBar
	terminal    *os.File
	title       string
	width       int
	steps, done int
	begun       time.Time
	drawn       time.Time
	details     []string // instead of those of the steps, if there are any
}

const redraw = 200 * time.Millisecond

func newBar(terminal *os.File, title string, steps int) *bar {
	b := &bar{terminal: terminal, title: title, width: 20, steps: steps, begun: time.Now(), drawn: time.Now()}
	if b.columns() < 60 {
		b.width = 5
	}
	b.ProgressBar = progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(terminal),
		progressbar.OptionSetDescription(b.text(nil)),
		progressbar.OptionSetWidth(b.width),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(redraw),
		progressbar.OptionClearOnFinish(),
	)
	return b
}

// step moves the bar on.
func (b *bar) step(loss float64) {
	b.done++
	if time.Since(b.drawn) > redraw {
		details := b.details
		if details == nil {
			rate := float64(b.done) / time.Since(b.begun).Seconds()
			details = []string{"loss " + lossText(loss), duration(float64(b.steps-b.done)/rate) + " left", perSecond(rate, "steps")}
		}
		b.draw(details)
	}
	b.Add(1)
}

// estimate shows details that are not those of the steps.
func (b *bar) estimate(details ...string) {
	b.details = details
	b.draw(details)
}

func (b *bar) draw(details []string) {
	b.drawn = time.Now()
	b.Describe(b.text(details))
}

// text returns the title, and of the details as many as there is room for
// before the bar.
func (b *bar) text(details []string) string {
	bar := len(" 100% || ") + b.width
	text := b.title
	for _, detail := range details {
		if longer := text + "  " + detail; len(longer)+bar < b.columns() {
			text = longer
		}
	}
	return text
}

func (b *bar) columns() int {
	columns, _, err := term.GetSize(int(b.terminal.Fd()))
	if err != nil || columns == 0 {
		return 80
	}
	return columns
}
