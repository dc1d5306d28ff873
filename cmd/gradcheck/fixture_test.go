package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"numgrad/internal/npz"
)

// call runs the command and returns what it left.
func call(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

// arrays is what a test puts into an npz file, by name.
type arrays map[string]fixture

// fixture is an array as it is to be written, with its numbers by rows.
type fixture struct {
	data    []float64
	shape   []int
	dtype   string // of NumPy's short names; "" is <f8
	fortran bool
}

// dtypes are what numbers are written as.
var dtypes = map[string]func(v float64) any{
	"<f8": func(v float64) any { return v },
	"<f4": func(v float64) any { return float32(v) },
	"|b1": func(v float64) any { return v != 0 },
	"|i1": func(v float64) any { return int8(v) },
	"<i2": func(v float64) any { return int16(v) },
	"<i4": func(v float64) any { return int32(v) },
	"<i8": func(v float64) any { return int64(v) },
	"|u1": func(v float64) any { return uint8(v) },
	"<u2": func(v float64) any { return uint16(v) },
	"<u4": func(v float64) any { return uint32(v) },
	"<u8": func(v float64) any { return uint64(v) },
}

// npy returns the array as an npy file.
func (a fixture) npy() []byte {
	dtype := cmp.Or(a.dtype, "<f8")
	fortran := map[bool]string{true: "True", false: "False"}[a.fortran]
	shape := ""
	for _, size := range a.shape {
		shape += fmt.Sprint(size, ",")
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n", dtype, fortran, shape)

	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	binary.Write(&b, binary.LittleEndian, uint16(len(header)))
	b.WriteString(header)
	for i := range a.data {
		if a.fortran {
			rows, columns := a.shape[0], a.shape[1]
			i = i%rows*columns + i/rows
		}
		binary.Write(&b, binary.LittleEndian, dtypes[dtype](a.data[i]))
	}
	return b.Bytes()
}

// write makes an npz file of the arrays and returns its path.
func (a arrays) write(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, a.zip(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func (a arrays) zip() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(a)) {
		entry, err := w.Create(name + ".npy")
		if err != nil {
			panic(err)
		}
		entry.Write(a[name].npy())
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// with returns a copy with one more array, or another one of that name.
func (a arrays) with(name string, array fixture) arrays {
	b := maps.Clone(a)
	b[name] = array
	return b
}

// without returns a copy without some.
func (a arrays) without(names ...string) arrays {
	b := maps.Clone(a)
	for _, name := range names {
		delete(b, name)
	}
	return b
}

// each returns a copy in which change has changed each array of floats.
func (a arrays) each(change func(*fixture)) arrays {
	b := arrays{}
	for name, array := range a {
		if array.dtype == "" {
			change(&array)
		}
		b[name] = array
	}
	return b
}

// times returns the array multiplied by a factor.
func (a fixture) times(factor float64) fixture {
	b := a
	b.data = slices.Clone(a.data)
	for i := range b.data {
		b.data[i] *= factor
	}
	return b
}

var paramNames = []string{"W1", "b1", "W2", "b2"}

// golden is a net with 20 images of MNIST and its gradients, as NumPy has
// computed them: see package nn's golden_test.go.
const golden = "../../nn/testdata/twolayer-784-12-10.npz"

// readGolden returns the case, its gradient by backprop, and the book's
// numerical gradient of the loss with 1e-7 inside the logarithm.
func readGolden(t testing.TB) (problem, backprop, book arrays) {
	t.Helper()
	return readNumPy(t, golden, paramNames)
}

// readNumPy reads a case with parameters of the given names, its gradient, and
// that of the book's loss.
func readNumPy(t testing.TB, path string, names []string) (problem, backprop, book arrays) {
	t.Helper()
	f, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read := func(name string) fixture {
		data, shape, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		return fixture{data: data, shape: shape}
	}
	labels, shape, err := f.Ints("t")
	if err != nil {
		t.Fatal(err)
	}
	indices := make([]float64, len(labels))
	for i, label := range labels {
		indices[i] = float64(label)
	}
	problem = arrays{"x": read("x"), "t": {data: indices, shape: shape, dtype: "<i8"}}
	backprop, book = arrays{}, arrays{}
	for _, name := range names {
		problem[name], backprop[name], book[name] = read(name), read("grad_exact_"+name), read("numgrad_book_"+name)
	}
	return problem, backprop, book
}

// readParams returns the four arrays in a file.
func readParams(t *testing.T, path string) arrays {
	t.Helper()
	f, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a := arrays{}
	for _, name := range paramNames {
		data, shape, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		a[name] = fixture{data: data, shape: shape}
	}
	return a
}
