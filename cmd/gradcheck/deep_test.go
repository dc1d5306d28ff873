package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// readDeep returns a case of three layers with 20 images of MNIST, its
// gradient, and the gradient of the book's loss, as NumPy computed them.
func readDeep(t testing.TB, activation string) (problem, backprop, book arrays) {
	t.Helper()
	return readNumPy(t, "testdata/multilayer-784-9-7-10-"+activation+".npz", append(paramNames, "W3", "b3"))
}

// A case has as many layers as it has arrays, and a mistake in any is seen.
func TestDeep(t *testing.T) {
	for _, activation := range []string{"sigmoid", "relu"} {
		problem, gradient, _ := readDeep(t, activation)
		path := problem.write(t, "case.npz")
		args := []string{"-case", path, "-activation", activation, "-against"}
		status, stdout, stderr := call(append(args, gradient.write(t, "grads.npz"))...)
		if status != 0 || first(stdout) != "agrees: W1, b1, W2, b2, W3, b3" || stderr != "" || !strings.Contains(stdout, ": 784-9-7-10 net, 20 samples") {
			t.Errorf("%s: status %d\n%s%s", activation, status, stdout, stderr)
		}
		for name := range gradient {
			wrong := gradient.with(name, gradient[name].times(-1)).write(t, "grads.npz")
			status, stdout, _ := call(append(args, wrong)...)
			if want := "wrong: " + name + ": the sign is turned"; status != 1 || first(stdout) != want {
				t.Errorf("%s: status %d, want %s\n%s", activation, status, want, stdout)
			}
		}
	}
}

// A gradient of the other activation or the other loss is told as that.
func TestOtherwise(t *testing.T) {
	problem, gradient, _ := readDeep(t, "relu")
	path, grads := problem.write(t, "case.npz"), gradient.write(t, "grads.npz")
	for want, args := range map[string][]string{
		"-activation relu":             nil,
		"-book=false":                  {"-activation", "relu", "-book"},
		"-activation relu -book=false": {"-book"},
	} {
		status, stdout, _ := call(append(args, "-case", path, "-against", grads)...)
		line := first(stdout)
		if status != 1 || !strings.HasPrefix(line, "wrong: W") || !strings.HasSuffix(line, ": the gradient agrees with "+want) ||
			strings.Contains(stdout, "-precision") {
			t.Errorf("%v: status %d, want %q\n%s", args, status, want, stdout)
		}
	}
}

// A loss that is the same whatever the weights are is not told as one that
// reads other memory.
func TestOneClass(t *testing.T) {
	one := func(rows, cols int) fixture {
		f := fixture{data: make([]float64, rows*cols), shape: []int{rows, cols}}
		for i := range f.data {
			f.data[i] = 1 / float64(i+1)
		}
		return f
	}
	gradient := arrays{"W1": one(3, 2), "b1": {data: make([]float64, 2), shape: []int{2}}, "W2": one(2, 1), "b2": {data: make([]float64, 1), shape: []int{1}}}
	problem := gradient.with("x", one(4, 3)).with("t", fixture{data: make([]float64, 4), shape: []int{4}, dtype: "<i8"})
	status, stdout, stderr := call("-case", problem.write(t, "case.npz"), "-against", gradient.write(t, "grads.npz"))
	if want := "no verdict: the loss does not depend on the weights: is there only one class?"; status != 1 || first(stdout) != want || stderr != "" {
		t.Errorf("status %d, want %s\n%s%s", status, want, stdout, stderr)
	}
}

func TestDeepRefused(t *testing.T) {
	problem, gradient, _ := readDeep(t, "sigmoid")
	good := gradient.write(t, "grads.npz")
	for want, a := range map[string]arrays{
		`has no array "b2", only "W1 W2 W3 b1 b3 t x"`:                                 problem.without("b2"),
		`has no array "W2", only "W1 W3 b1 b2 b3 t x"`:                                 problem.without("W2"),
		`has no array "W2", only "W1 W3 b1 b3 t x"`:                                    problem.without("W2", "b2"),
		`has no array "W1", only "W2 W3 b2 b3 t x"`:                                    problem.without("W1", "b1"),
		`has the array "gamma", which is not known: want x t W1 b1 W2 b2 W3 b3`:        problem.with("gamma", problem["b1"]),
		"W3 is [10×7], want [7×10]: is it transposed, as Linear.weight of PyTorch is?": problem.with("W3", fixture{data: make([]float64, 70), shape: []int{10, 7}}),
		`has no array "W1", only "t x"`:                                                problem.without("W1", "b1", "W2", "b2", "W3", "b3"),
		"W2 is [9×7], want [9×8]":                                                      problem.with("b2", fixture{data: make([]float64, 8), shape: []int{8}}),
	} {
		path := a.write(t, "case.npz")
		status, stdout, stderr := call("-case", path, "-against", good)
		if status != 1 || stdout != "" || stderr != "gradcheck: "+path+": "+want+"\n" {
			t.Errorf("status %d, %s\n%swant %s", status, stdout, stderr, want)
		}
	}
	path := gradient.with("dW", gradient["b1"]).write(t, "grads.npz")
	_, _, stderr := call("-case", problem.write(t, "case.npz"), "-against", path)
	if want := "gradcheck: " + path + ": has the array \"dW\", which is not known: want meta W1 b1 W2 b2 W3 b3\n"; stderr != want {
		t.Errorf("%swant %s", stderr, want)
	}
}

// With -json, standard output is one JSON object.
func TestJSON(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	wrong := gradient.with("b1", gradient["b1"].times(2)).write(t, "grads.npz")
	status, stdout, stderr := call("-json", "-case", problem.write(t, "case.npz"), "-against", wrong)
	var got struct {
		Report struct {
			Agrees bool
			Params []struct {
				Name, Verdict string
				Worst         []struct{ Name string }
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != 1 || stderr != "" {
		t.Fatalf("status %d, %v\n%s%s", status, err, stdout, stderr)
	}
	p := got.Report.Params
	if got.Report.Agrees || len(p) != 4 || p[0].Verdict != "agrees" || p[1].Verdict != "wrong" || len(p[1].Worst) == 0 || !strings.HasPrefix(p[1].Worst[0].Name, "b1[") {
		t.Errorf("%s", stdout)
	}
}
