package pipe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"numgrad/gradcheck"
)

// First lines that are refused.
func TestFirstLineRefused(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{``, `said "" where {"params": …} is expected`},
		{`{}`, `no parameters in its first line`},
		{`{"params":[{"name":"w","values":[],"gradient":[]}]}`, `no parameters in its first line`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1]}]} {}`, `more than one JSON value`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1],"grad":[1]}]}`, `unknown field "grad"`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1]},{"name":"w","values":[1],"gradient":[1]}]}`, `two parameters named "w"`},
		{`{"params":[{"values":[1],"gradient":[1]}]}`, `a parameter without a name`},
		{`{"params":[{"name":"\u001b[2J","values":[1,2],"gradient":[1]}]}`, `2 values and a gradient of 1 for "\x1b[2J"`},
		{`{"params":[{"name":"w","values":[1,2],"gradient":[1,2],"shape":[3]}]}`, `2 values for w of shape [3]`},
		{`{"params":[{"name":"w","values":[1,2],"gradient":[1,2],"shape":[-1,-2]}]}`, `2 values for w of shape [-1 -2]`},
		{`{"params":[{"name":"w","values":[],"gradient":[],"shape":[4294967296,4294967296]}]}`, `0 values for w of shape`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1],"dtype":"int8"}]}`, `the dtype "int8" for w, want float64 or float32`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1],"precision":2}]}`, `the precision 2 for w, want a relative error`},
		{`{"params":[{"name":"w","values":[1,NaN],"gradient":[1,1]}]}`, `the value NaN for element 1 of w, want finite numbers`},
		{`{"params":[{"name":"w","values":[1.8e308],"gradient":[1]}]}`, `the value +Inf for element 0 of w, want finite numbers`},
		{`{"params":[{"name":"w","values":[1,null],"gradient":[1,1]}]}`, `invalid syntax`},
		{`{"params":[{"name":"w","values":"AAAA","gradient":[1]}]}`, `3 bytes in base64, want 8 for each value`},
		{`{"error":"FileNotFoundError: \u001b]0;x\u0007"}`, `reports "FileNotFoundError: \x1b]0;x\a"`},
	} {
		if err := new(Model).parseFirst([]byte(test.line)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n got %v\nwant %s", test.line, err, test.want)
		}
	}
}

// Numbers in decimals and in base64 are equal.
func TestFirstLine(t *testing.T) {
	for _, values := range []string{`[0.1,-0.0]`, `"mpmZmZmZuT8AAAAAAAAAgA=="`} {
		m := new(Model)
		line := `{"binary":true,"params":[{"name":"w","values":` + values + `,"gradient":[nan,-Infinity],"dtype":"float32"},{"name":"b","values":[1],"gradient":[1],"precision":1e-3}]}`
		if err := m.parseFirst([]byte(line)); err != nil {
			t.Fatal(err)
		}
		w, b := m.Params[0], m.Params[1]
		if w.X[0] != 0.1 || !math.Signbit(w.X[1]) || !math.IsNaN(w.Gradient[0]) || !math.IsInf(w.Gradient[1], -1) ||
			w.Precision != gradcheck.Float32 || b.Precision != 1e-3 || !m.binary {
			t.Errorf("%+v", m)
		}
	}
}

func TestParseLoss(t *testing.T) {
	for line, want := range map[string]float64{
		`{"loss": 0.1}`:             0.1,
		`{"loss": -2e-300}`:         -2e-300,
		` { "loss" : 3 } `:          3,
		`{"loss": NaN}`:             math.NaN(),
		`{"loss": -nan}`:            math.NaN(),
		`{"loss": "nan"}`:           math.NaN(),
		`{"loss": Infinity}`:        math.Inf(1),
		`{"loss": -inf}`:            math.Inf(-1),
		`{"loss": 1e999}`:           math.Inf(1),
		`{"loss": 0.1, "error":""}`: 0.1,
	} {
		got, err := parseLoss([]byte(line))
		if err != nil || got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s: %v, %v", line, got, err)
		}
	}
	for _, line := range []string{``, `3`, `[]`, `{}`, `{"loss": null}`, `{"loss": "3 "}`, `{"loss": 1, "loos": 2}`, `{"loss": nano}`, `{"loss": 1}}`, `NaN`} {
		if got, err := parseLoss([]byte(line)); err == nil {
			t.Errorf("%s: %v, want an error", line, got)
		}
	}
}

// The line has the runs in which bits differ.
func TestAppendSet(t *testing.T) {
	negative := math.Copysign(0, -1)
	for _, test := range []struct {
		sent, x [][]float64
		want    string
	}{
		{[][]float64{{1, 2}, {3}}, [][]float64{{1, 2}, {3}}, ""},
		{[][]float64{{1, 2}, {3}}, [][]float64{{1, 2.5}, {3}}, `{"set":[[0,1,2.5e+00]]}` + "\n"},
		{[][]float64{{1, 2, 3, 4}, {5}}, [][]float64{{0, 1, 3, 0}, {0}}, `{"set":[[0,0,0e+00,1e+00],[0,3,0e+00],[1,0,0e+00]]}` + "\n"},
		{[][]float64{{0}}, [][]float64{{negative}}, `{"set":[[0,0,-0e+00]]}` + "\n"},
	} {
		if got := string(appendSet([]byte("x"), test.sent, test.x, false)); got != "x"+test.want {
			t.Errorf("%v to %v: %s, want %s", test.sent, test.x, got, test.want)
		}
		if again := appendSet(nil, test.sent, test.x, false); len(again) > 0 {
			t.Errorf("%v is sent twice: %s", test.x, again)
		}
	}
}

// The loss at values that are not finite is NaN, and nothing is sent.
func TestOverflow(t *testing.T) {
	m := &Model{Params: []gradcheck.Param{{X: []float64{1, math.Inf(1)}}}}
	if got := m.loss(); !math.IsNaN(got) {
		t.Errorf("%v, want NaN", got)
	}
}

// Any first line is understood or refused in one line.
func FuzzFirstLine(f *testing.F) {
	f.Add([]byte(`{"params":[{"name":"w","shape":[1,2],"values":[1,2],"gradient":[NaN,-inf],"dtype":"float32"},{"name":"b","values":"","gradient":[]}]}`))
	f.Add([]byte(`{"error":"x\ny"}`))
	f.Add([]byte(`{"params":[{"name":"Inf\"","shape":[],"values":["1"],"gradient":[1e999],"precision":0.5}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		m := new(Model)
		if err := m.parseFirst(line); err != nil {
			if text := err.Error(); text == "" || strings.ContainsAny(text, "\n\r\x1b") {
				t.Errorf("error %q, want one line", text)
			}
			return
		}
		for _, p := range m.Params {
			size := 1
			for _, n := range p.Shape {
				size *= n
			}
			if len(p.X) != len(p.Gradient) || p.Shape != nil && size != len(p.X) || !(p.Precision > 0) || strings.ContainsAny(p.Name, "\n\r\x1b") {
				t.Errorf("%+v", p)
			}
			if slices.ContainsFunc(p.X, func(v float64) bool { return math.IsNaN(v - v) }) {
				t.Errorf("%s has the values %v", p.Name, p.X)
			}
		}
	})
}

// The line is JSON, and a reader of JSON gets the same bits, in runs of any
// length.
func FuzzAppendSet(f *testing.F) {
	f.Add(1.5, math.Copysign(0, -1), uint16(3), uint16(50), false)
	f.Add(5e-324, 0.1, uint16(3), uint16(2), true)
	f.Add(1e308, -1.0, uint16(0), uint16(shortestBinary-1), true)
	f.Add(1e308, -1.0, uint16(0), uint16(shortestBinary), true)
	f.Fuzz(func(t *testing.T, a, b float64, begin, length uint16, pack bool) {
		if math.IsNaN(a-a) || math.IsNaN(b-b) {
			return // Model.loss sends finite values only
		}
		const n = 100
		x, sent, other := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := int(begin) % n; i < n && i < int(begin)%n+int(length); i++ {
			x[i] = []float64{a, b}[i%2]
		}
		var message struct{ Set [][]any }
		line := appendSet(nil, [][]float64{{0}, sent}, [][]float64{{0}, x}, pack)
		text, raw, _ := bytes.Cut(line, []byte("\n"))
		if len(line) > 0 {
			if err := json.Unmarshal(text, &message); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		for _, run := range message.Set {
			to := other[int(run[1].(float64)):]
			if long, ok := run[2].(map[string]any); ok {
				n, err := binary.Decode(raw, binary.LittleEndian, to[:int(long["float64"].(float64))])
				if err != nil || !pack || n < 8*shortestBinary {
					t.Fatalf("%s: %v", text, err)
				}
				raw = raw[n:]
				continue
			}
			for i, v := range run[2:] {
				to[i] = v.(float64)
			}
		}
		same := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
		if !slices.EqualFunc(x, other, same) || !slices.EqualFunc(x, sent, same) {
			t.Errorf("%s", text)
		}
	})
}

// The program's lines in the dialogue of the document follow the protocol.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/anyloss.md")
	if err != nil {
		t.Fatal(err)
	}
	answers := 0
	for line := range bytes.Lines(text) {
		said, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("program    "))
		switch {
		case !ok:
			continue
		case answers == 0:
			err = new(Model).parseFirst(said)
		default:
			_, err = parseLoss(said)
		}
		if answers++; err != nil {
			t.Errorf("%s: %v", said, err)
		}
	}
	if answers < 3 {
		t.Errorf("%d lines of a program", answers)
	}
}
