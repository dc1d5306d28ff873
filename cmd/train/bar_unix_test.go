//go:build unix

package main

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
)

// screen is a terminal of some columns. It counts the lines that its cursor has
// left behind, and keeps what stood in each before it was written over.
type screen struct {
	columns int

	mu           sync.Mutex
	column, rows int
	line         []rune
	drawn        []string
}

// Write shows p.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range string(p) {
		switch r {
		case '\r':
			s.drawn = append(s.drawn, strings.TrimSpace(string(s.line)))
			s.column = 0
		case '\n':
			s.rows, s.column, s.line = s.rows+1, 0, nil
		default:
			if s.column == s.columns {
				s.rows, s.column, s.line = s.rows+1, 0, nil
			}
			s.line = append(s.line[:s.column], r)
			s.column++
		}
	}
	return len(p), nil
}

func (s *screen) read() (rows int, drawn []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows, s.drawn
}

// onTerminal runs a training, whose standard error is a terminal, until that has
// drawn the bar so many times with the words, and stops it. It returns what was
// drawn by then, how many rows that took, and the standard output of the whole
// run. What comes after the bar is longer than a narrow terminal.
func onTerminal(t *testing.T, columns, times int, words string, args ...string) (drawn []string, rows int, stdout string) {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Skip(err)
	}
	defer terminal.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, append(args, "-data", data, "-out", filepath.Join(t.TempDir(), "x.npz"))...)
	var lines strings.Builder
	c.Stdout, c.Stderr = &lines, tty
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	s := &screen{columns: columns}
	shown := make(chan struct{})
	go func() { io.Copy(s, terminal); close(shown) }()
	waitFor(t, "the bar with "+words, func() bool {
		_, drawn := s.read()
		n := 0
		for _, line := range drawn {
			if strings.Contains(line, words) {
				n++
			}
		}
		return n >= times
	})
	rows, drawn = s.read()
	c.Process.Signal(syscall.SIGINT)
	c.Wait()
	<-shown
	return drawn, rows, lines.String()
}

// slow is a training whose epochs take longer than from one bar to the next.
var slow = []string{"-epochs", "10000", "-hidden", "400,400", "-batch", "10", "-activation", "relu", "-std", "he"}

// The bar stays on its line, at any width, and shows what there is room for.
func TestBarWidths(t *testing.T) {
	for columns, words := range map[int]string{30: "epoch", 40: "epoch", 60: "loss", 80: "left", 200: "steps/s"} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			drawn, rows, _ := onTerminal(t, columns, 6, words, slow...)
			if rows > 0 {
				t.Errorf("the bar has taken %d more rows: %q", rows, drawn)
			}
			bars := 0
			for _, line := range drawn {
				if strings.Contains(line, "%") && strings.Contains(line, "|") {
					bars++
				}
				if n := utf8.RuneCountInString(line); n >= columns {
					t.Errorf("a bar of %d characters on %d columns: %q", n, columns, line)
				}
			}
			if bars < 5 {
				t.Errorf("%d bars in %q", bars, drawn)
			}
		})
	}
}

// The rate is that of the steps, from the first bar on.
func TestBarRate(t *testing.T) {
	drawn, _, stdout := onTerminal(t, 200, 20, "steps/s", slow...)
	// Each epoch has 100 steps, and its line tells how long they took, with some
	// time for the accuracies.
	var seconds float64
	if _, last, ok := strings.Cut(strings.TrimSpace(stdout), "test acc"); !ok {
		t.Fatalf("no epoch has ended: %q", stdout)
	} else if _, err := fmt.Sscanf(last, "%f %f s", new(float64), &seconds); err != nil {
		t.Fatal(err)
	}
	for _, line := range drawn {
		if match := regexp.MustCompile(`([\d.,]+) steps/s`).FindStringSubmatch(line); match != nil {
			rate, err := strconv.ParseFloat(strings.ReplaceAll(match[1], ",", ""), 64)
			if mean := 100 / seconds; err != nil || rate > 10*mean || rate < mean/10 {
				t.Errorf("%q: %v steps/s, where 100 steps of the first epoch took %v s", line, rate, seconds)
			}
		}
	}
}

// The textbook's loop stands on its first step for long: the bar tells the
// losses, and when all will be done.
func TestBarInPlace(t *testing.T) {
	drawn, _, _ := onTerminal(t, 120, 2, "left in all", "-gradient", "inplace", "-epochs", "1000", "-hidden", "5", "-batch", "10")
	for _, line := range drawn {
		if strings.Contains(line, "steps/s") && strings.Contains(line, "left in all") || strings.Contains(line, "0 losses/s") && strings.HasPrefix(line, "0 ") {
			t.Errorf("a bar says %q", line)
		}
	}
	for _, line := range drawn {
		if match := regexp.MustCompile(`epoch 1/1000  ([\d.,]+) losses/s  (\S+ days|\S+h\S+|\S+m\S+) left in all`).FindStringSubmatch(line); match != nil {
			if rate, err := strconv.ParseFloat(strings.ReplaceAll(match[1], ",", ""), 64); err == nil && rate > 1 {
				return
			}
		}
	}
	t.Errorf("no rate of losses in %q", drawn)
}
