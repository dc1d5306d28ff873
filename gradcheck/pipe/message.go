package pipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// askLoss is the line that asks for the loss.
const askLoss = `{"loss":true}` + "\n"

// appendSet appends the line that brings the program's parameters from sent to
// x, if they differ, and brings sent there too. Its runs are [parameter, first
// element, values…].
func appendSet(dst []byte, sent, x [][]float64) []byte {
	start := len(dst)
	for p := range x {
		for i := 0; i < len(x[p]); i++ {
			if same(sent[p][i], x[p][i]) {
				continue
			}
			dst = append(dst, `,[`...)
			dst = strconv.AppendInt(dst, int64(p), 10)
			dst = append(dst, ',')
			dst = strconv.AppendInt(dst, int64(i), 10)
			for ; i < len(x[p]) && !same(sent[p][i], x[p][i]); i++ {
				// With an exponent always: a reader that tells integers from
				// floats would take -0 for the integer 0.
				dst = strconv.AppendFloat(append(dst, ','), x[p][i], 'e', -1, 64)
				sent[p][i] = x[p][i]
			}
			dst = append(dst, ']')
		}
	}
	if len(dst) == start {
		return dst
	}
	const head = `{"set":[`
	dst = append(dst, head[1:]...) // makes room: the first comma goes
	copy(dst[start+len(head):], dst[start+1:])
	copy(dst[start:], head)
	return append(dst, "]}\n"...)
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
