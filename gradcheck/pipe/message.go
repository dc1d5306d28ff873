package pipe

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"numgrad/gradcheck"
	"numgrad/internal/input"
)

// askLoss is the line that asks for the loss.
const askLoss = `{"loss":true}` + "\n"

// shortestBinary is the length of the shortest run of values that is sent as
// bytes.
const shortestBinary = 32

// appendSet appends the line that changes the program's values from sent to x,
// or nothing if they are equal to the bit, and copies x to sent. The line holds
// runs of changed elements, [parameter, first element, values…]. With binary,
// the values of a long run are {"float64":n}, and their bytes follow the line.
func appendSet(dst []byte, sent, x [][]float64, binary bool) []byte {
	const head = `{"set":[`
	start := len(dst)
	dst = append(dst, head...)
	var bytes []byte
	for p, to := range x {
		from := sent[p]
		for i := 0; i < len(to); i++ {
			end := i
			for end < len(to) && math.Float64bits(from[end]) != math.Float64bits(to[end]) {
				end++
			}
			if end == i {
				continue
			}
			run := to[i:end]
			dst = fmt.Appendf(dst, "[%d,%d", p, i)
			if binary && len(run) >= shortestBinary {
				dst = fmt.Appendf(dst, `,{"float64":%d}`, len(run))
				bytes = appendBytes(bytes, run)
			} else {
				dst = appendDecimals(dst, run)
			}
			dst = append(dst, "],"...)
			i += copy(from[i:], run)
		}
	}
	if len(dst) == start+len(head) {
		return dst[:start]
	}
	dst = append(dst[:len(dst)-1], "]}\n"...)
	return append(dst, bytes...)
}

// appendDecimals appends a comma and a decimal for each value. Each has an
// exponent: a reader that distinguishes integers from floats would read -0 as
// the integer 0.
func appendDecimals(dst []byte, run []float64) []byte {
	for _, v := range run {
		dst = strconv.AppendFloat(append(dst, ','), v, 'e', -1, 64)
	}
	return dst
}

// appendBytes appends the values as float64, little-endian.
func appendBytes(dst []byte, run []float64) []byte {
	dst = slices.Grow(dst, 8*len(run))
	for _, v := range run {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	}
	return dst
}

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

// An Outcome is the last message to a program.
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
		panic(err) // two strings and a bool can be marshalled
	}
	return append(text, '\n')
}

// precisions are the unit round-offs of the types that a gradient may have.
var precisions = map[string]float64{"": gradcheck.Float64, "float64": gradcheck.Float64, "float32": gradcheck.Float32}

// param is one parameter in the first line.
type param struct {
	Name     string  `json:"name"`
	Shape    []int   `json:"shape"`
	Values   numbers `json:"values"`
	Gradient numbers `json:"gradient"`
	// DType is the type that the gradient was computed in.
	DType string `json:"dtype"`
	// Precision is gradcheck.Param.Precision. It overrides DType.
	Precision float64 `json:"precision"`
}

// parseFirst reads the first line into the model.
func (m *Model) parseFirst(line []byte) error {
	var first struct {
		Params []param `json:"params"`
		Binary bool    `json:"binary"`
		Base64 bool    `json:"base64"` // of earlier versions; without effect
		Error  string  `json:"error"`
	}
	if err := unmarshal(line, &first); err != nil {
		return nonsense(line, `{"params": …}`, err)
	}
	if first.Error != "" {
		return reported(first.Error)
	}
	m.binary = first.Binary
	elements := 0
	seen := map[string]bool{}
	for _, p := range first.Params {
		if seen[p.Name] {
			return fmt.Errorf("has two parameters named %q, want a name for each", p.Name)
		}
		seen[p.Name] = true
		if err := p.check(); err != nil {
			return err
		}
		m.Params = append(m.Params, gradcheck.Param{
			Name: input.Quote(p.Name), Shape: p.Shape, X: p.Values, Gradient: p.Gradient,
			Precision: cmp.Or(p.Precision, precisions[p.DType]),
		})
		m.start = append(m.start, slices.Clone(p.Values))
		m.sent = append(m.sent, slices.Clone(p.Values))
		elements += len(p.Values)
	}
	if elements == 0 {
		return errors.New("has no parameters in its first line, want one element to check or more")
	}
	return nil
}

// check returns an error if the parameter cannot be checked.
func (p *param) check() error {
	name := input.Quote(p.Name)
	if p.Name == "" {
		return errors.New("has a parameter without a name")
	}
	if len(p.Gradient) != len(p.Values) {
		return fmt.Errorf("has %d values and a gradient of %d for %s, want as many", len(p.Values), len(p.Gradient), name)
	}
	if p.Shape != nil && !fills(p.Shape, len(p.Values)) {
		return fmt.Errorf("has %d values for %s of shape %v", len(p.Values), name, p.Shape)
	}
	if _, ok := precisions[p.DType]; !ok {
		return fmt.Errorf("has the dtype %q for %s, want float64 or float32", p.DType, name)
	}
	if p.Precision < 0 || p.Precision >= 1 {
		return fmt.Errorf("has the precision %v for %s, want a relative error such as 1e-3", p.Precision, name)
	}
	for i, v := range p.Values {
		if math.IsNaN(v - v) {
			return fmt.Errorf("has the value %v for element %d of %s, want finite numbers", v, i, name)
		}
	}
	return nil
}

// fills reports whether an array of the given shape has n elements.
func fills(shape []int, n int) bool {
	size := 1
	for _, length := range shape {
		if length < 0 || length > 0 && size > math.MaxInt/length {
			return false
		}
		size *= length
	}
	return size == n
}

// numbers is an array of numbers in JSON, or the base64 of float64,
// little-endian.
type numbers []float64

// UnmarshalJSON reads both forms.
func (n *numbers) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		var bits []byte
		if err := json.Unmarshal(text, &bits); err != nil {
			return err
		}
		if len(bits)%8 != 0 {
			return fmt.Errorf("%d bytes in base64, want 8 for each value", len(bits))
		}
		*n = make(numbers, len(bits)/8)
		for i := range *n {
			(*n)[i] = math.Float64frombits(binary.LittleEndian.Uint64(bits[8*i:]))
		}
		return nil
	}
	var list []number
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*n = make(numbers, len(list))
	for i, v := range list {
		(*n)[i] = float64(v)
	}
	return nil
}

// number is a float64 that may be NaN or infinite in JSON, as a string.
type number float64

// UnmarshalJSON reads a JSON number, or a string such as "-Infinity".
func (n *number) UnmarshalJSON(text []byte) error {
	word := string(bytes.ToLower(bytes.Trim(text, `"`)))
	if word == "-nan" { // as C prints it
		word = "nan"
	}
	v, err := strconv.ParseFloat(word, 64)
	if math.IsInf(v, 0) {
		err = nil // 1e999 is infinite, as other readers have it
	}
	*n = number(v)
	return err
}

// nonFinite matches strings, and words for numbers that are not finite: JSON has
// no numbers for them, but the json of Python and the printf of C write them.
var nonFinite = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?\b(?i:infinity|inf|nan)\b`)

// unmarshal reads one JSON value, which may have only the fields of dst.
func unmarshal(line []byte, dst any) error {
	if !json.Valid(line) {
		line = nonFinite.ReplaceAllFunc(line, func(word []byte) []byte {
			if word[0] == '"' {
				return word
			}
			return strconv.AppendQuote(nil, string(word))
		})
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(dst); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// nonsense is the error of a line that the protocol does not allow.
func nonsense(line []byte, want string, err error) error {
	text := fmt.Sprintf("said %s where %s is expected", quote(line), want)
	if err != nil && len(line) > 0 && line[0] == '{' {
		return fmt.Errorf("%s: %w", text, err)
	}
	return errors.New(text + "; its standard output is the pipe, so let it print to standard error")
}

// reported is an error that the program reports.
func reported(text string) error { return errors.New("reports " + firstLine(text)) }

// longest is how much of the program's text a message quotes, in bytes.
const longest = 200

func quote(text []byte) string {
	text = bytes.TrimSpace(text)
	if len(text) > longest {
		return strconv.Quote(string(text[:longest]) + "…")
	}
	return strconv.Quote(string(text))
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return input.Quote(strings.ToValidUTF8(text[:min(len(text), longest)], ""))
}
