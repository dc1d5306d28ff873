package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test binary is a program that answers a loss when this is set, to what
// it does.
const programVariable = "NUMGRAD_GRADCHECK_PROGRAM"

func TestMain(m *testing.M) {
	if what := os.Getenv(programVariable); what != "" {
		program(os.Stdin, os.Stdout, what)
		os.Exit(0)
	}
	budget = 1870 // for 100 elements of the program
	os.Exit(m.Run())
}

// program has 120 weights w[i] and two biases, all of them one, and the loss
// Σ w²/2 + Σ b²/2. It returns the last line that it was sent.
func program(in io.Reader, out io.Writer, what string) string {
	x := [][]float64{make([]float64, 120), make([]float64, 2)}
	for _, v := range x {
		for i := range v {
			v[i] = 1
		}
	}
	g := [][]float64{append([]float64(nil), x[0]...), append([]float64(nil), x[1]...)}
	dtype := "float64"
	switch what {
	case "wrong":
		g[0][57] = -1
	case "float32":
		g[0][57], dtype = -1, "float32"
	case "rounded": // it was computed in float32, and is given as float64
		for i := range g[0] {
			g[0][i] += math.Copysign(3e-8, math.Cos(float64(i)))
		}
	}
	first, _ := json.Marshal(map[string]any{"params": []map[string]any{
		{"name": "w", "values": x[0], "gradient": g[0], "shape": []int{4, 30}, "dtype": dtype},
		{"name": "b", "values": x[1], "gradient": g[1]},
	}})
	fmt.Fprintf(out, "%s\n", first)
	if what == "dies" {
		fmt.Fprintln(os.Stderr, "no memory")
		os.Exit(1)
	}
	lines := bufio.NewReader(in)
	for asked := 0; ; {
		line, err := lines.ReadBytes('\n')
		var request struct {
			Set  [][]float64
			Loss bool
		}
		if err != nil || json.Unmarshal(line, &request) != nil {
			return fmt.Sprintf("%s: %v", line, err)
		}
		for _, run := range request.Set {
			copy(x[int(run[0])][int(run[1]):], run[2:])
		}
		if asked++; request.Loss && what == "interrupts" && asked == 20 {
			parent, _ := os.FindProcess(os.Getppid())
			parent.Signal(os.Interrupt)
		}
		if request.Loss {
			sum := 0.0
			for _, v := range x {
				for _, w := range v {
					sum += w * w / 2
				}
			}
			fmt.Fprintf(out, "{\"loss\": %.17g}\n", sum)
		} else if request.Set == nil {
			return string(line)
		}
	}
}

// programCommand is the command line of the program.
func programCommand(what string) string {
	return fmt.Sprintf("%s=%s exec '%s'", programVariable, what, os.Args[0])
}

func TestLoss(t *testing.T) {
	const title = ": 122 elements in 2 parameters, loss 61\n\n"
	const drew = "\n100 of 122 elements were drawn. Were one in a hundred of a parameter wrong, the draw would miss them\n" +
		"with probability 0.03 (w) or less; -all checks each element.\n"
	for _, test := range []struct {
		what, headline string
		args           []string
		status         int
	}{
		{"right", "agrees: w, b", nil, 0},
		{"right", "agrees: w, b", []string{"-all"}, 0},
		{"right", "agrees: w, b", []string{"-timeout", "0"}, 0},
		{"wrong", "wrong: w: w[1,27] alone", nil, 1},
		{"wrong", "wrong: w: w[1,27] alone", []string{"-all"}, 1},
		{"float32", "wrong: w: w[1,27] alone", nil, 1},
		{"rounded", "wrong: w: it agrees with -precision float32", nil, 1},
		{"rounded", "agrees: w, b", []string{"-precision", "float32"}, 0},
	} {
		command := programCommand(test.what)
		status, stdout, stderr := call(append([]string{"-loss", command}, test.args...)...)
		all := slices.Contains(test.args, "-all")
		if status != test.status || stderr != "" || !strings.HasPrefix(first(stdout), test.headline) ||
			!strings.HasPrefix(stdout, command+title) || strings.Contains(stdout, drew) == all ||
			strings.HasSuffix(stdout, single) != (test.what == "float32") {
			t.Errorf("%s %v: status %d\n%s%s", test.what, test.args, status, stdout, stderr)
		}
	}
}

// A program that has started gradcheck gets the report, and nothing is printed.
func TestLossOfParent(t *testing.T) {
	requests, stdout := io.Pipe()
	stdin, answers := io.Pipe()
	said := make(chan string)
	go func() { said <- program(requests, answers, "wrong") }()
	var stderr strings.Builder
	o := options{command: "-", timeout: time.Minute}
	agrees, err := o.runLoss(stdin, stdout, &stderr)
	if agrees || err != nil || stderr.Len() > 0 {
		t.Errorf("agrees %v, error %v\n%s", agrees, err, stderr.String())
	}
	var got struct {
		Report string
		Agrees bool
	}
	if line := <-said; json.Unmarshal([]byte(line), &got) != nil || got.Agrees ||
		!strings.HasPrefix(got.Report, "gradcheck: 122 elements in 2 parameters, loss 61\n\nwrong: w: w[1,27] alone") {
		t.Errorf("the program was sent %s", line)
	}
}

func TestLossFails(t *testing.T) {
	command := programCommand("dies")
	status, stdout, stderr := call("-loss", command)
	want := "no memory\ngradcheck: " + command + ": ended with exit status 1 where a loss was expected; its last words: no memory\n"
	if status != 1 || stdout != "" || stderr != want {
		t.Errorf("status %d\n%s%s\nwant %s", status, stdout, stderr, want)
	}
}

// Ctrl-C ends the check, and not the program before it has its values back,
// which package pipe tests.
func TestLossInterrupted(t *testing.T) {
	status, stdout, stderr := call("-loss", programCommand("interrupts"))
	if status != 1 || stdout != "" || stderr != "gradcheck: interrupted\n" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

func TestLossUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-all"}, "-all is given without -loss: name the program that it belongs to"},
		{[]string{"-timeout", "3s"}, "-timeout is given without -loss: name the program that it belongs to"},
		{[]string{"-loss", "true", "-seed", "3"}, "-seed is given with -loss, whose program says all but -precision, -all, -timeout and -json: leave it out"},
		{[]string{"-loss", "true", "-case", "a.npz"}, "-case is given with -loss, whose program says all but -precision, -all, -timeout and -json: leave it out"},
		{[]string{"-loss", "true", "-timeout", "-3s"}, "-timeout is -3s, want a time such as 90s, or 0 for no limit"},
	} {
		status, stdout, stderr := call(test.args...)
		if status != 2 || stdout != "" || stderr != "gradcheck: "+test.want+"\n" {
			t.Errorf("%v: status %d\n%s%s", test.args, status, stdout, stderr)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 elements", 1: "1 element", 1234: "1,234 elements"} {
		if got := counted(n, "element"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The probability against sums of logarithms of factorials.
func TestEscape(t *testing.T) {
	logChoose := func(n, k int) float64 {
		lg := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
		return lg(n) - lg(k) - lg(n-k)
	}
	for _, test := range []struct{ size, n int }{{1000, 10}, {1000, 500}, {39200, 1440}, {1001, 1000}, {50, 20}, {1, 0}} {
		wrong := (test.size + 99) / 100
		want := 0.0
		if test.n+wrong <= test.size {
			want = math.Exp(logChoose(test.size-wrong, test.n) - logChoose(test.size, test.n))
		}
		if got := escape(test.size, test.n); math.Abs(got-want) > 1e-9*want {
			t.Errorf("%d of %d: %v, want %v", test.n, test.size, got, want)
		}
	}
	if got := escape(50, 50); got != 0 {
		t.Errorf("50 of 50: %v, want 0", got)
	}
}

// Without a terminal there is a line after two seconds, and then one each ten.
func TestBarWithoutTerminal(t *testing.T) {
	var text strings.Builder
	b := newBar(&text)
	b.advance(1, 100)
	if text.Len() > 0 {
		t.Errorf("at once: %s", text.String())
	}
	b.begin = time.Now().Add(-3 * time.Second)
	b.advance(10, 100)
	b.advance(11, 100)
	if want := "gradcheck: 10 % done, 27s left\n"; text.String() != want {
		t.Errorf("after 3 s: %swant %s", text.String(), want)
	}
	b.begin, b.shown = time.Now().Add(-20*time.Second), time.Now().Add(-11*time.Second)
	b.advance(50, 100)
	if want := "gradcheck: 50 % done, 20s left\n"; !strings.HasSuffix(text.String(), want) {
		t.Errorf("after 20 s: %swant %s", text.String(), want)
	}
}
