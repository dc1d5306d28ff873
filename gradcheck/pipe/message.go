package pipe

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// askLoss is the line that asks for the loss.
const askLoss = `{"loss":true}` + "\n"

// packed is how many values a run must have to be packed, if that is wanted.
const packed = 32

// A span is the elements first…end−1 of parameter p.
type span struct{ p, first, end int }

// appendSet appends the line that brings the program's parameters from sent to
// x in the given spans, if they differ there, and brings sent there too. Spans
// may overlap. The line's runs are [parameter, first
// element, values…], or with pack, if they are long, [parameter, first element,
// "base64"].
func appendSet(dst []byte, sent, x [][]float64, spans []span, pack bool) []byte {
	const head = `{"set":[`
	start := len(dst)
	dst = append(dst, head...)
	for _, s := range spans {
		from, to := sent[s.p][:s.end], x[s.p][:s.end]
		for i := s.first; i < s.end; {
			n := differing(from[i:], to[i:])
			if n == 0 {
				i++
				continue
			}
			run := to[i : i+n]
			dst = fmt.Appendf(dst, "[%d,%d", s.p, i)
			if pack && n >= packed {
				dst = appendPacked(dst, run)
			} else {
				dst = appendValues(dst, run)
			}
			dst = append(dst, "],"...)
			i += copy(from[i:], run)
		}
	}
	if len(dst) == start+len(head) {
		return dst[:start]
	}
	return append(dst[:len(dst)-1], "]}\n"...)
}

// differing returns how many elements from the first on have other bits in x
// than in sent.
func differing(sent, x []float64) int {
	for i := range x {
		if same(sent[i], x[i]) {
			return i
		}
	}
	return len(x)
}

// appendValues appends decimals. They have an exponent always: a reader that
// tells integers from floats would take -0 for the integer 0.
func appendValues(dst []byte, run []float64) []byte {
	for _, v := range run {
		dst = strconv.AppendFloat(append(dst, ','), v, 'e', -1, 64)
	}
	return dst
}

// appendPacked appends a string, the base64 of the values' bytes.
func appendPacked(dst []byte, run []float64) []byte {
	bits := make([]byte, 0, 8*len(run))
	for _, v := range run {
		bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
	}
	dst = append(dst, `,"`...)
	dst = base64.StdEncoding.AppendEncode(dst, bits)
	return append(dst, '"')
}

// same reports whether a and b have the same bits.
func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

// parseLoss reads the answer to askLoss.
func parseLoss(line []byte) (float64, error) {
	var message struct {
		Loss  *number `json:"loss"`
		Error string  `json:"error"`
	}
	switch err := unmarshal(line, &message); {
	case err == nil && message.Error != "":
		return 0, reported(message.Error)
	case err != nil || message.Loss == nil:
		return 0, nonsense(line, `{"loss": …}`, err)
	}
	return float64(*message.Loss), nil
}

// An Outcome is what a program is told at the end.
type Outcome struct {
	// Report is the text of the report, or "" if there is none.
	Report string `json:"report,omitempty"`
	// Agrees is whether the gradient agrees.
	Agrees bool `json:"agrees"`
	// Error says why there is no report.
	Error string `json:"error,omitempty"`
}

func (o Outcome) line() []byte {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // of strings and a bool
	}
	return append(text, '\n')
}

// nonsense is the error of a line that is not what was wanted.
func nonsense(line []byte, want string, err error) error {
	text := fmt.Sprintf("said %s where %s is expected", quote(string(line)), want)
	if err != nil && len(line) > 0 && line[0] == '{' {
		return fmt.Errorf("%s: %w", text, err)
	}
	return errors.New(text + "; its standard output is the pipe, so let it print to standard error")
}

// reported is an error that the program itself has told of.
func reported(text string) error { return fmt.Errorf("reports %s", firstLine(text)) }

const longest = 200 // characters of the program that a message quotes

func quote(text string) string {
	if text = strings.TrimSpace(text); len(text) > longest {
		text = text[:longest] + "…"
	}
	return strconv.Quote(text)
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	return text[:min(len(text), longest)]
}
