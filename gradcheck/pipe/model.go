// Package pipe checks the gradient of a model that another program owns, in
// any language.
//
// The program names its parameters with their values and gradients, and then
// answers losses for displaced parameters, in lines of JSON over a pipe.
// docs/anyloss.md describes the protocol. [Start] starts the program, [Open]
// talks to a program that already runs, and [Model.Check] is gradcheck.Check
// on the program's loss.
package pipe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
	"time"

	"numgrad/gradcheck"
)

// A Model is a loss and its parameters that another program owns. Only one
// goroutine may use it at a time.
type Model struct {
	// Params are the parameters of the program's first line, each with its
	// gradient and the precision of the gradient's type. Check displaces them
	// in place.
	Params []gradcheck.Param

	ctx     context.Context
	limit   time.Duration // of an exchange; 0 is none
	program *program      // nil after Open
	in, out *os.File      // from and to the program
	lines   *bufio.Reader // of in
	late    atomic.Bool   // an exchange took longer than limit
	unwatch func() bool   // ends the watch of ctx

	binary  bool        // the program reads values as bytes
	start   [][]float64 // values of the first line
	sent    [][]float64 // values that the program has
	request []byte
}

// Open reads the parameters of a program that writes to in and reads from out.
// The program may take up to limit for each line; zero is no limit. The limit
// and ctx hold on Unix. The error is one line.
func Open(ctx context.Context, in, out *os.File, limit time.Duration) (*Model, error) {
	return open(ctx, nil, pollable(in), pollable(out), limit)
}

// Start starts a command line with the shell and reads the program's
// parameters as [Open] does. The program's standard error is copied to stderr;
// an error holds the last line of it. When ctx is done, the program and all
// that it started are killed at once.
func Start(ctx context.Context, command string, stderr io.Writer, limit time.Duration) (*Model, error) {
	p, in, out, err := start(command, stderr)
	if err != nil {
		return nil, err
	}
	return open(ctx, p, in, out, limit)
}

func open(ctx context.Context, p *program, in, out *os.File, limit time.Duration) (*Model, error) {
	m := &Model{ctx: ctx, limit: limit, program: p, in: in, out: out, lines: bufio.NewReaderSize(in, 1<<16)}
	m.unwatch = context.AfterFunc(ctx, func() {
		if p != nil {
			p.kill()
		}
		m.hangUp()
	})
	line, err := m.exchange(nil, longestFirst)
	if err == nil {
		err = m.parseFirst(line)
	}
	if err != nil {
		err = m.explain(err, "before it named its parameters")
		m.End(Outcome{Error: err.Error()})
		return nil, err
	}
	return m, nil
}

// The longest lines that are read, in bytes. The first line has room for 25
// million parameters in base64.
const (
	longestFirst  = 1 << 29
	longestAnswer = 1 << 16
)

var (
	errInterrupted  = errors.New("interrupted")
	errClosedOutput = errors.New("closed its standard output")
	errClosedInput  = errors.New("closed its standard input")
)

// exchange writes a request, which may be empty, and reads the line that
// answers it.
func (m *Model) exchange(request []byte, longest int) ([]byte, error) {
	if m.limit > 0 {
		timer := time.AfterFunc(m.limit, func() {
			m.late.Store(true)
			m.hangUp()
		})
		defer timer.Stop()
	}
	var line []byte
	var err error
	if early := m.lines.Buffered(); early > 0 && len(request) > 0 {
		text, _ := m.lines.Peek(early)
		return nil, fmt.Errorf("said %s without being asked", quote(text))
	}
	if _, err = m.out.Write(request); err != nil {
		err = errClosedInput
	} else {
		line, err = readLine(m.lines, longest)
	}
	switch {
	case err == nil:
		return line, nil
	case m.ctx.Err() != nil:
		return nil, errInterrupted
	case m.late.Load():
		return nil, fmt.Errorf("gave no answer within the time limit of %v", m.limit)
	default:
		return nil, err
	}
}

// hangUp ends the exchange that waits, and all later ones. Where a pipe has no
// deadlines, as on Windows, it kills the program instead.
func (m *Model) hangUp() {
	past := time.Unix(1, 0)
	err := errors.Join(m.in.SetReadDeadline(past), m.out.SetWriteDeadline(past))
	if err != nil && m.program != nil {
		m.program.kill()
	}
}

// readLine reads a JSON object of one line, without the end of the line. It
// stops reading at the first byte if that begins no object.
func readLine(r *bufio.Reader, longest int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > 0 && line[0] != '{' && line[0] != ' ':
			return line, nil
		case len(line) > longest:
			return nil, fmt.Errorf("said %s, more than %d bytes without an end of line", quote(line), longest)
		case err == nil:
			return line[:len(line)-1], nil
		case err != bufio.ErrBufferFull:
			return nil, errClosedOutput
		}
	}
}

// failure carries an error of an exchange through gradcheck.Check.
type failure struct{ err error }

// Check is gradcheck.Check on the program's loss and Params. The error says in
// one line how the exchange with the program failed; a fault of the loss or the
// gradient is in the report.
func (m *Model) Check(settings *gradcheck.Settings) (report *gradcheck.Report, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			report, err = nil, m.explain(f.err, "where a loss was expected")
		}
	}()
	return gradcheck.Check(m.loss, m.Params, settings), nil
}

// loss asks the program for the loss at Params. It panics with a failure. The
// loss at values that are not finite is NaN without asking: JSON cannot carry
// them.
func (m *Model) loss() float64 {
	x := m.values()
	for _, v := range x {
		for _, v := range v {
			if math.IsNaN(v - v) {
				return math.NaN()
			}
		}
	}
	m.request = append(appendSet(m.request[:0], m.sent, x, m.binary), askLoss...)
	answer, err := m.exchange(m.request, longestAnswer)
	if err != nil {
		panic(failure{err})
	}
	loss, err := parseLoss(answer)
	if err != nil {
		panic(failure{err})
	}
	return loss
}

func (m *Model) values() [][]float64 {
	x := make([][]float64, len(m.Params))
	for p, param := range m.Params {
		x[p] = param.X
	}
	return x
}

// End sends the program its first values and the outcome, closes the pipe and
// waits until the program ends. A program that Start started is killed, which
// is an error, if that takes longer than the time limit, or two seconds after
// an error.
func (m *Model) End(o Outcome) error {
	defer m.in.Close()
	defer m.unwatch()
	m.out.SetWriteDeadline(time.Now().Add(grace))
	if m.ctx.Err() == nil {
		m.out.Write(append(appendSet(nil, m.sent, m.start, m.binary), o.line()...))
	}
	m.out.Close()
	if m.program == nil {
		return nil
	}
	limit := m.limit
	if o.Error != "" {
		limit = grace
	}
	return m.program.wait(m.ctx, limit)
}

// explain says in one line how an exchange failed, and the program's last
// words.
func (m *Model) explain(err error, when string) error {
	if err == errInterrupted {
		return err
	}
	text := err.Error()
	if err == errClosedInput || err == errClosedOutput {
		if m.program != nil {
			text = m.program.ending(err)
		}
		text += " " + when
	}
	if m.program == nil {
		return errors.New("the program at the other end of the pipe " + text)
	}
	return m.program.explain(text)
}
