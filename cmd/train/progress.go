//go:build !js

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"numgrad/internal/usage"
)

// progress prints results on standard output, and messages on standard error. If
// standard error is a terminal, it also draws a bar there.
type progress struct {
	out, err io.Writer
	terminal *os.File // nil without a bar
	quiet    bool

	title        string // of the bar
	done, steps  int    // of the bar
	begun, drawn time.Time
}

func newProgress(stdout, stderr io.Writer, quiet bool) *progress {
	p := &progress{out: stdout, err: stderr, quiet: quiet}
	if !quiet && usage.Terminal(stderr) {
		p.terminal = stderr.(*os.File)
	}
	return p
}

// begin starts a bar for a number of steps.
func (p *progress) begin(title string, steps int) {
	p.title, p.done, p.steps, p.begun = title, 0, steps, time.Now()
}

// step advances the bar by one step.
func (p *progress) step(loss float64) {
	p.done++
	if p.terminal == nil || time.Since(p.drawn) < 200*time.Millisecond {
		return
	}
	p.drawn = time.Now()
	columns, _, err := term.GetSize(int(p.terminal.Fd()))
	if err != nil || columns == 0 {
		columns = 80
	}
	part, rate := float64(p.done)/float64(p.steps), float64(p.done)/time.Since(p.begun).Seconds()
	line := fmt.Sprintf("%s %3.0f%% |%-20s|  loss %s  %.5g steps/s  %s left", p.title, 100*part,
		strings.Repeat("=", int(20*part)), lossText(loss), rate, duration(float64(p.steps-p.done)/rate))
	fmt.Fprintf(p.terminal, "\r\x1b[K%s", line[:min(len(line), columns-1)])
}

// clear erases the bar.
func (p *progress) clear() {
	if !p.drawn.IsZero() {
		fmt.Fprint(p.terminal, "\r\x1b[K")
		p.drawn = time.Time{}
	}
}

// line prints a line of the result.
func (p *progress) line(format string, args ...any) {
	p.clear()
	if !p.quiet {
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// note prints a message unless -quiet is given.
func (p *progress) note(format string, args ...any) {
	if !p.quiet {
		p.warn(format, args...)
	}
}

// warn prints a message, even with -quiet.
func (p *progress) warn(format string, args ...any) {
	p.clear()
	fmt.Fprintf(p.err, "train: "+format+"\n", args...)
}

// duration formats a number of seconds.
func duration(seconds float64) string {
	const day = 24 * 60 * 60
	if seconds > 2*day {
		return fmt.Sprintf("%.1f days", seconds/day)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// lossText formats a loss with four decimals, or three digits if it is large.
func lossText(loss float64) string {
	if loss >= 1e6 {
		return fmt.Sprintf("%.3g", loss)
	}
	return fmt.Sprintf("%.4f", loss)
}
