package pipe

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"numgrad/gradcheck"
)

// parse reads a first line.
func parse(line []byte) ([]gradcheck.Param, float64, error) {
	h, err := parseHello(line)
	if err != nil {
		return nil, 0, err
	}
	return h.params()
}

// First lines that are refused, and how.
func TestParamsRefused(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{``, `said "" where {"params": …} is expected`},
		{`{}`, `no parameters in its first line`},
		{`{"params":[]}`, `no parameters in its first line`},
		{`{"params":[{"name":"w","values":[],"gradient":[]}]}`, `no parameters in its first line`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1]}]} {}`, `more than one JSON value`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1],"grad":[1]}]}`, `unknown field "grad"`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1]},{"name":"w","values":[1],"gradient":[1]}]}`, `two parameters named "w"`},
		{`{"params":[{"values":[1],"gradient":[1]}]}`, `a parameter named ""`},
		{`{"params":[{"name":"w","values":[1,2],"gradient":[1]}]}`, `2 values and a gradient of 1 for w`},
		{`{"params":[{"name":"w","values":[1,2],"gradient":[1,2],"shape":[3]}]}`, `2 values for w of shape [3]`},
		{`{"params":[{"name":"w","values":[1,2],"gradient":[1,2],"shape":[-1,-2]}]}`, `2 values for w of shape [-1 -2]`},
		{`{"params":[{"name":"w","values":[],"gradient":[],"shape":[4294967296,4294967296]}]}`, `0 values for w of shape`},
		{`{"params":[{"name":"w","values":[1],"gradient":[1],"dtype":"int8"}]}`, `the dtype "int8" for w, want float64 or float32`},
		{`{"params":[{"name":"w","values":[1,NaN],"gradient":[1,1]}]}`, `the value NaN for element 1 of w, want finite numbers`},
		{`{"params":[{"name":"w","values":[1,null],"gradient":[1,1]}]}`, `invalid syntax`},
		{`{"params":[{"name":"w","values":[1,"x"],"gradient":[1,1]}]}`, `invalid syntax`},
		{`{"error":"FileNotFoundError: mnist"}`, `reports FileNotFoundError: mnist`},
	} {
		if _, _, err := parse([]byte(test.line)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n got %v\nwant %s", test.line, err, test.want)
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

// The words that are not finite are only those outside of strings.
func TestQuoteNonFinite(t *testing.T) {
	for line, want := range map[string]string{
		`[1,2]`:                    `[1,2]`,
		`[NaN,-Infinity,inf]`:      `["NaN","-Infinity","inf"]`,
		`{"nan":-nan}`:             `{"nan":"-nan"}`,
		`{"a\"nan\\":nan,"b":"inf`: `{"a\"nan\\":"nan","b":"inf`,
		`null`:                     `null`,
		`-`:                        `-`,
		`nannan`:                   `"nan""nan"`,
	} {
		if got := string(quoteNonFinite([]byte(line))); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// The line has what differs in its bits, in runs.
func TestAppendSet(t *testing.T) {
	negative := math.Copysign(0, -1)
	for _, test := range []struct {
		sent, x [][]float64
		want    string
	}{
		{[][]float64{{1, 2}, {3}}, [][]float64{{1, 2}, {3}}, ""},
		{[][]float64{{1, 2}, {3}}, [][]float64{{1, 2.5}, {3}}, `{"set":[[0,1,2.5e+00]]}` + "\n"},
		{[][]float64{{1, 2, 3, 4}, {5}}, [][]float64{{0, 1, 3, 0}, {0}},
			`{"set":[[0,0,0e+00,1e+00],[0,3,0e+00],[1,0,0e+00]]}` + "\n"},
		{[][]float64{{0}}, [][]float64{{negative}}, `{"set":[[0,0,-0e+00]]}` + "\n"},
	} {
		if got := string(appendSet([]byte("x"), test.sent, test.x, whole(test.x), false)); got != "x"+test.want {
			t.Errorf("%v to %v: %s, want %s", test.sent, test.x, got, test.want)
		}
		if again := appendSet(nil, test.sent, test.x, whole(test.x), false); len(again) > 0 {
			t.Errorf("%v is not remembered: %s", test.x, again)
		}
	}
}

// Only what is in the spans is looked at, in their order, and once.
func TestAppendSetSpans(t *testing.T) {
	sent, x := [][]float64{{0, 0, 0, 0}, {0}}, [][]float64{{1, 2, 3, 4}, {5}}
	got := string(appendSet(nil, sent, x, []span{{1, 0, 1}, {0, 1, 3}, {0, 2, 3}, {0, 0, 0}}, false))
	if want := `{"set":[[1,0,5e+00],[0,1,2e+00,3e+00]]}` + "\n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Long runs are packed where the program understands that.
func TestPacked(t *testing.T) {
	for _, test := range []struct {
		n    int
		pack bool
		want string
	}{
		{packed - 1, true, `{"set":[[0,0,1e+00`},
		{packed, true, `{"set":[[0,0,"AAAAAAAA8D8`},
		{packed, false, `{"set":[[0,0,1e+00`},
	} {
		x := make([]float64, test.n)
		for i := range x {
			x[i] = 1
		}
		if got := string(appendSet(nil, [][]float64{make([]float64, test.n)}, [][]float64{x}, []span{{0, 0, test.n}}, test.pack)); !strings.HasPrefix(got, test.want) {
			t.Errorf("%d values: %s, want %s…", test.n, got, test.want)
		}
	}
}

// Whatever the program says, it is understood or refused.
func FuzzParams(f *testing.F) {
	f.Add([]byte(`{"params":[{"name":"w","shape":[1,2],"values":[1,2],"gradient":[NaN,-inf],"dtype":"float32"},{"name":"b","values":[],"gradient":[]}]}`))
	f.Add([]byte(`{"error":"x\ny"}`))
	f.Add([]byte(`{"params":[{"name":"Inf\"","shape":[],"values":["1"],"gradient":[1e999]}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		params, precision, err := parse(line)
		if err != nil {
			if text := err.Error(); text == "" || strings.ContainsAny(text, "\n\r") {
				t.Errorf("error %q, want one line", text)
			}
			return
		}
		if !(precision > 0) {
			t.Errorf("precision %v", precision)
		}
		for _, p := range params {
			size := 1
			for _, n := range p.Shape {
				size *= n
			}
			if len(p.X) != len(p.Gradient) || p.Shape != nil && size != len(p.X) {
				t.Errorf("%s has %d values, a gradient of %d and shape %v", p.Name, len(p.X), len(p.Gradient), p.Shape)
			}
			for _, v := range p.X {
				if math.IsNaN(v - v) {
					t.Errorf("%s has the value %v", p.Name, v)
				}
			}
		}
	})
}

// Any bytes in place of a program end in a report or an error, soon.
func FuzzProgram(f *testing.F) {
	const hello = `{"params":[{"name":"w","values":[1,2],"gradient":[1,2]}]}` + "\n"
	f.Add([]byte(hello))
	f.Add([]byte(hello + "{\"loss\":1}\n"))
	f.Add([]byte(hello + strings.Repeat("{\"loss\":NaN}\n", 3)))
	f.Add([]byte(hello + strings.Repeat("{\"loss\":1}\n", 300)))
	f.Add([]byte(hello + "{\"error\":\"x\"}\n"))
	f.Add([]byte("\x00\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		ctx := context.Background()
		m, err := Open(ctx, bytes.NewReader(said), io.Discard, 10*time.Second)
		if err == nil {
			_, err = m.Check(ctx, nil)
			m.End(Outcome{})
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("error %q, want one line", err)
		}
	})
}

// What is sent is JSON, and brings a reader of JSON to the same bits, in runs
// of any length.
func FuzzAppendSet(f *testing.F) {
	f.Add(1.5, math.Copysign(0, -1), uint16(3), uint16(50), false)
	f.Add(5e-324, 0.1, uint16(3), uint16(2), true)
	f.Add(1e308, -1.0, uint16(0), uint16(31), true)
	f.Add(1e308, -1.0, uint16(0), uint16(32), true)
	f.Fuzz(func(t *testing.T, a, b float64, begin, length uint16, pack bool) {
		if math.IsNaN(a-a) || math.IsNaN(b-b) {
			return // no parameter is displaced to such a value
		}
		const n = 100
		x, sent, other := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := int(begin) % n; i < n && i < int(begin)%n+int(length); i++ {
			x[i] = []float64{a, b}[i%2]
		}
		var message struct{ Set [][]any }
		line := appendSet(nil, [][]float64{{0}, sent}, [][]float64{{0}, x}, []span{{1, 0, len(x)}}, pack)
		if len(line) > 0 {
			if err := json.Unmarshal(line, &message); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		for _, run := range message.Set {
			if run[0] != 1. {
				t.Fatalf("%s: parameter %v, want 1", line, run[0])
			}
			to := other[int(run[1].(float64)):]
			text, ok := run[2].(string)
			if ok && !pack {
				t.Fatalf("%s: a string, which is not wanted", line)
			}
			bits, _ := base64.StdEncoding.DecodeString(text)
			for k := range len(bits) / 8 {
				to[k] = math.Float64frombits(binary.LittleEndian.Uint64(bits[8*k:]))
			}
			for k, v := range run[2:] {
				if !ok {
					to[k] = v.(float64)
				}
			}
		}
		for i, v := range x {
			if !same(other[i], v) || !same(sent[i], v) {
				t.Errorf("x[%d] is %v, sent %v, want %v", i, other[i], sent[i], v)
			}
		}
	})
}

// The lines of the document are understood, and are what is sent.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/anyloss.md")
	if err != nil {
		t.Fatal(err)
	}
	var said, sent []string
	for line := range strings.Lines(string(text)) {
		if line, ok := strings.CutPrefix(line, "program    "); ok {
			said = append(said, line)
		}
		if line, ok := strings.CutPrefix(line, "gradcheck  "); ok {
			sent = append(sent, line)
		}
	}
	params, _, err := parse([]byte(said[0]))
	if err != nil || len(params) != 2 {
		t.Fatalf("%s: %v", said[0], err)
	}
	for _, line := range said[1:] {
		if _, err := parseLoss([]byte(line)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	m := &Model{Params: params}
	program := [][]float64{{0.5, 1, -1, 2}, {0}}
	var want []string
	for _, x := range [][][]float64{
		program,
		{{0.5, 1, -1, 2 + 0x1p-8}, {0}},
		{{0.51, 1.01, -1, 2}, {0.01}},
		program,
	} {
		if m.sent == nil {
			m.sent = [][]float64{append([]float64(nil), x[0]...), append([]float64(nil), x[1]...)}
		}
		if line := appendSet(nil, m.sent, x, whole(x), false); len(line) > 0 {
			want = append(want, string(line))
		}
		want = append(want, askLoss)
	}
	want[len(want)-1] = string(Outcome{Report: "agrees: W, b\n…", Agrees: true}.line())
	if !slices.Equal(sent, want) {
		t.Errorf("the document has\n%q, want\n%q", sent, want)
	}
}
