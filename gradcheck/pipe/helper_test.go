package pipe_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// The test binary is the program at the other end when this is set, to the
// name of what it does.
const helperVariable = "NUMGRAD_PIPE_HELPER"

// verdictVariable names a file for what the helper has to say at its end.
const verdictVariable = "NUMGRAD_PIPE_VERDICT"

func TestMain(m *testing.M) {
	if what := os.Getenv(helperVariable); what != "" {
		h := helper{what: what, in: bufio.NewReader(os.Stdin), w: first.clone()}
		h.run()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// weights are the helper's parameters, row by row.
type weights [][]float64

func (w weights) clone() weights {
	var c weights
	for _, v := range w {
		c = append(c, append([]float64(nil), v...))
	}
	return c
}

// first has numbers that a sloppy reader or writer of decimals would change.
var first = weights{
	{0.1, -0.30000000000000004, 1.0 / 3, math.Copysign(0, -1), 0x1p-1060, 1.2345678912345679},
	{0, 1},
}

// helper is a model of six weights and two biases.
type helper struct {
	what  string
	in    *bufio.Reader
	w     weights
	asked int
}

// loss is Σ (k+1)·(sin w[k] + w[k]) + (b0 − 2·b1)² / 2.
func (h *helper) loss() float64 {
	sum := 0.0
	for k, v := range h.w[0] {
		sum += float64(k+1) * (math.Sin(v) + v)
	}
	r := h.w[1][0] - 2*h.w[1][1]
	return sum + r*r/2
}

func (h *helper) gradient() weights {
	g := first.clone()
	for k, v := range g[0] {
		g[0][k] = float64(k+1) * (math.Cos(v) + 1)
	}
	r := g[1][0] - 2*g[1][1]
	g[1] = []float64{r, -2 * r}
	return g
}

// run does what the name says.
func (h *helper) run() {
	switch h.what {
	case "dies at once":
		fmt.Fprintln(os.Stderr, "Traceback\n  no such module: numpy")
		os.Exit(3)
	case "hangs at once":
		fmt.Fprintln(os.Stderr, "loading")
		time.Sleep(time.Hour)
	case "greets":
		fmt.Println("epoch 1")
		return
	}
	h.hello()
	for {
		line, err := h.in.ReadBytes('\n')
		if err != nil {
			h.end("end of input")
		}
		var request struct {
			Set    [][]float64
			Loss   bool
			Report string
			Agrees bool
			Error  string
		}
		if err := json.Unmarshal(line, &request); err != nil {
			h.end(fmt.Sprintf("%q: %v", line, err))
		}
		switch {
		case request.Set != nil:
			for _, run := range request.Set {
				copy(h.w[int(run[0])][int(run[1]):], run[2:])
			}
		case request.Loss:
			h.answer()
		case request.Error != "":
			h.end("error: " + request.Error)
		default:
			headline, _, _ := strings.Cut(request.Report, "\n")
			h.end(fmt.Sprintf("agrees %v: %s", request.Agrees, headline))
		}
	}
}

// end leaves the last line and whether the weights are the first ones.
func (h *helper) end(last string) {
	if h.what == "goes on" {
		time.Sleep(time.Hour)
	}
	restored := "restored"
	for p := range first {
		for i, v := range first[p] {
			if math.Float64bits(v) != math.Float64bits(h.w[p][i]) {
				restored = fmt.Sprintf("weights[%d][%d] is %v, was %v", p, i, h.w[p][i], v)
			}
		}
	}
	if err := os.WriteFile(os.Getenv(verdictVariable), []byte(restored+", "+last), 0o666); err != nil {
		panic(err)
	}
	os.Exit(0)
}

func (h *helper) hello() {
	g := h.gradient()
	dtype := "float64"
	switch h.what {
	case "wrong":
		g[0][4] *= -1
	case "float32":
		dtype = "float32"
		for _, v := range g {
			for i := range v {
				v[i] = float64(float32(v[i]))
			}
		}
	}
	text := func(v []float64) string {
		words := make([]string, len(v))
		for i, x := range v {
			words[i] = fmt.Sprintf("%.17g", x)
		}
		if h.what == "NaN gradient" && len(v) == 6 && v[0] != first[0][0] {
			words[2] = "NaN"
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	fmt.Printf("{\"params\": [{\"name\": \"w\", \"shape\": [2, 3], \"values\": %s, \"gradient\": %s, \"dtype\": %q}, "+
		"{\"name\": \"b\", \"values\": %s, \"gradient\": %s}]}\n", text(first[0]), text(g[0]), dtype, text(first[1]), text(g[1]))
}

// answer answers with the loss, or does something else the tenth time.
func (h *helper) answer() {
	h.asked++
	tenth := h.asked == 10
	switch {
	case h.what == "dies" && tenth:
		fmt.Fprintln(os.Stderr, "out of memory")
		os.Exit(1)
	case h.what == "is killed" && tenth:
		self, _ := os.FindProcess(os.Getpid())
		self.Kill()
	case h.what == "dies in its answer" && tenth:
		fmt.Print(`{"loss": 1.`)
		os.Exit(0)
	case h.what == "hangs" && tenth:
		fmt.Fprintln(os.Stderr, "waiting for a lock")
		time.Sleep(time.Hour)
	case h.what == "hangs without reading" && tenth:
		time.Sleep(time.Hour)
	case h.what == "nonsense" && tenth:
		fmt.Println("loss: 3")
	case h.what == "endless" && tenth:
		for {
			fmt.Print(`{"loss": 1.000000000000000000000000`)
		}
	case h.what == "answers twice" && tenth:
		fmt.Printf("{\"loss\": %v}\n{\"loss\": %v}\n", h.loss(), h.loss())
	case h.what == "reports" && tenth:
		fmt.Println(`{"error": "ZeroDivisionError: division by zero\n  File net.py"}`)
	case h.what == "is slow":
		time.Sleep(20 * time.Millisecond)
		fmt.Printf("{\"loss\": %.17g}\n", h.loss())
	case h.what == "is NaN":
		fmt.Println(`{"loss": -nan}`)
	case h.what == "is infinite above" && h.w[1][1] > 1:
		fmt.Println(`{"loss": Infinity}`)
	case h.what == "changes":
		fmt.Printf("{\"loss\": %d}\n", h.asked)
	case h.what == "is deaf":
		fmt.Println(`{"loss": 1}`)
	default:
		fmt.Printf("{\"loss\": %.17g}\n", h.loss())
	}
}
