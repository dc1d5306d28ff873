package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Nothing is shown of a check that is shorter than quiet. Without a terminal
// there is a line each interval.
const (
	quiet    = 2 * time.Second
	interval = 10 * time.Second
)

// bar shows how far a check is: a bar on a terminal, else a line now and then.
// It is also a writer, of text that is to appear above the bar.
type bar struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex
	begin time.Time
	shown time.Time // the last line
	bar   *progressbar.ProgressBar
}

func newBar(w io.Writer) *bar {
	f, ok := w.(*os.File)
	return &bar{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// advance shows that done of total is done.
func (b *bar) advance(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.begin.IsZero() {
		b.begin = now
	}
	elapsed := now.Sub(b.begin)
	switch {
	case elapsed < quiet:
	case b.terminal:
		if b.bar == nil {
			b.bar = progressbar.NewOptions(total,
				progressbar.OptionSetWriter(b.w),
				progressbar.OptionSetDescription("checking"),
				progressbar.OptionSetPredictTime(false),
				progressbar.OptionSetWidth(20),
				progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionClearOnFinish(),
			)
		}
		b.bar.Describe("checking, " + left(elapsed, done, total))
		b.bar.Set(done)
	case b.shown.IsZero() || now.Sub(b.shown) >= interval:
		b.shown = now
		fmt.Fprintf(b.w, "gradcheck: %d %% done, %s\n", 100*done/total, left(elapsed, done, total))
	}
}

// left says how much longer a check will take.
func left(elapsed time.Duration, done, total int) string {
	rest := time.Duration(float64(elapsed) / float64(done) * float64(total-done))
	return rest.Round(time.Second).String() + " left"
}

// Write writes text that stays, where the bar was.
func (b *bar) Write(text []byte) (int, error) {
	b.clear()
	return b.w.Write(text)
}

// clear takes the bar away until there is more to show.
func (b *bar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		b.bar.Clear()
	}
}
