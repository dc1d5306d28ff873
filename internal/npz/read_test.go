package npz

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// NumPy wrote the files in testdata: see make.py there.
func openFile(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// matrix is FLOATS of make.py.
var matrix = []float64{0, -1.5, 1e-3, math.Pi, -1e30, 6}

func TestTypes(t *testing.T) {
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
			for _, suffix := range []string{"", "_big"} {
				checkInts(t, f, dtype+suffix, []int{1, 0, ends[0], ends[1]}, []int{4})
				if got, shape, err := f.Describe(dtype + suffix); got != dtype || !slices.Equal(shape, []int{4}) || err != nil {
					t.Errorf("%s is described as %s %v, %v", dtype+suffix, got, shape, err)
				}
			}
		}
		single := make([]float64, len(matrix))
		for i, v := range matrix {
			single[i] = float64(float32(v))
		}
		for _, suffix := range []string{"", "_big", "_fortran"} {
			checkFloats(t, f, "float64"+suffix, matrix, []int{2, 3})
			checkFloats(t, f, "float32"+suffix, single, []int{2, 3})
		}
		if data, _, err := f.Bytes("uint8"); err != nil || string(data) != "\x01\x00\x00\xff" {
			t.Errorf("%s: uint8 as bytes is % x, %v", path, data, err)
		}
	}
}

func TestFloat16(t *testing.T) {
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
}

func TestNames(t *testing.T) {
	f := openFile(t, "testdata/names.npz")
	want := []string{"ß", "重み", "a/b", "with space"}
	if got := f.Names(); !slices.Equal(got, want) || f.Has("nobody") || !f.Has("ß") {
		t.Errorf("names %q, want %q", got, want)
	}
	for i, name := range want {
		checkFloats(t, f, name, slices.Repeat([]float64{1}, i+1), []int{i + 1})
	}
	if names := openFile(t, "testdata/nothing.npz").Names(); len(names) != 0 {
		t.Errorf("an empty file has the names %q", names)
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
	_, _, err := openFile(t, "testdata/shapes.npz").Floats("W1")
	checkError(t, "a missing array", err, `testdata/shapes.npz: has no array "W1", only "scalar one empty`)
	_, _, err = openFile(t, "testdata/object.npz").Floats("W1")
	checkError(t, "a dict without **", err,
		"testdata/object.npz: arr_0 is a Python object; if it was a dict, write np.savez(file, **params)")
}

// checkError checks that err is one line that holds want, or nil if want is "".
func checkError(t *testing.T, about string, err error, want string) {
	t.Helper()
	text := fmt.Sprint(err)
	if (err == nil) != (want == "") || err != nil && !strings.Contains(text, want) || strings.Contains(text, "\n") {
		t.Errorf("%s:\ngot  %s\nwant %s", about, text, want)
	}
}

func checkFloats(t *testing.T, f *File, name string, want []float64, wantShape []int) {
	t.Helper()
	got, shape, err := f.Floats(name)
	same := func(a, b float64) bool { return a == b || a != a && b != b }
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

// part is an entry of a zip file, with the directory's claims about it.
type part struct {
	name             string
	content          []byte // as it is in the file
	method           uint16
	crc              uint32
	compressed, size uint64
}

// stored is an entry as np.savez makes it.
func stored(name string, content []byte) part {
	n := uint64(len(content))
	return part{name, content, zip.Store, crc32.ChecksumIEEE(content), n, n}
}

// deflated is an entry as np.savez_compressed makes it.
func deflated(name string, content []byte) part {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		panic(err)
	}
	w.Write(content)
	w.Close()
	return part{name, b.Bytes(), zip.Deflate, crc32.ChecksumIEEE(content), uint64(b.Len()), uint64(len(content))}
}

// zipOf makes a zip file of parts. They may contradict themselves.
func zipOf(parts ...part) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		entry, err := w.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: p.method, CRC32: p.crc,
			CompressedSize64: p.compressed, UncompressedSize64: p.size,
		})
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

// npyOf makes an npy file of version 1.0.
func npyOf(dictionary string, data []byte) []byte {
	file := []byte(magic + "\x01\x00")
	file = binary.LittleEndian.AppendUint16(file, uint16(len(dictionary)+1))
	return append(append(append(file, dictionary...), '\n'), data...)
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
	dict := func(text string) []byte { return one(npyOf(text, make([]byte, 24))) }
	whole := one(good)
	within := stored("x.npy", good)
	within.compressed += 60
	within.size += 60
	const broken = `array "x" cannot be read: `

	list := []fault{
		{"no bytes", nil, `is not an npz file: it starts with ""`},
		{"text", []byte("epoch,loss"), `is not an npz file: it starts with "epoch,"`},
		{"a web page", []byte("<!DOCTYPE html>"), `is a web page`},
		{"an npy file", good, "is a single array (.npy), want a file of named arrays (.npz)"},
		{"half a zip file", whole[:len(whole)/2], "is a damaged zip file, perhaps cut off: "},
		{"no start", whole[1:], broken},
		{"one within the other", zipOf(within, stored("y.npy", good)), broken},
		{"a file of another kind", zipOf(stored("x.txt", good)), `holds "x.txt", want arrays only, with names that end in .npy`},
		{"the same name twice", zipOf(stored("x.npy", good), stored("x.npy", good)), `holds the array "x" twice`},
		{"longer than the file", with(stored("x.npy", good), func(p *part) { p.compressed = 1 << 20 }), broken},
		{"checksum", with(stored("x.npy", good), func(p *part) { p.crc++ }), broken + "zip: checksum error"},
		{"compressed by bzip2", with(stored("x.npy", good), func(p *part) { p.method = 12 }), broken + "zip: unsupported compression algorithm"},
		{"not deflated", with(stored("x.npy", good), func(p *part) { p.method = 8 }), broken},
		{"noise", with(deflated("x.npy", good), func(p *part) { p.content[0] |= 6 }), broken + "flate: corrupt input"},
		{"more than its entry", with(stored("x.npy", npyFile("<f8", "(4,)", make([]byte, 24))), func(p *part) { p.size += 8 }), broken},
		{"less than its entry", with(stored("x.npy", npyFile("<f8", "(2,)", make([]byte, 24))), func(p *part) { p.size -= 8 }), broken},
		{"a lie of a terabyte", with(deflated("x.npy", npyFile("|u1", "(1099511627776,)", nil)), func(p *part) { p.size += 1 << 40 }),
			`array "x" expands to 1099511627856 bytes, more than`},

		{"no npy file", one([]byte("hello, world")), broken + `it starts with "hello, w", want an npy file`},
		{"an empty entry", one(nil), broken + `it starts with ""`},
		{"half a length", one([]byte(magic + "\x02\x00\x10\x00")), broken + "it starts with"},
		{"a header of 4 GiB", one([]byte(magic + "\x02\x00\xff\xff\xff\xff")), broken + "its header has 4294967295 bytes, want at most 0"},
		{"half a header", one(good[:20]), broken + "its header has 58 bytes, want at most 10"},
		{"no shape", dict("{'descr': '<f8', 'fortran_order': False, }"), broken + "its header"},
		{"order of 1", dict("{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}"), broken + "its header"},
	}
	for shape, want := range map[string]string{
		"(3.0,)":                      "its header is",
		"(,)":                         "its header is",
		"(9999999999999999999,)":      "value out of range",
		"(-1, -3)":                    "its header is",
		"(2,)":                        "has shape [2], 16 bytes, but holds 24",
		"()":                          "has shape [], 8 bytes, but holds 24",
		"(4611686018427387904, 4, 3)": "has shape [4611686018427387904 4 3], 442721857769029238784 bytes", // 0 in 64 bits
		"(6148914691236517206, 1)":    "has shape [6148914691236517206 1], 49191317529892134912 bytes",    // 3·8 more than 2⁶⁴
		"(0, 4611686018427387904, 4)": "has shape [0 4611686018427387904 4], 0 bytes, but holds 24",
	} {
		list = append(list, fault{"shape " + shape, one(npyFile("<f8", shape, make([]byte, 24))), want})
	}
	for _, descr := range []string{"|f8", "f8", "=f8", "<", "", "<f16", "<i8"} {
		list = append(list, fault{"type " + descr, one(npyFile(descr, "(3,)", make([]byte, 24))), `want float16, float32 or float64`})
	}
	return list
}

// The path stands in front of each error, once.
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
			f.Close()
		}
		want := path + ": "
		if !strings.HasPrefix(test.want, "is ") {
			want = ""
		}
		checkError(t, test.name, err, want+test.want)
		if err == nil || strings.Count(err.Error(), path) != 1 || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %v does not start with %s, or repeats it", test.name, err, path)
		}
	}
	for _, path := range []string{folder, os.DevNull, filepath.Join(folder, "missing.npz")} {
		_, err := Open(path)
		checkError(t, path, err, path+": ")
	}
}

// FuzzFile reads any bytes as an npz file.
func FuzzFile(f *testing.F) {
	f.Add(zipOf(stored("W1.npy", npyFile("<f4", "(1, 2)", make([]byte, 8))), deflated("t.npy", npyFile("|u1", "(3,)", []byte{0, 1, 2}))))
	for _, fault := range faults() {
		f.Add(fault.file)
	}
	f.Fuzz(checkFile)
}

// FuzzArray reads any bytes as an npy file within a sound npz file.
func FuzzArray(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00F\x00{'descr': '>u2', 'fortran_order': True, 'shape': (2, 1, 2), }           \n\x00\x01\x02\x03\x04\x05\x06\x07"), true)
	f.Add(npyFile("|b1", "(3,)", []byte{0, 1, 2}), false)
	f.Add(npyFile("<f2", "()", []byte{0, 1}), false)
	for _, shape := range []string{"(3.0,)", "(,)", "(-1, -3)", "(4611686018427387904, 4, 3)", "(0, 3)"} {
		f.Add(npyFile("<f8", shape, make([]byte, 24)), true)
	}
	f.Fuzz(func(t *testing.T, content []byte, compressed bool) {
		p := stored("x.npy", content)
		if compressed {
			p = deflated("x.npy", content)
		}
		checkFile(t, zipOf(p))
	})
}

// checkFile reads everything in file in each way. It checks that errors are
// one line and that memory is in proportion to the file.
func checkFile(t *testing.T, file []byte) {
	t.Helper()
	var before, after runtime.MemStats
	bounded := func(read func() error) error {
		t.Helper()
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
	bounded(func() (err error) { f, err = NewReader(bytes.NewReader(file), int64(len(file))); return err })
	if f == nil {
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

func TestManyEntries(t *testing.T) {
	for _, n := range []int{maxEntries, maxEntries + 1} {
		var parts []part
		for i := range n {
			parts = append(parts, part{name: fmt.Sprintf("%05d.npy", i)})
		}
		file := zipOf(parts...)
		if _, err := NewReader(bytes.NewReader(file), int64(len(file))); (err == nil) != (n <= maxEntries) {
			t.Errorf("%d arrays: error %v", n, err)
		}
	}
}

// A large file gets 8 times its size more.
func TestBoundGrows(t *testing.T) {
	for size, want := range map[int]string{18 << 20: "", 20 << 20: "more than a file of this size may take"} {
		data := make([]byte, size)
		rand.NewChaCha8([32]byte{}).Read(data[:1<<18]) // does not compress
		file := zipOf(deflated("x.npy", npyFile("|u1", fmt.Sprintf("(%d,)", size), data)))
		f, err := NewReader(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			_, _, err = f.Bytes("x")
		}
		checkError(t, fmt.Sprint(size), err, want)
	}
}

// A small file gets 16 MiB in all, and an error for more.
func TestBombs(t *testing.T) {
	const half = 1 << 20 // of the numbers in 16 MiB
	zeros := npyFile("<f8", "(1048576,)", make([]byte, 8*half))
	file := zipOf(deflated("a.npy", zeros), deflated("b.npy", zeros), deflated("c.npy", npyFile("|u1", "(1048576,)", make([]byte, half))))
	f, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		_, _, err := f.Floats(name)
		checkError(t, name, err, "")
	}
	_, _, err = f.Ints("c")
	checkError(t, "c", err, `array "c" expands to 25165824 bytes, more than`)
}
