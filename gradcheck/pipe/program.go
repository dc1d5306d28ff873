package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"numgrad/internal/input"
)

// grace is the time limit of steps that need no computation, such as reading
// the last line.
const grace = 2 * time.Second

// A program is a process that Start started.
type program struct {
	command string
	cmd     *exec.Cmd
	words   *tail         // of standard error
	ended   chan struct{} // closed when the process has ended
}

func start(command string, stderr io.Writer) (p *program, in, out *os.File, err error) {
	p = &program{command: command, cmd: shell(command), words: &tail{w: stderr}, ended: make(chan struct{})}
	p.cmd.Stderr = p.words
	p.cmd.WaitDelay = grace
	in, theirOut, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	theirIn, out, err := os.Pipe()
	if err != nil {
		in.Close()
		theirOut.Close()
		return nil, nil, nil, err
	}
	p.cmd.Stdin, p.cmd.Stdout = theirIn, theirOut
	err = p.cmd.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		in.Close()
		out.Close()
		return nil, nil, nil, fmt.Errorf("%s: %w", input.Quote(command), err)
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	return p, in, out, nil
}

// wait waits until the program ends or ctx is done. After the limit, if it is
// not zero, it kills the program and returns an error.
func (p *program) wait(ctx context.Context, limit time.Duration) error {
	var timeout <-chan time.Time
	if limit > 0 {
		timeout = time.After(limit)
	}
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		<-p.ended // it was killed
		return errInterrupted
	case <-timeout:
		p.kill()
		<-p.ended
		return p.explain(fmt.Sprintf("killed, because it did not end within the time limit of %v after its last line", limit))
	}
}

// ending says how the program ended after it closed one end of the pipe, or
// that it closed the end and still runs.
func (p *program) ending(closed error) string {
	select {
	case <-p.ended:
		return fmt.Sprintf("ended with %v", p.cmd.ProcessState)
	case <-time.After(grace):
		return closed.Error()
	}
}

// explain returns an error with the command in front and the program's last
// words behind.
func (p *program) explain(text string) error {
	text = input.Quote(p.command) + ": " + text
	if words := p.words.last(); words != "" {
		text += "; its last words: " + words
	}
	return errors.New(text)
}

// tail passes text on and keeps the end of it.
type tail struct {
	w    io.Writer
	mu   sync.Mutex
	kept []byte
}

// Write passes text on, and keeps its end.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	t.kept = append(t.kept, text...)
	if extra := len(t.kept) - 4*longest; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	t.mu.Unlock()
	return t.w.Write(text)
}

// last returns the last line that is not empty.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.kept))
	return firstLine(text[strings.LastIndexByte(text, '\n')+1:])
}
