package pipe

import (
	"context"
	"fmt"
	"io"
	"time"

	"numgrad/gradcheck"
)

// A Model is a loss and its parameters that another program owns. It is in use
// by one goroutine at a time.
type Model struct {
	// Params are the program's parameters and their gradients, as it named
	// them in its first line. Check displaces them in place.
	Params []gradcheck.Param
	// Precision is the unit round-off of the gradients' type: Float32 if one
	// of them is float32, else Float64.
	Precision float64

	conn    *conn
	program *program    // nil if it was not started here
	pack    bool        // long runs of values are sent in base64
	start   [][]float64 // the values of the first line
	sent    [][]float64 // the values that the program has
	moved   []span      // where Params may have other values
	request []byte
}

// Open reads the parameters of a program that writes to r and reads from w.
// The limit is how long each of its lines may take; zero is no limit. An error
// is one line and says what the program did.
func Open(ctx context.Context, r io.Reader, w io.Writer, limit time.Duration) (*Model, error) {
	m := &Model{conn: newConn(r, w, limit)}
	if err := m.hello(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// hello reads the first line.
func (m *Model) hello(ctx context.Context) error {
	line, err := m.conn.exchange(ctx, nil)
	if err == nil {
		err = m.understand(line)
	}
	if err != nil {
		err = m.explain(err, "before it named its parameters")
		m.End(Outcome{Error: err.Error()})
		return err
	}
	for _, p := range m.Params {
		m.start = append(m.start, append([]float64(nil), p.X...))
		m.sent = append(m.sent, append([]float64(nil), p.X...))
	}
	return nil
}

func (m *Model) understand(line []byte) error {
	h, err := parseHello(line)
	if err != nil {
		return err
	}
	m.pack = h.Base64
	m.Params, m.Precision, err = h.params()
	return err
}

// failure carries an error through gradcheck.Check.
type failure struct{ err error }

// Check is gradcheck.Check on the program's loss, parameters and gradients. A
// Precision of zero is that of the model. An error says in one line how the
// program failed to give losses, or that ctx was done; what is wrong with the
// loss or the gradient is in the report.
func (m *Model) Check(ctx context.Context, settings *gradcheck.Settings) (report *gradcheck.Report, err error) {
	s := gradcheck.Settings{}
	if settings != nil {
		s = *settings
	}
	if s.Precision == 0 {
		s.Precision = m.Precision
	}
	m.moved = whole(m.sent) // by the caller, before the check
	s.Moved = func(p, first, end int) { m.moved = append(m.moved, span{p, first, end}) }
	loss := func() float64 {
		v, err := m.loss(ctx)
		if err != nil {
			panic(failure{err})
		}
		return v
	}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			report, err = nil, m.explain(f.err, "where a loss was expected")
		}
	}()
	return gradcheck.Check(loss, m.Params, &s), nil
}

// loss asks the program for the loss at Params.
func (m *Model) loss(ctx context.Context) (float64, error) {
	m.request = append(appendSet(m.request[:0], m.sent, m.values(), m.moved, m.pack), askLoss...)
	m.moved = m.moved[:0]
	answer, err := m.conn.exchange(ctx, m.request)
	if err != nil {
		m.request = nil // it may be in use still
		return 0, err
	}
	return parseLoss(answer)
}

func (m *Model) values() [][]float64 {
	x := make([][]float64, len(m.Params))
	for p, param := range m.Params {
		x[p] = param.X
	}
	return x
}

// whole are all elements of x.
func whole(x [][]float64) []span {
	var spans []span
	for p, v := range x {
		spans = append(spans, span{p, 0, len(v)})
	}
	return spans
}

// End gives the program back the values of its first line, tells it the
// outcome and closes the pipe. A program that Start has started is killed if it
// does not end within the time limit, or two seconds after an error.
func (m *Model) End(o Outcome) error {
	m.conn.finish(append(appendSet(nil, m.sent, m.start, whole(m.start), m.pack), o.line()...), grace)
	switch {
	case m.program == nil:
		return nil
	case o.Error != "":
		return m.program.end(grace)
	default:
		return m.program.end(m.conn.limit)
	}
}

// explain says in one line what the program did, and what it said last.
func (m *Model) explain(err error, when string) error {
	switch {
	case err == errInterrupted:
		return err
	case m.program != nil:
		return m.program.explain(err, when)
	case err == errEnded:
		return fmt.Errorf("the program at the other end of the pipe %w %s", err, when)
	default:
		return fmt.Errorf("the program at the other end of the pipe %w", err)
	}
}
