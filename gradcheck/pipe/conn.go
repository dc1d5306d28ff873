package pipe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// The longest lines that are read, in bytes.
const (
	longestFirst  = 1 << 30
	longestAnswer = 1 << 16
)

var (
	errEnded       = errors.New("ended")
	errInterrupted = errors.New("interrupted")
)

// conn sends lines to the program and reads its lines. Both are done in
// goroutines of their own, so that nobody waits for longer than the limit.
type conn struct {
	limit   time.Duration // of an answer; 0 is none
	lines   chan line     // from the program
	out     chan []byte   // to the program
	written chan struct{} // after each of out
	done    chan struct{} // closed when no more lines are wanted
}

type line struct {
	text []byte
	err  error
}

func newConn(r io.Reader, w io.Writer, limit time.Duration) *conn {
	c := &conn{limit, make(chan line, 1), make(chan []byte, 1), make(chan struct{}, 1), make(chan struct{})}
	go c.read(r)
	go c.write(w)
	return c
}

// read delivers lines until one is an error. Those after done are dropped, so
// that the program can go on.
func (c *conn) read(r io.Reader) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	for longest := longestFirst; ; longest = longestAnswer {
		text, err := readLine(buffered, longest)
		select {
		case c.lines <- line{text, err}:
		case <-c.done:
		}
		if err != nil {
			return
		}
	}
}

// write writes what it gets until out is closed, and closes w then if it can
// be closed. An error of the pipe shows when the next line is read.
func (c *conn) write(w io.Writer) {
	for text := range c.out {
		w.Write(text)
		c.written <- struct{}{}
	}
	if w, ok := w.(io.Closer); ok {
		w.Close()
	}
	close(c.written)
}

// readLine reads a line of at most the given length, without its end.
func readLine(r *bufio.Reader, longest int) ([]byte, error) {
	var text []byte
	for {
		part, err := r.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case len(text) > longest:
			return nil, fmt.Errorf("said %s…, more than %d bytes without an end of line", quote(string(text[:longest/2])), longest)
		case err == nil:
			return text[:len(text)-1], nil
		case err != bufio.ErrBufferFull:
			return nil, errEnded
		}
	}
}

// exchange sends request, which may be empty, and returns the line that
// answers it. The request is not in use any more afterwards unless there is an
// error.
func (c *conn) exchange(ctx context.Context, request []byte) ([]byte, error) {
	select {
	case early := <-c.lines:
		if early.err != nil {
			return nil, early.err
		}
		if len(request) > 0 {
			return nil, fmt.Errorf("said %s without being asked", quote(string(early.text)))
		}
		return early.text, nil
	default:
	}
	var timeout <-chan time.Time
	if c.limit > 0 {
		timer := time.NewTimer(c.limit)
		defer timer.Stop()
		timeout = timer.C
	}
	var answer line
	waiting := 1
	if len(request) > 0 {
		c.out <- request
		waiting = 2
	}
	for ; waiting > 0; waiting-- {
		select {
		case answer = <-c.lines:
			if answer.err != nil {
				return nil, answer.err
			}
		case <-c.written:
		case <-timeout:
			return nil, fmt.Errorf("gave no answer within the time limit of %v", c.limit)
		case <-ctx.Done():
			return nil, errInterrupted
		}
	}
	return answer.text, nil
}

// finish sends the last lines and closes the pipe to the program, also if an
// exchange was left early. It gives up after a grace period.
func (c *conn) finish(last []byte, grace time.Duration) {
	close(c.done)
	timeout := time.NewTimer(grace)
	defer timeout.Stop()
	select {
	case c.out <- last:
	case <-timeout.C:
		return
	}
	close(c.out)
	for {
		select {
		case _, open := <-c.written:
			if !open {
				return
			}
		case <-timeout.C:
			return
		}
	}
}
