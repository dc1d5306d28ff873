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
)

// grace is how long a program may take for what needs no computation, such as
// reading its last line.
const grace = 2 * time.Second

// Start starts the program that a command line names, with the shell, and reads
// its parameters as [Open] does. What the program writes to standard error goes
// to stderr as well; the last of it is in the error if the program fails.
func Start(ctx context.Context, command string, stderr io.Writer, limit time.Duration) (*Model, error) {
	p, r, w, err := start(command, stderr)
	if err != nil {
		return nil, err
	}
	m := &Model{program: p, conn: newConn(r, w, limit)}
	if err := m.hello(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// program is a process that was started here.
type program struct {
	command string
	cmd     *exec.Cmd
	words   *tail
	ended   chan struct{} // closed when it has ended, with its state in cmd
}

func start(command string, stderr io.Writer) (p *program, r io.Reader, w io.WriteCloser, err error) {
	p = &program{command: command, cmd: shell(command), words: &tail{w: stderr}, ended: make(chan struct{})}
	p.cmd.Stderr = p.words
	p.cmd.WaitDelay = grace
	if w, err = p.cmd.StdinPipe(); err != nil {
		return nil, nil, nil, err
	}
	// Not StdoutPipe, which Wait closes with what was not read yet.
	in, out, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	p.cmd.Stdout = out
	err = p.cmd.Start()
	out.Close()
	if err != nil {
		in.Close()
		return nil, nil, nil, fmt.Errorf("%s: %w", command, err)
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
		time.Sleep(grace) // another process may hold the other end open
		in.Close()
	}()
	return p, in, w, nil
}

// end waits until the program ends, kills it after the limit, and reports that
// as an error.
func (p *program) end(limit time.Duration) error {
	var timeout <-chan time.Time
	if limit > 0 {
		timeout = time.After(limit)
	}
	select {
	case <-p.ended:
		return nil
	case <-timeout:
		p.kill()
		return fmt.Errorf("%s: killed, because it did not end within the time limit of %v after its last line", p.command, limit)
	}
}

// explain is an error that says how the program ended, if it has, and what it
// said last.
func (p *program) explain(err error, when string) error {
	text := p.command + ": " + err.Error()
	if err == errEnded {
		select {
		case <-p.ended:
		case <-time.After(grace): // it has closed its output alone
			p.kill()
		}
		text = fmt.Sprintf("%s: ended with %v %s", p.command, p.cmd.ProcessState, when)
	}
	if words := p.words.last(); words != "" {
		text += "; its last words: " + words
	}
	return errors.New(text)
}

func (p *program) kill() {
	kill(p.cmd)
	<-p.ended
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
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	return firstLine(lines[len(lines)-1])
}
