package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"numgrad/internal/npz"
	"numgrad/nn"
)

// call runs the command.
func call(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

// verdict is the first line of the report in stdout.
func verdict(stdout string) string {
	_, report, _ := strings.Cut(stdout, "\n\n")
	line, _, _ := strings.Cut(report, "\n")
	return line
}

// arrays are the arrays of an npz file, by name.
type arrays map[string]array

type array struct {
	shape []int
	data  []float64
}

func zeros(shape ...int) array {
	n := 1
	for _, size := range shape {
		n *= size
	}
	return array{shape, make([]float64, n)}
}

// set returns a copy with other values from element i on.
func (a array) set(i int, values ...float64) array {
	a.data = slices.Clone(a.data)
	copy(a.data[i:], values)
	return a
}

func (a array) times(factor float64) array {
	a.data = slices.Clone(a.data)
	for i := range a.data {
		a.data[i] *= factor
	}
	return a
}

// with returns a copy with another array.
func (a arrays) with(name string, other array) arrays {
	b := maps.Clone(a)
	b[name] = other
	return b
}

func (a arrays) without(names ...string) arrays {
	b := maps.Clone(a)
	for _, name := range names {
		delete(b, name)
	}
	return b
}

func (a arrays) zip() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(a)) {
		entry, _ := w.Create(name + ".npy")
		shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(a[name].shape), " ", ","), "[]")
		header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s,), }\n", shape)
		fmt.Fprintf(entry, "\x93NUMPY\x01\x00%c%c%s", len(header), 0, header)
		binary.Write(entry, binary.LittleEndian, a[name].data)
	}
	w.Close()
	return b.Bytes()
}

// write writes an npz file and returns its path.
func (a arrays) write(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, a.zip(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// params returns weights, or a gradient, as arrays.
func params(p *nn.Params) arrays {
	all := arrays{}
	for _, a := range p.Arrays() {
		all[a.Name] = array{a.Shape, a.Data}
	}
	return all
}

var (
	shallow = []string{"W1", "b1", "W2", "b2"}
	deep    = append(shallow, "W3", "b3")
)

// readGolden returns a case with 20 images of MNIST that NumPy computed, its
// gradient by backprop, and the book's numerical gradient. See package nn's
// golden_test.go.
func readGolden(t testing.TB) (problem, backprop, book arrays) {
	return read(t, "../../nn/testdata/twolayer-784-12-10.npz", shallow)
}

// readDeep is readGolden for three layers.
func readDeep(t testing.TB, activation string) (problem, backprop, book arrays) {
	return read(t, "testdata/multilayer-784-9-7-10-"+activation+".npz", deep)
}

func read(t testing.TB, path string, names []string) (problem, backprop, book arrays) {
	t.Helper()
	f, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	get := func(name string) array {
		data, shape, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		return array{shape, data}
	}
	labels, shape, err := f.Ints("t")
	if err != nil {
		t.Fatal(err)
	}
	problem, backprop, book = arrays{"x": get("x"), "t": zeros(shape...)}, arrays{}, arrays{}
	for i, label := range labels {
		problem["t"].data[i] = float64(label)
	}
	for _, name := range names {
		problem[name], backprop[name], book[name] = get(name), get("grad_exact_"+name), get("numgrad_book_"+name)
	}
	return problem, backprop, book
}
