package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/internal/input"
	"numgrad/models"
	"numgrad/nn"
)

// first returns the first line of the report in stdout, which is all after the
// first empty line.
func first(stdout string) string {
	_, report, _ := strings.Cut(stdout, "\n\n")
	line, _, _ := strings.Cut(report, "\n")
	return line
}

const agreement = "agrees: W1, b1, W2, b2"

// letters is a small set of images, which is read sooner than MNIST.
const letters = "../../dataset/testdata/letters"

func TestOwnBackprop(t *testing.T) {
	for _, args := range [][]string{
		{"-batch", "20", "-weights", "../../models/mnist.npz"},
		{"-batch", "3", "-data", letters},
	} {
		status, stdout, stderr := call(args...)
		if status != 0 || first(stdout) != agreement || stderr != "" {
			t.Errorf("%v: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
}

// The seed is that of the weights, and of the choice of images.
func TestSeed(t *testing.T) {
	weights := params(nn.NewTwoLayer(9, 5, 3, 1, rand.NewPCG(1, 2)).Params).write(t, "weights.npz")
	for _, args := range [][]string{
		{"-batch", "4"}, // all of letters
		{"-batch", "1", "-weights", weights},
	} {
		seen := map[string]bool{}
		for _, seed := range []string{"1", "2", "3", "4", "1"} {
			_, stdout, _ := call(append(args, "-data", letters, "-seed", seed)...)
			title, _, _ := strings.Cut(stdout, "\n")
			seen[title] = true
		}
		if len(seen) < 2 || len(seen) > 4 {
			t.Errorf("%v: for seeds 1, 2, 3, 4 and 1: %v", args, seen)
		}
	}
}

// The forms in which a case and its gradient may come.
func TestForms(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	single := func(a *fixture) { a.dtype = "<f4" }
	columns := func(a *fixture) { a.fortran = len(a.shape) == 2 }
	labels := problem["t"]
	oneHot := fixture{data: make([]float64, 20*10), shape: []int{20, 10}}
	for i, label := range labels.data {
		oneHot.data[i*10+int(label)] = 1
	}
	// Four elements of W1 are smaller than what float32 shows.
	const small = "agrees: W1 (but 4 of 9408 cannot be told), b1, W2, b2"
	for _, test := range []struct {
		name              string
		problem, gradient arrays
		args              []string
		want              string
	}{
		{"float64", problem, gradient, nil, agreement},
		{"float32", problem.each(single), gradient.each(single), nil, small},
		{"Fortran order", problem.each(columns), gradient.each(columns), nil, agreement},
		{"float32, Fortran order", problem.each(single).each(columns), gradient.each(single).each(columns), nil, small},
		{"computed in float32, kept in float64", problem.each(single), gradient, []string{"-precision", "float32"}, small},
		{"one-hot", problem.with("t", oneHot), gradient, nil, agreement},
	} {
		args := append([]string{"-case", test.problem.write(t, "case.npz"), "-against", test.gradient.write(t, "grads.npz")}, test.args...)
		status, stdout, stderr := call(args...)
		if status != 0 || first(stdout) != test.want || stderr != "" {
			t.Errorf("%s: status %d\n%s%s", test.name, status, stdout, stderr)
		}
		wrong := test.gradient.with("W2", test.gradient["W2"].times(1.001))
		args[3] = wrong.write(t, "grads.npz")
		if status, stdout, stderr = call(args...); status != 1 || !strings.HasPrefix(first(stdout), "wrong: W2: 1.001 times") {
			t.Errorf("%s, W2 off by 1e-3: status %d\n%s%s", test.name, status, stdout, stderr)
		}
	}

	read := func(t *testing.T, form fixture) {
		o := options{casePath: problem.with("t", form).write(t, "case.npz"), activation: nn.Sigmoid}
		s, err := o.readCase()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range labels.data {
			if s.t[i] != int(want) {
				t.Fatalf("labels %v, want %v", s.t, labels.data)
			}
		}
	}
	for dtype := range dtypes {
		labels, oneHot := labels, oneHot
		labels.dtype, oneHot.dtype = dtype, dtype
		if dtype != "|b1" {
			t.Run("labels in "+dtype, func(t *testing.T) { read(t, labels) })
		}
		t.Run("one-hot in "+dtype, func(t *testing.T) { read(t, oneHot) })
		oneHot.fortran = true
		t.Run("one-hot in Fortran order, in "+dtype, func(t *testing.T) { read(t, oneHot) })
	}
}

// A gradient in float64 of weights that were rounded to float32 is not right
// to the precision of float64.
func TestPrecision(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	path := problem.each(func(a *fixture) { a.dtype = "<f4" }).write(t, "case.npz")
	status, stdout, _ := call("-case", path, "-against", gradient.write(t, "grads.npz"))
	if status != 1 || first(stdout) != "wrong: W1, b1, W2, b2" {
		t.Errorf("status %d\n%s", status, stdout)
	}
}

func TestWrong(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	path := problem.write(t, "case.npz")
	for _, name := range paramNames {
		wrong := gradient.with(name, gradient[name].times(1.001)).write(t, "grads.npz")
		status, stdout, stderr := call("-case", path, "-against", wrong)
		want := "wrong: " + name + ": 1.001 times what it should be"
		if status != 1 || first(stdout) != want || stderr != "" {
			t.Errorf("%s off by 1e-3: status %d, want 1 and %q\n%s%s", name, status, want, stdout, stderr)
		}
	}
	w1 := gradient["W1"].times(1)
	w1.data[300*12+7] += 1e-6
	one := gradient.with("W1", w1).write(t, "grads.npz")
	if status, stdout, _ := call("-case", path, "-against", one); status != 1 || first(stdout) != "wrong: W1: W1[300,7] alone" {
		t.Errorf("one element: status %d\n%s", status, stdout)
	}
	w1.data[300*12+7] = math.NaN()
	one = gradient.with("W1", w1).write(t, "grads.npz")
	if status, stdout, _ := call("-case", path, "-against", one); status != 1 || first(stdout) != "wrong: W1: W1[300,7] alone: not finite" {
		t.Errorf("NaN: status %d\n%s", status, stdout)
	}
}

func TestMissing(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	some := gradient.without("b1", "W2").write(t, "grads.npz")
	status, stdout, stderr := call("-case", problem.write(t, "case.npz"), "-against", some)
	if status != 0 || first(stdout) != "agrees: W1, b2" || stderr != "" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if want := some + ": has no b1, W2: not checked\n"; !strings.Contains(stdout, want) {
		t.Errorf("%q is not in\n%s", want, stdout)
	}
}

// What -out writes is the derivative, whatever is checked.
func TestOut(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	path := problem.write(t, "case.npz")
	for _, against := range []arrays{nil, gradient, gradient.without("W1"), gradient.with("W1", gradient["W1"].times(-1))} {
		out := filepath.Join(t.TempDir(), "numgrad.npz")
		args := []string{"-case", path, "-out", out}
		if against != nil {
			args = append(args, "-against", against.write(t, "grads.npz"))
		}
		if _, stdout, stderr := call(args...); !strings.Contains(stdout, out+": the numerical gradient, written\n") {
			t.Errorf("%s%s", stdout, stderr)
		}
		numerical := readParams(t, out)
		for _, name := range paramNames {
			if d := distance(numerical[name].data, gradient[name].data); !(d < 1e-14) {
				t.Errorf("%s: off by %.1g", name, d)
			}
		}
		if status, stdout, _ := call("-case", path, "-against", out); status != 0 {
			t.Errorf("checked against itself: status %d\n%s", status, stdout)
		}
	}
}

// A file that -out has not written is kept, and one that it has is replaced.
func TestStrangersAreKept(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	path := problem.write(t, "case.npz")
	text := filepath.Join(t.TempDir(), "text\n.npz")
	if err := os.WriteFile(text, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	trained := filepath.Join(t.TempDir(), "trained.npz") // which has a meta, too
	if err := models.MNIST().Save(trained); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text, gradient.write(t, "other.npz"), trained} {
		before, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		want := "gradcheck: -out: " + input.Quote(out) + " was not written by gradcheck -out: move it away, or name another file\n"
		if status, stdout, stderr := call("-case", path, "-out", out); status != 1 || stdout != "" || stderr != want {
			t.Errorf("status %d, %s%swant %s", status, stdout, stderr, want)
		}
		if after, err := os.ReadFile(out); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%q has changed: %v", out, err)
		}
	}
	out := filepath.Join(t.TempDir(), "numgrad.npz")
	for _, before := range []string{"no file", "an empty one", "one of -out"} {
		if before == "an empty one" {
			if err := os.WriteFile(out, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if status, _, stderr := call("-case", path, "-out", out); status != 0 {
			t.Errorf("where there was %s: status %d, %s", before, status, stderr)
		}
	}
}

// The names of files cannot change the terminal, or look like the report.
func TestStrangeNames(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	const strange = "a\n\x1b[31m.npz"
	out := filepath.Join(t.TempDir(), strange)
	weights := params(nn.NewParams(9, 5, 3)).write(t, strange)
	narrow := params(nn.NewParams(8, 5, 3)).write(t, strange)
	for _, args := range [][]string{
		{"-case", problem.write(t, strange), "-against", gradient.without("b1").write(t, strange), "-out", out},
		{"-data", letters, "-batch", "2", "-weights", weights},
		{"-data", letters, "-batch", "2", "-weights", narrow},
		{"-case", problem.without("W1").write(t, strange), "-against", out},
		{"-case", problem.write(t, strange), "-against", problem.without("W1").write(t, strange)},
		{"-case", out + "missing", "-against", out},
	} {
		_, stdout, stderr := call(args...)
		if text := stdout + stderr; strings.Contains(text, "\x1b") || strings.Contains(text, "a\n") || !strings.Contains(text, `"/`) {
			t.Errorf("%q:\n%q", args, text)
		}
	}
}

// distance returns the largest difference of two elements.
func distance(a, b []float64) float64 {
	largest := 0.0
	for i := range a {
		largest = max(largest, math.Abs(a[i]-b[i]))
	}
	return largest
}

// The book's own numerical gradient, computed by its code, is that of -book:
// up to its truncation and round-off at h = 1e-4.
func TestBookNumericalGradient(t *testing.T) {
	problem, _, book := readGolden(t)
	path := problem.write(t, "case.npz")
	numerical := func(args ...string) arrays {
		out := filepath.Join(t.TempDir(), "numgrad.npz")
		if status, _, stderr := call(append(args, "-case", path, "-out", out)...); status != 0 {
			t.Fatal(stderr)
		}
		return readParams(t, out)
	}
	with, without := numerical("-book"), numerical()
	for _, name := range paramNames {
		if d := distance(with[name].data, book[name].data); !(d < 1e-9) {
			t.Errorf("%s with -book: off by %.1g", name, d)
		}
		if d := distance(without[name].data, book[name].data); !(d > 1e-8 && d < 5e-7) {
			t.Errorf("%s without -book: off by %.1g, want between 1e-8 and 5e-7", name, d)
		}
	}
}

// Whatever -out cannot be written to is found before the work.
func TestOutRefused(t *testing.T) {
	for _, out := range []string{t.TempDir(), filepath.Join(t.TempDir(), "no", "numgrad.npz")} {
		status, stdout, stderr := call("-case", "no such case", "-out", out)
		if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, out) {
			t.Errorf("-out %s: status %d, %s%s", out, status, stdout, stderr)
		}
	}
}

// The report goes to a file that takes nothing.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var stderr strings.Builder
	if status := run([]string{"-batch", "2", "-data", letters}, full, &stderr); status != 1 || !strings.HasPrefix(stderr.String(), "gradcheck: ") {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}

func TestRefused(t *testing.T) {
	problem, gradient, _ := readGolden(t)
	spoilt := func(name string, i int, v float64) arrays {
		a := problem[name].times(1)
		a.data[i] = v
		return problem.with(name, a)
	}
	shaped := func(shape ...int) fixture {
		n := 1
		for _, size := range shape {
			n *= size
		}
		return fixture{data: make([]float64, n), shape: shape}
	}
	good, goodGradient := problem.write(t, "case.npz"), gradient.write(t, "grads.npz")
	type test struct {
		path, other, want string // the path is that of the file at fault
	}
	var tests []test
	bad := func(a arrays, want string) {
		tests = append(tests, test{a.write(t, "case.npz"), goodGradient, want})
	}
	bad(problem.without("x"), `has no array "x", only "W1 W2 b1 b2 t"`)
	bad(problem.without("t"), `has no array "t", only "W1 W2 b1 b2 x"`)
	bad(problem.without("b1"), `has no array "b1", only "W1 W2 b2 t x"`)
	bad(arrays{}, `has no array "x", nor any other`)
	bad(problem.with("x", shaped(20, 783)), "W1 is [784×12], want [783×12]")
	bad(problem.with("x", shaped(784)), "x is [784], want [any×any]")
	bad(problem.with("x", shaped(0, 784)), "x is [0×784], want [any×any]")
	bad(problem.with("W1", shaped(12, 784)), "W1 is [12×784], want [784×12]: is it transposed, as Linear.weight of PyTorch is?")
	bad(problem.with("W2", shaped(12, 9)), "W2 is [12×9], want [12×10]")
	bad(problem.with("b2", shaped(1, 10)), "b2 is [1×10], want [any]")
	bad(problem.with("t", shaped(19)), "t is [19], want [20], class indices, or [20×10], one-hot")
	bad(problem.with("t", shaped(20, 1)), "t is [20×1], want [20], class indices, or [20×10], one-hot")
	bad(problem.with("t", shaped(20, 10)), "t: loss: row 0 is not one-hot: it has no 1")
	bad(spoilt("t", 3, 10), "t[3] is 10, want a class index in 0…9")
	bad(spoilt("t", 4, -1), "t[4] is -1, want a class index in 0…9")
	bad(problem.with("t", shaped(20).plus(0.5)), "t[0] is 0.5, want a class index in 0…9")
	bad(spoilt("x", 785, math.NaN()), "x[1,1] is NaN, want a finite number")
	bad(spoilt("W1", 13, math.Inf(1)), "W1[1,1] is +Inf, want a finite number")
	for want, a := range map[string]arrays{
		`has no gradient: it has the arrays "dW1 x", want W1, b1, W2, b2, or some of them`: {"dW1": shaped(784, 12), "x": shaped(1)},
		"W1 is [12×784], want [784×12]: is it transposed, as Linear.weight of PyTorch is?": gradient.with("W1", shaped(12, 784)),
		"b1 is [1×12], want [12]": gradient.with("b1", shaped(1, 12)),
		"W2 is [], want [12×10]":  gradient.with("W2", fixture{data: []float64{0}}),
	} {
		tests = append(tests, test{a.write(t, "grads.npz"), "", want})
	}
	for _, test := range tests {
		args := []string{"-case", test.path, "-against", test.other}
		if test.other == "" {
			args = []string{"-case", good, "-against", test.path}
		}
		status, stdout, stderr := call(args...)
		if want := fmt.Sprintf("gradcheck: %s: %s\n", test.path, test.want); status != 1 || stdout != "" || stderr != want {
			t.Errorf("status %d, %s\n%swant\n%s", status, stdout, stderr, want)
		}
	}
}

// plus returns the array with v added to each element.
func (a fixture) plus(v float64) fixture {
	b := a.times(1)
	for i := range b.data {
		b.data[i] += v
	}
	return b
}

// Files that cannot be read, or are something else.
func TestUnreadable(t *testing.T) {
	problem, _, _ := readGolden(t)
	good := problem.write(t, "case.npz")
	text := filepath.Join(t.TempDir(), "text.npz")
	if err := os.WriteFile(text, []byte("W1 = 3"), 0o666); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.npz")
	narrow := params(nn.NewParams(8, 5, 3)).write(t, "weights.npz")
	wide := params(nn.NewParams(9, 5, 4)).write(t, "weights.npz")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-case", missing, "-against", good}, missing},
		{[]string{"-case", text, "-against", good}, text},
		{[]string{"-case", good, "-against", missing}, missing},
		{[]string{"-case", good, "-against", text}, text},
		{[]string{"-data", filepath.Dir(missing)}, filepath.Dir(missing)},
		{[]string{"-data", letters, "-batch", "2", "-weights", missing}, missing},
		{[]string{"-data", letters, "-batch", "2", "-weights", narrow}, narrow + ": a net of 8 inputs and 3 classes, want 9 and 3 as the images have"},
		{[]string{"-data", letters, "-batch", "2", "-weights", wide}, wide + ": a net of 9 inputs and 4 classes, want 9 and 3 as the images have"},
	} {
		status, stdout, stderr := call(test.args...)
		if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "gradcheck: ") || !strings.Contains(stderr, test.want) {
			t.Errorf("%v: status %d, %s%s", test.args, status, stdout, stderr)
		}
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		`unexpected "x"`:                                      {"x"},
		"not defined: -eps":                                   {"-eps", "1"},
		"-batch is 0, want at least 1":                        {"-batch", "0"},
		"-against is given without -case":                     {"-against", "g.npz"},
		"-out is given without -case":                         {"-out", "g.npz"},
		"-book is given without -case":                        {"-book"},
		"-activation is given without -case":                  {"-activation", "relu"},
		"-precision is given without -case or -loss":          {"-precision", "float32"},
		"-loss is given and empty: name the command":          {"-loss", ""},
		"-loss is given and empty":                            {"-loss= \t"},
		"-case is given and empty: name the file":             {"-case", ""},
		"-against is given and empty":                         {"-case", "c.npz", "-against", "", "-out", "o.npz"},
		"-weights is given and empty":                         {"-weights", ""},
		"-data is given and empty":                            {"-data", ""},
		"-weights is given with -case":                        {"-case", "c.npz", "-against", "g.npz", "-weights", "w.npz"},
		"-seed is given with -case":                           {"-case", "c.npz", "-against", "g.npz", "-seed", "1"},
		"-case is given alone":                                {"-case", "c.npz"},
		`-out is "./main.go", a file that is to be read`:      {"-case", "main.go", "-against", "g.npz", "-out", "./main.go"},
		`-out is "././main.go", a file that is to be read`:    {"-case", "c.npz", "-against", "main.go", "-out", "././main.go"},
		`"tanh" for flag -activation: want relu or sigmoid`:   {"-activation", "tanh"},
		`"half" for flag -precision: want float32 or float64`: {"-precision", "half"},
	} {
		if status, stdout, stderr := call(args...); status != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: status %d, %q, want one line with %q", args, status, stderr, want)
		}
	}
	if status, stdout, stderr := call("-h"); status != 0 || stderr != "" || !strings.HasPrefix(stdout, "usage: gradcheck") {
		t.Errorf("-h: status %d, %q, %q", status, stdout, stderr)
	}
	if status, _, stderr := call("-batch", "5", "-data", letters); status != 2 || stderr != "gradcheck: -batch is 5, want at most 4, all training images\n" {
		t.Errorf("a batch too large: status %d, %q", status, stderr)
	}
}

// FuzzCase reads any bytes as a case.
func FuzzCase(f *testing.F) {
	small := arrays{
		"W1": {data: []float64{1, 2, 3, 4}, shape: []int{2, 2}}, "b1": {data: []float64{0, 1}, shape: []int{2}},
		"W2": {data: []float64{1, -1}, shape: []int{2, 1}, fortran: true}, "b2": {data: []float64{0}, shape: []int{1}, dtype: "|i1"},
		"x": {data: []float64{1, 0}, shape: []int{1, 2}, dtype: "<f4"}, "t": {data: []float64{0}, shape: []int{1}, dtype: "<u2"},
	}
	f.Add(small.zip())
	f.Add(small.with("t", fixture{data: []float64{1}, shape: []int{1, 1}}).zip())
	f.Add(small.with("t", fixture{data: []float64{math.NaN()}, shape: []int{1}}).zip())
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
		if l := s.net.Loss(s.x, s.t); l < 0 { // NaN is what large weights give
			t.Fatalf("loss %v", l)
		}
	})
}
