package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/atomicfile"
	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
)

func call(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

func TestMNIST(t *testing.T) {
	for _, args := range [][]string{{"-batch", "20"}, {"-batch", "20", "-weights", "../../models/mnist.npz"}} {
		if status, stdout, stderr := call(args...); status != 0 || !strings.HasPrefix(stdout, "agrees: W1, b1, W2, b2\n") {
			t.Errorf("%v: status %d, %s%s", args, status, stdout, stderr)
		}
	}
}

// golden holds a net with 20 rows of MNIST, and what NumPy computed for it.
const golden = "../../nn/testdata/twolayer-784-12-10.npz"

// rename writes arrays of golden to a new file under other names.
func rename(t *testing.T, names map[string]string, spoil func(*mat.Dense)) string {
	t.Helper()
	f, err := npz.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var arrays []npz.Array
	for _, name := range []string{"W1", "b1", "W2", "b2"} {
		old, ok := names[name]
		if !ok {
			continue
		}
		data, shape, err := f.Floats(old)
		if err != nil {
			t.Fatal(err)
		}
		array := npz.Array{Name: name, Data: data}
		if len(shape) == 2 {
			m := mat.NewDense(shape[0], shape[1], data)
			if name == "W1" {
				spoil(m)
			}
			array.Data = m
		}
		arrays = append(arrays, array)
	}
	path := filepath.Join(t.TempDir(), "grads.npz")
	if err := atomicfile.Write(path, func(w io.Writer) error { return npz.Write(w, arrays...) }); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAgainst(t *testing.T) {
	exact := map[string]string{"W1": "grad_exact_W1", "b1": "grad_exact_b1", "W2": "grad_exact_W2", "b2": "grad_exact_b2"}
	right := rename(t, exact, func(*mat.Dense) {})
	if status, stdout, stderr := call("-case", golden, "-against", right); status != 0 {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	for name, spoil := range map[string]func(*mat.Dense){
		"one part in 1000": func(m *mat.Dense) { m.Scale(1.001, m) },
		"the sign":         func(m *mat.Dense) { m.Scale(-1, m) },
		"one element":      func(m *mat.Dense) { m.Set(300, 7, m.At(300, 7)+1e-6) },
	} {
		wrong := rename(t, exact, spoil)
		status, stdout, stderr := call("-case", golden, "-against", wrong)
		if first, _, _ := strings.Cut(stdout, "\n"); status != 1 || !strings.HasPrefix(first, "wrong: W1") || strings.Contains(first, "W2") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d, %s%s", name, status, stdout, stderr)
		}
	}
	delete(exact, "b1")
	if status, stdout, _ := call("-case", golden, "-against", rename(t, exact, func(*mat.Dense) {})); status != 0 || !strings.Contains(stdout, "has no b1, which is not checked") {
		t.Errorf("status %d, %s", status, stdout)
	}
}

func TestOut(t *testing.T) {
	out := filepath.Join(t.TempDir(), "numgrad.npz")
	if status, _, stderr := call("-case", golden, "-out", out); status != 0 {
		t.Fatal(stderr)
	}
	if status, stdout, _ := call("-case", golden, "-against", out); status != 1 {
		// A central difference at h = 1e-4 is off by its truncation, and the
		// check sees that.
		t.Errorf("status %d, %s", status, stdout)
	}
	m, err := models.Load(out) // which reads the same four names
	if err != nil {
		t.Fatal(err)
	}
	if d, h, k := m.Sizes(); d != 784 || h != 12 || k != 10 {
		t.Errorf("%d-%d-%d", d, h, k)
	}
}

// write makes a case of a 3-2-2 net with the given x and t.
func write(t *testing.T, arrays ...npz.Array) string {
	t.Helper()
	net := nn.NewTwoLayer(3, 2, 2, 1, rand.NewPCG(1, 2))
	all := append([]npz.Array{{Name: "W1", Data: net.W1}, {Name: "b1", Data: net.B1},
		{Name: "W2", Data: net.W2}, {Name: "b2", Data: net.B2}}, arrays...)
	path := filepath.Join(t.TempDir(), "case.npz")
	if err := atomicfile.Write(path, func(w io.Writer) error { return npz.Write(w, all...) }); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCases(t *testing.T) {
	x := npz.Array{Name: "x", Data: mat.NewDense(2, 3, []float64{-1, 0.5, 300, 0, 0, 2})}
	for name, labels := range map[string]npz.Array{
		"indices, float": {Name: "t", Data: []float64{0, 1}},
		"indices, uint8": {Name: "t", Data: []byte{0, 1}},
		"one-hot":        {Name: "t", Data: mat.NewDense(2, 2, []float64{1, 0, 0, 1})},
	} {
		if status, stdout, stderr := call("-case", write(t, x, labels)); status != 0 {
			t.Errorf("%s: status %d, %s%s", name, status, stdout, stderr)
		}
	}
	labels := npz.Array{Name: "t", Data: []byte{0, 1}}
	for want, arrays := range map[string][]npz.Array{
		`has no array "x"`:                    {labels},
		`has no array "t"`:                    {x},
		"x has shape [2 2], want [N 3]":       {{Name: "x", Data: mat.NewDense(2, 2, nil)}, labels},
		"t[1] is 2, want a class of 0…1":      {x, {Name: "t", Data: []byte{0, 2}}},
		"t has shape [3], want [2]":           {x, {Name: "t", Data: []byte{0, 1, 0}}},
		"t holds 0.5":                         {x, {Name: "t", Data: []float64{0.5, 1}}},
		"row 1 of t is [1 1], want one 1 and": {x, {Name: "t", Data: mat.NewDense(2, 2, []float64{1, 0, 1, 1})}},
	} {
		path := write(t, arrays...)
		status, stdout, stderr := call("-case", path)
		if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) || !strings.Contains(stderr, path) {
			t.Errorf("status %d, %q, want %q", status, stderr, want)
		}
	}

	whole := write(t, x, labels)
	transposed := filepath.Join(t.TempDir(), "g.npz")
	if err := atomicfile.Write(transposed, func(w io.Writer) error {
		return npz.Write(w, npz.Array{Name: "W1", Data: mat.NewDense(2, 3, nil)})
	}); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := call("-case", whole, "-against", transposed); status != 1 || !strings.Contains(stderr, "W1 has shape [2 3], want [3 2] as the case's W1: save its transpose") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"-batch is 0":                         {"-batch", "0"},
		"-against without -case":              {"-against", "x.npz"},
		"-case and -weights":                  {"-case", "x.npz", "-weights", "y.npz"},
		`unexpected "x"`:                      {"x"},
		"flag provided but not defined: -eps": {"-eps", "1"},
	} {
		if status, stdout, stderr := call(args...); status != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %q, want %q", args, status, stderr, want)
		}
	}
}
