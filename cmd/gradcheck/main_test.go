package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
)

// letters is a small set of images of 3×3 pixels in three classes.
const letters = "../../dataset/testdata/letters"

func TestOwnBackprop(t *testing.T) {
	for _, args := range [][]string{
		{"-batch", "20", "-weights", "../../models/mnist.npz"},
		{"-batch", "3", "-data", letters},
	} {
		status, stdout, stderr := call(args...)
		if status != 0 || !strings.HasPrefix(verdict(stdout), "agrees: W1, b1, W2, b2") || stderr != "" {
			t.Errorf("%v: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
	seen := map[string]bool{}
	for _, seed := range []string{"1", "2", "3", "1"} {
		_, stdout, _ := call("-batch", "4", "-data", letters, "-seed", seed)
		title, _, _ := strings.Cut(stdout, "\n")
		seen[title] = true
	}
	if len(seen) != 3 {
		t.Errorf("for seeds 1, 2, 3 and 1: %v", seen)
	}
}

// A right gradient agrees, and a mistake in any array is found in it.
func TestCase(t *testing.T) {
	for _, activation := range []string{"sigmoid", "relu"} {
		problem, gradient, _ := readDeep(t, activation)
		args := []string{"-case", problem.write(t, "case.npz"), "-activation", activation, "-against"}
		status, stdout, stderr := call(append(args, gradient.write(t, "grads.npz"))...)
		if status != 0 || !strings.HasPrefix(verdict(stdout), "agrees: W1, b1, W2, b2, W3, b3") || stderr != "" {
			t.Errorf("%s: status %d\n%s%s", activation, status, stdout, stderr)
		}
		for name := range gradient {
			wrong := gradient.with(name, gradient[name].times(-1)).write(t, "grads.npz")
			if status, stdout, _ := call(append(args, wrong)...); status != 1 || !strings.HasPrefix(verdict(stdout), "wrong: "+name) {
				t.Errorf("%s, the sign of %s turned: status %d\n%s", activation, name, status, stdout)
			}
		}
	}
	problem, gradient, _ := readGolden(t)
	path := problem.write(t, "case.npz")
	for _, v := range []float64{gradient["W1"].data[3607] + 1e-6, math.NaN()} {
		one := gradient.with("W1", gradient["W1"].set(3607, v)).write(t, "grads.npz")
		if status, stdout, _ := call("-case", path, "-against", one); status != 1 || !strings.Contains(stdout, "W1[300,7]") {
			t.Errorf("one element is %v: status %d\n%s", v, status, stdout)
		}
	}
	some := gradient.without("b1", "W2").write(t, "grads.npz")
	status, stdout, _ := call("-case", path, "-against", some)
	if want := some + ": has no b1, W2: not checked\n"; status != 0 || verdict(stdout) != "agrees: W1, b2" || !strings.Contains(stdout, want) {
		t.Errorf("two arrays: status %d\n%s", status, stdout)
	}
}

// Each activation and loss has a right gradient. If it is the gradient of
// another, the report says which flags it agrees with.
func TestActivationsAndLosses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	w := nn.NewParams(7, 5, 4)
	for i := range w.Vector {
		w.Vector[i] = random.NormFloat64()
	}
	x, labels := zeros(6, 7), zeros(6)
	for i := range x.data {
		x.data[i] = float64(random.IntN(3)) * random.NormFloat64()
	}
	for i := range labels.data {
		labels.data[i] = float64(random.IntN(4))
	}
	path := params(w).with("x", x).with("t", labels).write(t, "case.npz")
	kinds := []string{"-activation sigmoid -book=false", "-activation sigmoid -book=true", "-activation relu -book=false", "-activation relu -book=true"}
	for i, of := range kinds {
		o, err := parse(append(strings.Fields(of), "-case", path, "-out", "-"), nil)
		if err != nil {
			t.Fatal(err)
		}
		o.out = ""
		s, err := o.readCase()
		if err != nil {
			t.Fatal(err)
		}
		s.net.Gradient(s.gradient, s.x, s.t)
		grads := params(s.gradient).write(t, "grads.npz")
		for j, as := range kinds {
			status, stdout, _ := call(append(strings.Fields(as), "-case", path, "-against", grads)...)
			if i == j && status != 0 || i != j && (status != 1 || !strings.Contains(stdout, "the gradient agrees with -")) {
				t.Errorf("the gradient of %s, checked as %s: status %d\n%s", of, as, status, stdout)
			}
		}
	}
}

// -out writes the derivative, with -against or without. The book's own
// numerical gradient is the one of -book, up to its errors at h = 1e-4.
func TestOut(t *testing.T) {
	problem, gradient, book := readGolden(t)
	path := problem.write(t, "case.npz")
	wrong := gradient.without("W1").with("b1", gradient["b1"].times(-1)).write(t, "grads.npz")
	for _, test := range []struct {
		args []string
		want arrays
		off  float64
	}{
		{nil, gradient, 1e-14},
		{[]string{"-against", wrong}, gradient, 1e-14},
		{[]string{"-book"}, book, 1e-9},
	} {
		out := filepath.Join(t.TempDir(), "numgrad.npz")
		_, stdout, stderr := call(append(test.args, "-case", path, "-out", out)...)
		f, err := npz.Open(out)
		if err != nil {
			t.Fatalf("%v\n%s%s", err, stdout, stderr)
		}
		for name, want := range test.want {
			got, _, err := f.Floats(name)
			for i, v := range want.data {
				if err != nil || !(math.Abs(v-got[i]) < test.off) {
					t.Fatalf("%v: %s[%d] is %v, want %v, %v", test.args, name, i, got[i], v, err)
				}
			}
		}
		if status, stdout, _ := call(append(test.args, "-case", path, "-against", out)...); status != 0 {
			t.Errorf("checked against itself: status %d\n%s", status, stdout)
		}
	}
}

// -out overwrites only its own files.
func TestStrangersAreKept(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	path := problem.write(t, "case.npz")
	trained := filepath.Join(t.TempDir(), "trained\x1b.npz")
	if err := models.MNIST().Save(trained); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{trained, gradient.write(t, "other.npz"), t.TempDir(), filepath.Join(t.TempDir(), "no", "folder.npz")} {
		before, _ := os.ReadFile(out)
		status, stdout, stderr := call("-case", path, "-out", out)
		after, _ := os.ReadFile(out)
		if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "\x1b") || !bytes.Equal(before, after) {
			t.Errorf("status %d, %s%s", status, stdout, stderr)
		}
	}
	out := filepath.Join(t.TempDir(), "numgrad.npz")
	for range 2 {
		if status, _, stderr := call("-case", path, "-out", out); status != 0 {
			t.Errorf("status %d, %s", status, stderr)
		}
	}
}

func TestRefused(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	set := func(name string, i int, v float64) arrays { return problem.with(name, problem[name].set(i, v)) }
	for _, test := range []struct {
		problem arrays
		want    string
	}{
		{problem.without("x"), `has no array "x", only "W1 W2 b1 b2 t"`},
		{problem.without("W2", "b2").with("b3", zeros(3)), `has no array "W2", only "W1 b1 b3 t x"`},
		{arrays{}, `has no array "W1", nor any other`},
		{problem.with("gamma", zeros(2)), `has the array "gamma", which is not known: want x t W1 b1 W2 b2`},
		{problem.with("W1", zeros(12, 784)), "W1 [12×784] and b1 [12] do not fit together: is W1 transposed, as Linear.weight of PyTorch is? Save its transpose, W1.T"},
		{problem.with("W2", zeros(12, 9)), "W2 [12×9] and b2 [10] do not fit together"},
		{problem.with("b2", zeros(1, 10)), "b2 [1×10] is not 1-dimensional"},
		{problem.with("x", zeros(784, 20)), "x is [784×20], want [N×784], a row for each sample: use x.T"},
		{problem.with("x", zeros(784)), "x is [784], want [N×784], a row for each sample: use x.reshape(1, 784)"},
		{problem.with("x", zeros(20, 28, 28)), "x is [20×28×28], want [N×784], a row for each sample: use x.reshape(20, 784)"},
		{problem.with("x", zeros(0, 784)), "x is [0×784], want [N×784], a row for each sample"},
		{problem.with("t", zeros(19)), "t is [19], want [20], class indices, or [20×10], one-hot"},
		{problem.with("t", zeros(20, 1)), "t is [20×1], want [20], class indices, or [20×10], one-hot: use t.reshape(20)"},
		{problem.with("t", zeros(10, 20)), "t is [10×20], want [20], class indices, or [20×10], one-hot: use t.T"},
		{problem.with("t", zeros(20, 10)), "t: loss: row 0 is not one-hot: it has no 1"},
		{set("t", 3, 10), "t[3] is 10, want a class index in 0…9"},
		{set("t", 0, 0.5), "t[0] is 0.5, want a class index in 0…9"},
		{set("x", 785, math.NaN()), "x[1,1] is NaN, want a finite number"},
		{set("W1", 13, math.Inf(1)), "W1[1,1] is +Inf, want a finite number"},
	} {
		path := test.problem.write(t, "case.npz")
		status, stdout, stderr := call("-case", path, "-against", gradient.write(t, "grads.npz"))
		if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "gradcheck: "+path+": ") || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("status %d, %s%swant %s", status, stdout, stderr, test.want)
		}
	}
	for want, grads := range map[string]arrays{
		`has no gradient: it has the arrays "dW1 x", want W1, b1, W2, b2, or some of them`: {"dW1": zeros(784, 12), "x": zeros(1)},
		"W2 is [10×12], want [12×10]: use W2.T":                                            gradient.with("W2", zeros(10, 12)),
		"b1 is [1×12], want [12]":                                                          gradient.with("b1", zeros(1, 12)),
		`has the array "dW", which is not known: want meta`:                                gradient.with("dW", zeros(2)),
	} {
		path := grads.write(t, "grads.npz")
		if status, _, stderr := call("-case", problem.write(t, "case.npz"), "-against", path); status != 1 || !strings.HasPrefix(stderr, "gradcheck: "+path+": "+want) {
			t.Errorf("status %d, %swant %s", status, stderr, want)
		}
	}
	narrow := params(nn.NewParams(8, 5, 3)).write(t, "weights.npz")
	for want, args := range map[string][]string{
		narrow + ": a net of 8 inputs and 3 classes, want 9 and 3 as the images have": {"-data", letters, "-batch", "2", "-weights", narrow},
		"give the -data that it was trained on":                                       {"-data", otherImages(t), "-batch", "2", "-weights", "../../models/mnist.npz"},
		"no such file":                                                                {"-case", "missing\n.npz", "-against", narrow},
	} {
		if status, stdout, stderr := call(args...); status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %s%s", args, status, stdout, stderr)
		}
	}
}

// A small file costs neither much memory nor much time, and no net costs hours.
func TestAffordable(t *testing.T) {
	large := slices.Repeat([]int{100}, 90)
	for _, test := range []struct {
		sizes   []int
		samples int
		bytes   int64
		ofCase  bool
		want    string
	}{
		{[]int{784, 50, 10}, 1400, 1000, true, ""},
		{[]int{784, 100, 100, 10}, 280, 1000, true, ""},
		{[]int{784, 50, 10}, 60000, 784 * 8 * 60000, true, ""},
		{[]int{784, 50, 10}, 60000, 0, false, ""},
		{[]int{784, 50, 10}, 3000, 1000, true, "3,000 samples are too many to check a 784-50-10 net: want at most 1"},
		{[]int{2, 8, 8, 2}, 19000, 3800, true, "19,000 samples are too many"},
		{[]int{784, 1000, 10}, 1, 1000, false, "795,010 weights, more than a file of 1000 bytes may have"},
		{[]int{784, 1000, 10}, 100, 0, false, ""},
		{[]int{784, 3000, 10}, 1, 0, false, "too large to check"},
		{large, 8, 0, false, ""},
		{large, 20, 1000, true, "too many to check"},
	} {
		err := affordable(test.sizes, test.samples, test.bytes, test.ofCase)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test, err, test.want)
		}
	}
}

// otherImages is a folder with two images of MNIST's form in each set, in ten
// classes.
func otherImages(t *testing.T) string {
	dir := t.TempDir()
	for _, set := range []string{"train", "t10k"} {
		images := append([]byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28}, make([]byte, 2*784)...)
		labels := []byte{0, 0, 8, 1, 0, 0, 0, 2, 0, 9}
		if os.WriteFile(filepath.Join(dir, set+"-images-idx3-ubyte"), images, 0o666) != nil || os.WriteFile(filepath.Join(dir, set+"-labels-idx1-ubyte"), labels, 0o666) != nil {
			t.Fatal("cannot write images")
		}
	}
	return dir
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		`unexpected "x"`: {"x"}, "not defined: -eps": {"-eps", "1"},
		"-batch is 0, want at least 1":                            {"-batch", "0"},
		"-batch is 5, want at most 4, all training images":        {"-batch", "5", "-data", letters},
		"-book goes with -case, not with this project's backprop": {"-book"},
		"-precision goes with -case or -loss, not with":           {"-precision", "float32"},
		"-seed goes with this project's backprop, not with -case": {"-case", "c.npz", "-against", "g.npz", "-seed", "1"},
		"-seed goes with this project's backprop, not with -loss": {"-loss", "true", "-seed", "3"},
		"-all goes with -loss, not with":                          {"-all"},
		"-case and -loss are two checks":                          {"-loss", "true", "-case", "a.npz"},
		"-all and -losses are both given":                         {"-loss", "true", "-all", "-losses", "7"},
		"-losses is 0":                                            {"-loss", "true", "-losses", "0"},
		"-timeout is -3s":                                         {"-loss", "true", "-timeout", "-3s"},
		"-loss is empty: name the command":                        {"-loss", " \t"},
		"-case is empty: name the file":                           {"-case", ""},
		"-case needs the gradient to check, -against":             {"-case", "c.npz"},
		`-out is "./main.go", a file to read`:                     {"-case", "main.go", "-against", "g.npz", "-out", "./main.go"},
		`"tanh" for flag -activation: want sigmoid or relu`:       {"-activation", "tanh"},
		`"2" for flag -precision: want float64, float32 or a`:     {"-loss", "true", "-precision", "2"},
	} {
		if status, stdout, stderr := call(args...); status != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: status %d, %q, want one line with %q", args, status, stderr, want)
		}
	}
	for flag, want := range map[string]string{"-h": "usage: gradcheck", "-version": "gradcheck 0."} {
		if status, stdout, stderr := call(flag); status != 0 || stderr != "" || !strings.HasPrefix(stdout, want) {
			t.Errorf("%s: status %d, %q, %q", flag, status, stdout, stderr)
		}
	}
}

// With -json, standard output is one JSON object.
func TestJSON(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	wrong := gradient.with("b1", gradient["b1"].times(2)).write(t, "grads.npz")
	status, stdout, _ := call("-json", "-case", problem.write(t, "case.npz"), "-against", wrong)
	var got struct {
		Report struct {
			Agrees bool
			Params []struct{ Name, Verdict string }
		}
	}
	err := json.Unmarshal([]byte(stdout), &got)
	if want := "[{W1 agrees} {b1 wrong} {W2 agrees} {b2 agrees}]"; err != nil || status != 1 || got.Report.Agrees || fmt.Sprint(got.Report.Params) != want {
		t.Errorf("status %d, %v\n%s", status, err, stdout)
	}
}

// A constant loss is the fault of the data.
func TestOneClass(t *testing.T) {
	gradient := arrays{"W1": zeros(3, 2).set(0, 1, 2, 3, 4, 5, 6), "b1": zeros(2), "W2": zeros(2, 1).set(0, 1, 2), "b2": zeros(1)}
	path := gradient.with("x", zeros(4, 3).set(0, 1, 2, 3)).with("t", zeros(4)).write(t, "case.npz")
	_, stdout, _ := call("-case", path, "-against", gradient.write(t, "grads.npz"))
	if want := "no verdict: the loss does not depend on the weights: is there only one class?"; verdict(stdout) != want {
		t.Errorf("want %s\n%s", want, stdout)
	}
}

// Files that NumPy writes. NUMGRAD_NUMPY is a python3 that has NumPy.
func TestNumPy(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	dir := t.TempDir()
	if out, err := exec.Command(python, "testdata/write.py", dir).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", python, err, out)
	}
	cases, err := filepath.Glob(filepath.Join(dir, "*.case.npz"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, path := range cases {
		kind := strings.TrimSuffix(path, ".case.npz")
		args := []string{"-case", path}
		if strings.HasSuffix(kind, "relu") {
			args = append(args, "-activation", "relu")
		}
		if status, stdout, stderr := call(append(slices.Clone(args), "-against", kind+".grads.npz")...); status != 0 || !strings.HasPrefix(verdict(stdout), "agrees: W1, b1, W2, b2") {
			t.Errorf("%s: status %d\n%s%s", kind, status, stdout, stderr)
		}
		if status, stdout, stderr := call(append(slices.Clone(args), "-against", kind+".wrong.npz")...); status != 1 || !strings.HasPrefix(verdict(stdout), "wrong: b1") {
			t.Errorf("%s, b1 off by 1e-3: status %d\n%s%s", kind, status, stdout, stderr)
		}
	}
}

// FuzzCase reads any bytes as a case.
func FuzzCase(f *testing.F) {
	small := arrays{"W1": zeros(2, 2).set(0, 1, 2), "b1": zeros(2), "W2": zeros(2, 1), "b2": zeros(1), "x": zeros(1, 2), "t": zeros(1)}
	f.Add(small.zip())
	f.Add(small.with("t", zeros(1, 1).set(0, 1)).zip())
	f.Add(small.without("W2").zip())
	f.Add([]byte("PK"))
	path := filepath.Join(f.TempDir(), "case.npz")
	f.Fuzz(func(t *testing.T, file []byte) {
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		o := &options{casePath: path, activation: nn.Sigmoid}
		s, err := o.readCase()
		if err != nil {
			if line := err.Error(); !strings.HasPrefix(line, path+": ") || strings.Contains(line, "\n") {
				t.Fatalf("error %q", line)
			}
			return
		}
		if l := s.net.Loss(s.x, s.t); l < 0 { // NaN is possible for large weights
			t.Fatalf("loss %v", l)
		}
	})
}
