package pipe_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"numgrad/gradcheck"
	"numgrad/gradcheck/pipe"
)

// The test binary plays the program if this variable names a behaviour.
const (
	behaviourVariable = "NUMGRAD_PIPE_PROGRAM"
	verdictVariable   = "NUMGRAD_PIPE_VERDICT" // a file for the program's last words
)

func TestMain(m *testing.M) {
	if behaviour := os.Getenv(behaviourVariable); behaviour != "" {
		play(behaviour)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// first are values that a sloppy reader or writer of decimals would change.
var first = [][]float64{
	{0.1, -0.30000000000000004, 1.0 / 3, math.Copysign(0, -1), 0x1p-1060, 1.2345678912345679},
	{0, 1},
}

func copyOf(x [][]float64) (c [][]float64) {
	for _, v := range x {
		c = append(c, append([]float64(nil), v...))
	}
	return c
}

// loss is Σ (k+1)·(sin w[k] + w[k]) + (b0 − 2·b1)² / 2.
func loss(x [][]float64) float64 {
	r := x[1][0] - 2*x[1][1]
	sum := r * r / 2
	for k, v := range x[0] {
		sum += float64(k+1) * (math.Sin(v) + v)
	}
	return sum
}

func gradient(x [][]float64) [][]float64 {
	g := copyOf(x)
	for k, v := range x[0] {
		g[0][k] = float64(k+1) * (math.Cos(v) + 1)
	}
	r := x[1][0] - 2*x[1][1]
	g[1] = []float64{r, -2 * r}
	return g
}

// tenth has the actions that replace the tenth answer.
var tenth = map[string]func(loss float64){
	"dies":               func(float64) { fmt.Fprintln(os.Stderr, "out of \x1bmemory"); os.Exit(1) },
	"dies in its answer": func(float64) { fmt.Print(`{"loss": 1.`); os.Exit(0) },
	"hangs":              func(float64) { fmt.Fprintln(os.Stderr, "waiting for a lock"); time.Sleep(time.Hour) },
	"closes its output":  func(float64) { os.Stdout.Close(); time.Sleep(time.Hour) },
	"closes its input":   func(l float64) { os.Stdin.Close(); fmt.Printf("{\"loss\": %v}\n", l); time.Sleep(time.Hour) },
	"nonsense":           func(float64) { fmt.Println("loss: 3") },
	"endless":            func(float64) { fmt.Print(strings.Repeat(`{"loss": 1.000000000000000000000000`, 10000)) },
	"answers twice":      func(l float64) { fmt.Printf("{\"loss\": %v}\n{\"loss\": %[1]v}\n", l) },
	"reports": func(float64) {
		fmt.Println(`{"error": "ZeroDivisionError: \u001b[31mdivision by zero\n  File net.py"}`)
	},
}

// play plays the program. At the end it writes its last words, and whether it
// has its first values.
func play(behaviour string) {
	x, g, name := copyOf(first), gradient(first), "w"
	switch behaviour {
	case "dies at once":
		fmt.Fprintln(os.Stderr, "Traceback\n  no such module: numpy")
		os.Exit(3)
	case "greets":
		fmt.Println("epoch 1")
		return
	case "strange name":
		name = `\u001b[2Jw`
	case "wrong":
		g[0][4] *= -1
	}
	list := func(v []float64) string {
		return strings.Join(strings.Fields(strings.Trim(fmt.Sprintf("%.17g", v), "[]")), ",")
	}
	fmt.Printf(`{"params": [{"name": "%s", "shape": [2, 3], "values": [%s], "gradient": [%s]}, {"name": "b", "values": [%s], "gradient": [%s]}]}`+"\n",
		name, list(x[0]), list(g[0]), list(x[1]), list(g[1]))

	in := bufio.NewReader(os.Stdin)
	last := "end of input"
	for asked := 0; ; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		var request struct {
			Set           [][]float64
			Loss, Agrees  bool
			Report, Error string
		}
		if err := json.Unmarshal(line, &request); err != nil {
			last = fmt.Sprintf("%q: %v", line, err)
			break
		}
		for _, run := range request.Set {
			copy(x[int(run[0])][int(run[1]):], run[2:])
		}
		switch {
		case request.Error != "":
			last = "error: " + request.Error
		case request.Report != "":
			headline, _, _ := strings.Cut(request.Report, "\n")
			last = fmt.Sprintf("agrees %v: %s", request.Agrees, headline)
		case request.Loss:
			if asked++; asked == 10 && tenth[behaviour] != nil {
				tenth[behaviour](loss(x))
			} else if behaviour == "is NaN" {
				fmt.Println(`{"loss": -nan}`)
			} else {
				fmt.Printf("{\"loss\": %.17g}\n", loss(x))
			}
		}
	}
	for p := range first {
		for i, v := range first[p] {
			if math.Float64bits(v) != math.Float64bits(x[p][i]) {
				last += fmt.Sprintf(", [%d][%d] is %v, was %v", p, i, x[p][i], v)
			}
		}
	}
	os.WriteFile(os.Getenv(verdictVariable), []byte(last), 0o666)
	if behaviour == "goes on" {
		time.Sleep(time.Hour)
	}
}

// check checks the program, and returns the program's last words and the error
// of Start, Check or End.
func check(t *testing.T, behaviour string, limit time.Duration) (report *gradcheck.Report, said string, err error) {
	t.Helper()
	verdict := filepath.Join(t.TempDir(), "verdict")
	command := fmt.Sprintf("%s='%s' %s='%s' exec '%s'", behaviourVariable, behaviour, verdictVariable, verdict, os.Args[0])
	m, err := pipe.Start(context.Background(), command, io.Discard, limit)
	if err == nil {
		if report, err = m.Check(nil); err != nil {
			m.End(pipe.Outcome{Error: err.Error()})
		} else {
			err = m.End(pipe.Outcome{Report: report.String(), Agrees: report.Err() == nil})
		}
	}
	if err != nil {
		err = errors.New(strings.TrimPrefix(err.Error(), command+": "))
	}
	last, _ := os.ReadFile(verdict)
	return report, string(last), err
}

// Programs that answer get the verdict, and have their first values, to the
// bit.
func TestCheck(t *testing.T) {
	for behaviour, want := range map[string]string{
		"right":        "agrees true: agrees: w, b",
		"wrong":        "agrees false: wrong: w.*",
		"strange name": `agrees true: agrees: "\\x1b\[2Jw", b`,
		"is NaN":       "agrees false: no verdict: the loss is NaN.*",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			_, said, err := check(t, behaviour, time.Minute)
			if err != nil || !regexp.MustCompile("^"+want+"$").MatchString(said) {
				t.Errorf("error %v; the program says\n%s, want\n%s", err, said, want)
			}
		})
	}
}

// A failure is one line that says what happened, with the program's last words.
// A program that still reads has its first values.
func TestFailures(t *testing.T) {
	for _, test := range []struct {
		behaviour, err, said string
		limit                time.Duration
	}{
		{"dies at once", "ended with exit status 3 before it named its parameters; its last words: no such module: numpy", "", time.Minute},
		{"greets", `said "epoch 1" where \{"params": …\} is expected; its standard output is the pipe, so let it print to standard error`, "", time.Minute},
		{"dies", `ended with exit status 1 where a loss was expected; its last words: "out of \\x1bmemory"`, "", time.Minute},
		{"dies in its answer", "ended with exit status 0 where a loss was expected", "", time.Minute},
		{"hangs", "gave no answer within the time limit of 5s; its last words: waiting for a lock", "", 5 * time.Second},
		{"closes its output", "closed its standard output where a loss was expected", "", time.Minute},
		{"closes its input", "closed its standard input where a loss was expected", "", time.Minute},
		{"nonsense", `said "loss: 3" where \{"loss": …\} is expected; its standard output is the pipe, so let it print to standard error`, "error: .*", time.Minute},
		{"endless", `said .*, more than 65536 bytes without an end of line`, "", time.Minute},
		{"answers twice", `said .* without being asked`, "error: .*", time.Minute},
		{"reports", `reports "ZeroDivisionError: \\x1b\[31mdivision by zero"`, "error: .*", time.Minute},
		{"goes on", "killed, because it did not end within the time limit of 5s after its last line", "agrees true: .*", 5 * time.Second},
	} {
		t.Run(test.behaviour, func(t *testing.T) {
			t.Parallel()
			_, said, err := check(t, test.behaviour, test.limit)
			if err == nil || !regexp.MustCompile("^"+test.err+"$").MatchString(err.Error()) {
				t.Errorf("got  %v\nwant %s", err, test.err)
			}
			if !regexp.MustCompile("^" + test.said + "$").MatchString(said) {
				t.Errorf("the program says %q, want %q", said, test.said)
			}
		})
	}
}

// A first line without an end is refused at its first byte, or at the bound.
func TestEndlessFirstLine(t *testing.T) {
	_, err := pipe.Start(context.Background(), "cat /dev/zero", io.Discard, time.Minute)
	if err == nil || !strings.Contains(err.Error(), `said "\x00`) {
		t.Errorf("error %v", err)
	}
}
