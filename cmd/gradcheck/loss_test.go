package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays the program if the first variable names a behaviour,
// and gradcheck if the second is set.
const (
	programVariable = "NUMGRAD_GRADCHECK_PROGRAM"
	commandVariable = "NUMGRAD_GRADCHECK_COMMAND"
)

func TestMain(m *testing.M) {
	if behaviour := os.Getenv(programVariable); behaviour != "" {
		program(behaviour)
		os.Exit(0)
	}
	if os.Getenv(commandVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program has 120 weights w[i] and two biases, all of them one, and the loss
// Σ w²/2 + Σ b²/2. "hangs" does not end after the report.
func program(behaviour string) {
	ones := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 1
		}
		return v
	}
	x, g := [][]float64{ones(120), ones(2)}, [][]float64{ones(120), ones(2)}
	if behaviour == "wrong" {
		g[0][57] = -1
	}
	first, _ := json.Marshal(map[string]any{"params": []map[string]any{
		{"name": "w", "values": x[0], "gradient": g[0], "shape": []int{4, 30}},
		{"name": "b", "values": x[1], "gradient": g[1]},
	}})
	fmt.Printf("%s\n", first)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var request struct {
			Set  [][]float64
			Loss bool
		}
		json.Unmarshal(lines.Bytes(), &request)
		for _, run := range request.Set {
			copy(x[int(run[0])][int(run[1]):], run[2:])
		}
		if request.Loss {
			sum := 0.0
			for _, v := range x {
				for _, w := range v {
					sum += w * w / 2
				}
			}
			fmt.Printf("{\"loss\": %.17g}\n", sum)
		} else if request.Set == nil && behaviour == "hangs" {
			var number int
			fmt.Sscan(os.Getenv("SIGNAL"), &number)
			parent, _ := os.FindProcess(os.Getppid())
			parent.Signal(syscall.Signal(number))
			time.Sleep(time.Hour)
		}
	}
}

func programCommand(behaviour string) string {
	return fmt.Sprintf("%s=%s exec '%s'", programVariable, behaviour, os.Args[0])
}

func TestLoss(t *testing.T) {
	for _, test := range []struct {
		behaviour, headline string
		args                []string
		status              int
	}{
		{"right", "agrees: w, b", nil, 0},
		{"right", "agrees: w, b", []string{"-losses", "300"}, 0},
		{"right", "agrees: w, b", []string{"-all", "-timeout", "0"}, 0},
		{"wrong", "wrong: w", nil, 1},
		{"wrong", "wrong: w", []string{"-all"}, 1},
		{"wrong", "wrong: w", []string{"-precision", "1e-3"}, 1},
	} {
		command := programCommand(test.behaviour)
		status, stdout, stderr := call(append([]string{"-loss", command}, test.args...)...)
		if status != test.status || stderr != "" || !strings.HasPrefix(verdict(stdout), test.headline) ||
			!strings.HasPrefix(stdout, command+": 122 elements in 2 parameters, loss 61\n\n") ||
			test.status == 1 && !strings.Contains(stdout, "w[1,27]") {
			t.Errorf("%s %v: status %d\n%s%s", test.behaviour, test.args, status, stdout, stderr)
		}
	}
	status, stdout, stderr := call("-loss", "echo no memory >&2; exit 3")
	if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "no memory\ngradcheck: ") || !strings.HasSuffix(stderr, "ended with exit status 3 before it named its parameters; its last words: no memory\n") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// Without a terminal there is a line after two seconds, and then one each ten.
func TestBarWithoutTerminal(t *testing.T) {
	var text strings.Builder
	b := bar{w: &text}
	for _, step := range []struct {
		begin, shown time.Duration
		done         int
		want         string
	}{
		{0, time.Hour, 1, ""},
		{3 * time.Second, time.Hour, 10, "gradcheck: 10 % done, 27s left\n"},
		{3 * time.Second, time.Second, 11, ""},
		{20 * time.Second, 11 * time.Second, 50, "gradcheck: 50 % done, 20s left\n"},
	} {
		text.Reset()
		b.begin, b.shown = time.Now().Add(-step.begin), time.Now().Add(-step.shown)
		b.advance(step.done, 100)
		if text.String() != step.want {
			t.Errorf("after %v: %q, want %q", step.begin, text.String(), step.want)
		}
	}
}
