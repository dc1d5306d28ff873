package npz

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// openFile opens a file that NumPy wrote: testdata/make.py.
func openFile(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func parsed(t *testing.T, content []byte) *File {
	t.Helper()
	f, err := Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func checkFloats(t *testing.T, f *File, name string, want []float64, wantShape []int) {
	t.Helper()
	got, shape, err := f.Floats(name)
	same := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b }
	if err != nil || !slices.EqualFunc(got, want, same) || !slices.Equal(shape, wantShape) {
		t.Errorf("%s: got %v of shape %v, %v, want %v of %v", name, got, shape, err, want, wantShape)
	}
}

func checkInts(t *testing.T, f *File, name string, want, wantShape []int) {
	t.Helper()
	got, shape, err := f.Ints(name)
	if err != nil || !slices.Equal(got, want) || !slices.Equal(shape, wantShape) {
		t.Errorf("%s: got %v of shape %v, %v, want %v of %v", name, got, shape, err, want, wantShape)
	}
}

// checkError checks that err is one line that holds want, or nil if want is "".
func checkError(t *testing.T, about string, err error, want string) {
	t.Helper()
	text := fmt.Sprint(err)
	if (err == nil) != (want == "") || err != nil && !strings.Contains(text, want) || strings.Contains(text, "\n") {
		t.Errorf("%s:\ngot  %s\nwant %s", about, text, want)
	}
}

// matrix is FLOATS of make.py.
var matrix = []float64{0, -1.5, 1e-3, math.Pi, -1e30, 6}

func TestTypes(t *testing.T) {
	single := make([]float64, len(matrix))
	for i, v := range matrix {
		single[i] = float64(float32(v))
	}
	for _, path := range []string{"testdata/types.npz", "testdata/compressed.npz"} {
		f := openFile(t, path)
		for dtype, ends := range map[string][2]int{
			"bool":   {0, 1},
			"int8":   {math.MinInt8, math.MaxInt8},
			"int16":  {math.MinInt16, math.MaxInt16},
			"int32":  {math.MinInt32, math.MaxInt32},
			"int64":  {math.MinInt64, math.MaxInt64},
			"uint8":  {0, math.MaxUint8},
			"uint16": {0, math.MaxUint16},
			"uint32": {0, math.MaxUint32},
			"uint64": {0, 1},
		} {
			for _, name := range []string{dtype, dtype + "_big"} {
				checkInts(t, f, name, []int{1, 0, ends[0], ends[1]}, []int{4})
				numbers, _, err := f.Numbers(name)
				if want := []float64{1, 0, float64(ends[0]), float64(ends[1])}; err != nil || !slices.Equal(numbers, want) {
					t.Errorf("%s as numbers: %v, %v, want %v", name, numbers, err, want)
				}
				if got, shape, err := f.Describe(name); got != dtype || !slices.Equal(shape, []int{4}) || err != nil {
					t.Errorf("%s is described as %s %v, %v", name, got, shape, err)
				}
			}
		}
		for _, suffix := range []string{"", "_big", "_fortran"} {
			checkFloats(t, f, "float64"+suffix, matrix, []int{2, 3})
			checkFloats(t, f, "float32"+suffix, single, []int{2, 3})
		}
		if data, _, err := f.Bytes("uint8"); err != nil || string(data) != "\x01\x00\x00\xff" {
			t.Errorf("%s: uint8 as bytes is % x, %v", path, data, err)
		}
	}

	f := openFile(t, "testdata/halves.npz")
	want, shape, err := f.Floats("double")
	if err != nil || len(want) != 2115 {
		t.Fatal(len(want), err)
	}
	checkFloats(t, f, "half", want, shape)
	checkFloats(t, f, "big", want, shape)
}

func TestShapes(t *testing.T) {
	f := openFile(t, "testdata/shapes.npz")
	upTo24 := make([]float64, 24)
	for i := range upTo24 {
		upTo24[i] = float64(i)
	}
	checkFloats(t, f, "scalar", []float64{2.5}, nil)
	checkFloats(t, f, "one", []float64{2.5}, []int{1})
	checkFloats(t, f, "empty", nil, []int{0, 3})
	checkFloats(t, f, "cube", upTo24, []int{2, 3, 4})
	checkFloats(t, f, "cube_fortran", upTo24, []int{2, 3, 4})
	checkFloats(t, f, "slice", []float64{1, 3, 5, 13, 15, 17}, []int{2, 3})
	checkInts(t, f, "labels_fortran", []int{0, 1, 2, 3, 4, 5}, []int{2, 3})

	f = openFile(t, "testdata/versions.npz")
	for _, name := range []string{"v1", "v2", "v3"} {
		checkFloats(t, f, name, matrix, []int{2, 3})
	}
	f = openFile(t, "testdata/zeros.npz") // compressed 700 times, and no bomb
	checkFloats(t, f, "W1", make([]float64, 784*50), []int{784, 50})
	checkInts(t, f, "t", make([]int, 100_000), []int{100_000})

	f = openFile(t, "testdata/names.npz")
	names := []string{"ß", "重み", "a/b", "with space"}
	if got := f.Names(); !slices.Equal(got, names) || f.Has("nobody") || !f.Has("ß") {
		t.Errorf("names %q, want %q", got, names)
	}
	for i, name := range names {
		checkFloats(t, f, name, slices.Repeat([]float64{1}, i+1), []int{i + 1})
	}
}

func TestRefusedTypes(t *testing.T) {
	f := openFile(t, "testdata/refused.npz")
	for _, test := range []struct{ array, floats, ints string }{
		{"objects", "Python object", "Python object"},
		{"text", `"<U3"`, `"<U3"`},
		{"bytes", `"|S3"`, `"|S3"`},
		{"complex", `"<c16"`, `"<c16"`},
		{"dates", `"<M8[D]"`, `"<M8[D]"`},
		{"record", `"[('a', '<i4'), ('b', '<f8')]"`, `"[('a', '<i4'), ('b', '<f8')]"`},
		{"large", "holds uint64, want float16, float32 or float64", "holds 9223372036854775808, more than an int can hold"},
		{"float64", "", "holds float64, want integers or bool"},
		{"int64", "holds int64, want float16, float32 or float64", ""},
	} {
		_, _, err := f.Floats(test.array)
		checkError(t, test.array+" as floats", err, test.floats)
		_, _, err = f.Ints(test.array)
		checkError(t, test.array+" as integers", err, test.ints)
		_, _, err = f.Bytes(test.array)
		checkError(t, test.array+" as bytes", err, test.array)
	}
	for path, want := range map[string]string{
		"testdata/shapes.npz":  `has no array "W1", only "scalar one empty`,
		"testdata/object.npz":  "arr_0 is a Python object; if it was a dict, write np.savez(file, **params)",
		"testdata/nothing.npz": `has no array "W1", nor any other`,
	} {
		_, _, err := openFile(t, path).Floats("W1")
		checkError(t, path, err, path+": "+want)
	}
}

// part is an entry of a zip file, with the directory's claims about it.
type part struct {
	name             string
	content          []byte // as it is in the file
	method           uint16
	crc              uint32
	compressed, size uint64
}

// stored returns an entry as np.savez makes it.
func stored(name string, content []byte) part {
	n := uint64(len(content))
	return part{name, content, zip.Store, crc32.ChecksumIEEE(content), n, n}
}

// deflated returns an entry as np.savez_compressed makes it.
func deflated(name string, content []byte) part {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestSpeed) // a valid level; a Buffer accepts every write
	w.Write(content)
	w.Close()
	return part{name, b.Bytes(), zip.Deflate, crc32.ChecksumIEEE(content), uint64(b.Len()), uint64(len(content))}
}

// zipOf returns a zip file of parts, also if they contradict themselves.
func zipOf(parts ...part) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		entry, err := w.CreateRaw(&zip.FileHeader{Name: p.name, Method: p.method, CRC32: p.crc,
			CompressedSize64: p.compressed, UncompressedSize64: p.size})
		if err != nil {
			panic(err)
		}
		entry.Write(p.content)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// npyOf returns an npy file of version 1.0.
func npyOf(dictionary string, data []byte) []byte {
	file := binary.LittleEndian.AppendUint16([]byte(magic+"\x01\x00"), uint16(len(dictionary)+1))
	return slices.Concat(file, []byte(dictionary), []byte("\n"), data)
}

func npyFile(descr, shape string, data []byte) []byte {
	return npyOf(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape), data)
}

// fault is a file that must be refused, with a part of the error.
type fault struct {
	name string
	file []byte
	want string
}

func faults() []fault {
	good := npyFile("<f8", "(3,)", make([]byte, 24))
	one := func(content []byte) []byte { return zipOf(stored("x.npy", content)) }
	with := func(p part, change func(*part)) []byte {
		change(&p)
		return zipOf(p)
	}
	whole, within := one(good), stored("x.npy", good)
	within.compressed += 60
	within.size += 60
	var many []part
	for i := range maxEntries + 1 {
		many = append(many, part{name: fmt.Sprint(i, ".npy")})
	}
	const broken = `array "x" cannot be read: `
	list := []fault{
		{"no bytes", nil, `is not an npz file: it starts with ""`},
		{"text", []byte("epoch,loss"), `is not an npz file: it starts with "epoch,"`},
		{"a web page", []byte("<!DOCTYPE html>"), "is a web page"},
		{"an npy file", good, "is a single array (.npy)"},
		{"half a zip file", whole[:len(whole)/2], "is a damaged zip file"},
		{"1001 arrays", zipOf(many...), "holds 1001 arrays"},
		{"a file of another kind", zipOf(stored("x.txt", good)), `holds "x.txt", want arrays`},
		{"the same name twice", zipOf(stored("x.npy", good), stored("x.npy", good)), `holds the array "x" twice`},

		{"no start", whole[1:], broken},
		{"one within the other", zipOf(within, stored("y.npy", good)), broken},
		{"longer than the file", with(stored("x.npy", good), func(p *part) { p.compressed = 1 << 20 }), broken},
		{"checksum", with(stored("x.npy", good), func(p *part) { p.crc++ }), broken + "zip: checksum error"},
		{"compressed by bzip2", with(stored("x.npy", good), func(p *part) { p.method = 12 }), broken + "zip: unsupported compression"},
		{"noise", with(deflated("x.npy", good), func(p *part) { p.content[0] |= 6 }), broken + "flate: corrupt input"},
		{"more than its entry", with(stored("x.npy", npyFile("<f8", "(4,)", make([]byte, 24))), func(p *part) { p.size += 8 }), broken},
		{"less than its entry", with(stored("x.npy", npyFile("<f8", "(2,)", make([]byte, 24))), func(p *part) { p.size -= 8 }), broken},
		{"a terabyte", with(deflated("x.npy", npyFile("|u1", "(1099511627776,)", nil)), func(p *part) { p.size += 1 << 40 }), `"x" expands to 1099511627856 bytes`},

		{"no npy file", one([]byte("hello, world")), broken + `it starts with "hello, w"`},
		{"an empty entry", one(nil), broken + `it starts with ""`},
		{"half a length", one([]byte(magic + "\x02\x00\x10\x00")), broken + "it starts with"},
		{"a header of 4 GiB", one([]byte(magic + "\x02\x00\xff\xff\xff\xff")), broken + "its header has 4294967295 bytes"},
		{"half a header", one(good[:20]), broken + "its header has 58 bytes, want at most 10"},
		{"no shape", one(npyOf("{'descr': '<f8', 'fortran_order': False, }", nil)), broken + "its header"},
		{"order of 1", one(npyOf("{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}", nil)), broken + "its header"},
	}
	for shape, want := range map[string]string{
		"(3.0,)":                                "its header is",
		"(,)":                                   "its header is",
		"(-1, -3)":                              "its header is",
		"(" + strings.Repeat("1, ", 4000) + ")": "its header has",
		"(" + strings.Repeat("1,", 40) + ")":    "its header is",
		"(9999999999999999999,)":                "value out of range",
		"(2,)":                                  "has shape [2], 16 bytes, but holds 24",
		"()":                                    "has shape [], 8 bytes, but holds 24",
		"(4611686018427387904, 4, 3)":           "bytes, but holds 24", // 0 in 64 bits
		"(6148914691236517206, 1)":              "bytes, but holds 24", // 3·8 more than 2⁶⁴
		"(0, 4611686018427387904, 4)":           "has shape [0 4611686018427387904 4], 0 bytes, but holds 24",
	} {
		list = append(list, fault{"shape " + shape, one(npyFile("<f8", shape, make([]byte, 24))), want})
	}
	for _, descr := range []string{"|f8", "f8", "=f8", "<", "", "<f16", "<i8"} {
		list = append(list, fault{"type " + descr, one(npyFile(descr, "(3,)", make([]byte, 24))), "want float16, float32 or float64"})
	}
	return list
}

// An error starts with the path, and names it once.
func TestFaults(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "case.npz")
	for _, test := range faults() {
		if err := os.WriteFile(path, test.file, 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			_, _, err = f.Floats("x")
		}
		checkError(t, test.name, err, test.want)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: error %v, want it to start with the path", test.name, err)
		}
	}
	for _, path := range []string{folder, os.DevNull, filepath.Join(folder, "missing.npz")} {
		_, err := Open(path)
		checkError(t, path, err, path+": ")
	}
}

// Arrays may take 16 MiB and 8 times the size of the file, all together.
func TestBombs(t *testing.T) {
	const n = 1 << 20
	zeros := npyFile("<f8", "(1048576,)", make([]byte, 8*n))
	noisy := make([]byte, 20*n)
	rand.NewChaCha8([32]byte{}).Read(noisy[:n/4]) // does not compress
	small := parsed(t, zipOf(deflated("a.npy", zeros), deflated("b.npy", zeros), deflated("c.npy", npyFile("|u1", "(1048576,)", make([]byte, n)))))
	large := parsed(t, zipOf(deflated("x.npy", npyFile("|u1", "(18874368,)", noisy[:18*n]))))
	larger := parsed(t, zipOf(deflated("x.npy", npyFile("|u1", "(20971520,)", noisy))))
	for _, name := range []string{"a", "b"} {
		_, _, err := small.Floats(name)
		checkError(t, name, err, "")
	}
	_, _, err := small.Ints("c")
	checkError(t, "c", err, `array "c" expands to 25165824 bytes, more than`)
	_, _, err = large.Bytes("x")
	checkError(t, "18 MiB in a file of 1/4 MiB", err, "")
	_, _, err = larger.Bytes("x")
	checkError(t, "20 MiB in a file of 1/4 MiB", err, `array "x" expands to 2097`)
}

// FuzzFile reads any bytes as an npz file, and as an npy file within a sound one.
func FuzzFile(f *testing.F) {
	f.Add(zipOf(stored("W1.npy", npyFile("<f4", "(1, 2)", make([]byte, 8))), deflated("t.npy", npyFile("|u1", "(3,)", []byte{0, 1, 2}))))
	f.Add([]byte("\x93NUMPY\x01\x00F\x00{'descr': '>u2', 'fortran_order': True, 'shape': (2, 1, 2), }           \n\x00\x01\x02\x03\x04\x05\x06\x07"))
	f.Add(npyFile("|b1", "(3,)", []byte{0, 1, 2}))
	f.Add(npyFile("<f2", "()", []byte{0, 1}))
	f.Add(npyFile("<f8", "(4611686018427387904, 4, 3)", make([]byte, 24)))
	for _, fault := range faults() {
		f.Add(fault.file)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		checkFile(t, content)
		checkFile(t, zipOf(stored("x.npy", content)))
		checkFile(t, zipOf(deflated("x.npy", content)))
	})
}

// checkFile reads everything in file in each way. It checks that an error is one
// line and that memory is in proportion to the file.
func checkFile(t *testing.T, file []byte) {
	t.Helper()
	bounded := func(read func() error) error {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := read()
		runtime.ReadMemStats(&after)
		if allocated, bound := after.TotalAlloc-before.TotalAlloc, uint64(10*len(file)+64<<20); allocated > bound {
			t.Fatalf("allocates %d bytes, want at most %d", allocated, bound)
		}
		if err != nil && (strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) || len(err.Error()) > 1000) {
			t.Fatalf("the error is no line to print: %q", err)
		}
		return err
	}
	var f *File
	if bounded(func() (err error) { f, err = Parse(file); return err }) != nil {
		return
	}
	for _, name := range f.Names() {
		var described, shape []int
		var n int
		bounded(func() (err error) { _, described, err = f.Describe(name); return err })
		for _, read := range []func() error{
			func() error { data, s, err := f.Floats(name); n, shape = len(data), s; return err },
			func() error { data, s, err := f.Ints(name); n, shape = len(data), s; return err },
			func() error { data, s, err := f.Bytes(name); n, shape = len(data), s; return err },
		} {
			if bounded(read) != nil {
				continue
			}
			product := 1
			for _, size := range shape {
				product *= size
			}
			if n != product || !slices.Equal(shape, described) {
				t.Fatalf("%d elements of shape %v, described as %v", n, shape, described)
			}
		}
	}
}

var small = []Array{{"b", []float64{1, -0.5}}, {"meta", []byte("{}")}}

func written(t *testing.T, arrays ...Array) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, arrays...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// NumPy encodes an array to the same bytes. Python's zipfile and NumPy read
// testdata/written.npz.
func TestWrittenBytes(t *testing.T) {
	for _, test := range []struct {
		path, name string
		data       any
	}{
		{"testdata/shapes.npz", "one", []float64{2.5}},
		{"testdata/shapes.npz", "slice", mat.NewDense(2, 3, []float64{1, 3, 5, 13, 15, 17})},
		{"testdata/types.npz", "float64", mat.NewDense(2, 3, matrix)},
		{"testdata/types.npz", "uint8", []byte{1, 0, 0, 255}},
	} {
		f := openFile(t, test.path)
		r, err := f.entries[slices.Index(f.names, test.name)].Open()
		if err != nil {
			t.Fatal(err)
		}
		if want, err := io.ReadAll(r); err != nil || !bytes.Equal(encode(test.data), want) {
			t.Errorf("%s: got %q, want %q, %v", test.name, encode(test.data), want, err)
		}
	}
	want, err := os.ReadFile("testdata/written.npz")
	if got := written(t, small...); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q, %v", got, want, err)
	}
}

func TestRoundTrip(t *testing.T) {
	w := []float64{0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.MaxFloat64, math.Inf(1), math.NaN()}
	wide := mat.NewDense(4, 5, nil)
	wide.Apply(func(i, j int, _ float64) float64 { return float64(10*i + j) }, wide)
	f := parsed(t, written(t, Array{"w", mat.NewDense(2, 3, w)}, Array{"view", wide.Slice(1, 3, 2, 5)},
		Array{"empty", []float64{}}, Array{"text", []byte("{}\n\x00\xff")}, Array{"none", []byte{}}))
	if got, want := f.Names(), []string{"w", "view", "empty", "text", "none"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	checkFloats(t, f, "w", w, []int{2, 3})
	checkFloats(t, f, "view", []float64{12, 13, 14, 22, 23, 24}, []int{2, 3})
	checkFloats(t, f, "empty", nil, []int{0})
	checkInts(t, f, "text", []int{'{', '}', '\n', 0, 255}, []int{5})
	checkInts(t, f, "none", nil, []int{0})
}

// limited has room for a number of bytes.
type limited int

func (room *limited) Write(p []byte) (int, error) {
	n := min(int(*room), len(p))
	*room -= limited(n)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// Each write that the writer makes can fail.
func TestWriteFails(t *testing.T) {
	whole := len(written(t, small...))
	for size := range whole + 1 {
		room := limited(size)
		if err := Write(&room, small...); errors.Is(err, io.ErrShortWrite) != (size < whole) {
			t.Fatalf("with room for %d bytes of %d: error %v", size, whole, err)
		}
	}
}

// NumPy reads a file of this package, and this package reads NumPy's.
// NUMGRAD_NUMPY is a python3 that has NumPy.
func TestNumPy(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	folder := t.TempDir()
	values := []float64{0, math.Copysign(0, -1), math.Pi, math.MaxFloat64, math.Inf(-1), math.NaN(), math.SmallestNonzeroFloat64, 1. / 3}
	file := written(t, Array{"W", mat.NewDense(2, 4, values)}, Array{"b", values}, Array{"meta", []byte("{\"ß\": 1}")}, Array{"e", []float64{}})
	if err := os.WriteFile(filepath.Join(folder, "go.npz"), file, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", `
import numpy as np
p = np.load("go.npz")
for name in p:
    a = p[name]
    print(name, a.dtype, a.shape, a.tobytes().hex())
a = np.random.default_rng(0).standard_normal((3, 4, 5))
np.savez("c.npz", a=a)
np.savez_compressed("f.npz", a=np.asfortranarray(a), b=np.asfortranarray(a.astype(">f8")))
`)
	cmd.Dir = folder
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", python, err, got)
	}
	var bits []byte
	for _, v := range values {
		bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
	}
	want := fmt.Sprintf("W float64 (2, 4) %[1]x\nb float64 (8,) %[1]x\nmeta uint8 (9,) %[2]x\ne float64 (0,) \n", bits, "{\"ß\": 1}")
	if string(got) != want {
		t.Errorf("NumPy reads\n%swant\n%s", got, want)
	}
	plain, _, err := openFile(t, filepath.Join(folder, "c.npz")).Floats("a")
	if err != nil || len(plain) != 60 {
		t.Fatalf("%d numbers, %v", len(plain), err)
	}
	f := openFile(t, filepath.Join(folder, "f.npz"))
	checkFloats(t, f, "a", plain, []int{3, 4, 5})
	checkFloats(t, f, "b", plain, []int{3, 4, 5})
}
