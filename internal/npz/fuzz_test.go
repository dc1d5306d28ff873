package npz

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npy"
)

// FuzzFile reads any bytes as an npz file.
func FuzzFile(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.npz")
	if err != nil || len(paths) == 0 {
		f.Fatal("no files of NumPy: ", err)
	}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	for _, fault := range faults() {
		f.Add(fault.file)
	}
	f.Fuzz(checkFile)
}

// checkFile reads all that file holds, in each way, and checks what that
// allocates, and that an error is one line.
func checkFile(t *testing.T, file []byte) {
	t.Helper()
	var f *File
	var err error
	checkAllocated(t, "opening", 10*len(file), func() { f, err = NewReader(bytes.NewReader(file), int64(len(file))) })
	checkLine(t, err)
	if err != nil {
		return
	}
	for i, name := range f.names {
		size := expanded(f.entries[i])
		if size > 64<<20 {
			t.Skip("large")
		}
		checkArray(t, f, name, size)
	}
}

// expanded returns how many bytes of an entry there are, whatever the zip file
// says of them.
func expanded(entry *zip.File) int {
	content, err := entry.Open()
	if err != nil {
		return 0
	}
	defer content.Close()
	n, _ := io.Copy(io.Discard, content)
	return int(n)
}

// checkArray reads an array of size bytes in each way, and returns what it
// holds, as far as it can be read.
func checkArray(t *testing.T, f *File, name string, size int) (numbers []float64, labels []int, shape []int) {
	t.Helper()
	var octets []byte
	for _, way := range []struct {
		name string
		read func() (int, []int, error)
	}{
		{"Floats", func() (n int, s []int, err error) { numbers, s, err = f.Floats(name); return len(numbers), s, err }},
		{"Ints", func() (n int, s []int, err error) { labels, s, err = f.Ints(name); return len(labels), s, err }},
		{"Bytes", func() (n int, s []int, err error) { octets, s, err = f.Bytes(name); return len(octets), s, err }},
	} {
		var n int
		var got []int
		var err error
		checkAllocated(t, way.name, 8*size, func() { n, got, err = way.read() })
		checkLine(t, err)
		if err != nil {
			continue
		}
		shape = got
		if product := (header{shape: shape}).count(); n != product || n > size {
			t.Fatalf("%s: %d elements of shape %v in %d bytes", way.name, n, shape, size)
		}
		_, described, err := f.Describe(name)
		if err != nil || !slices.Equal(described, shape) {
			t.Fatalf("%s: shape %v, described as %v, %v", way.name, shape, described, err)
		}
	}
	for i, b := range octets {
		if labels[i] != int(b) {
			t.Fatalf("element %d is %d as a byte, %d as an int", i, b, labels[i])
		}
	}
	return numbers, labels, shape
}

// FuzzArray reads any bytes as an npy file that has come into an npz file in
// good order, and compares what can be read with what npyio reads.
func FuzzArray(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00F\x00{'descr': '>u2', 'fortran_order': True, 'shape': (2, 1, 2), }           \n\x00\x01\x02\x03\x04\x05\x06\x07"), true)
	f.Add(npyFile("|b1", "(3,)", []byte{0, 1, 2}), false)
	f.Add(npyFile("<f4", "()", []byte{0, 0, 192, 127}), false)
	for _, path := range []string{"types.npz", "shapes.npz", "versions.npz", "refused.npz"} {
		r, err := zip.OpenReader("testdata/" + path)
		if err != nil {
			f.Fatal(err)
		}
		defer r.Close()
		addEntries(f, r.File)
	}
	for _, fault := range faults() {
		r, err := zip.NewReader(bytes.NewReader(fault.file), int64(len(fault.file)))
		if err == nil {
			addEntries(f, r.File)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, compressed bool) {
		p := stored("x.npy", content)
		if compressed {
			p = deflated("x.npy", content)
		}
		zipped := zipOf(p)
		file, err := NewReader(bytes.NewReader(zipped), int64(len(zipped)))
		if err != nil {
			t.Fatal(err)
		}
		numbers, labels, shape := checkArray(t, file, "x", len(content))
		compare(t, content, shape, numbers, labels)
	})
}

func addEntries(f *testing.F, entries []*zip.File) {
	for i, entry := range entries {
		r, err := entry.Open()
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(io.LimitReader(r, 1<<16))
		f.Add(content, i%2 == 0)
	}
}

// compare compares what was read from an npy file with what npyio makes of it,
// which does not read all of the format, and may panic.
func compare(t *testing.T, content []byte, shape []int, numbers []float64, labels []int) {
	t.Helper()
	if len(shape) == 0 {
		return // also where nothing could be read: npyio makes room for any header
	}
	defer func() { recover() }()
	r, err := npy.NewReader(bytes.NewReader(content))
	if err != nil {
		return
	}
	switch descr := r.Header.Descr; strings.Trim(descr.Type, "'<>|") {
	case "f8":
		same(t, r, shape, numbers, func(v float64) float64 { return v })
	case "f4":
		same(t, r, shape, numbers, func(v float32) float64 { return float64(v) })
	case "i1":
		same(t, r, shape, labels, func(v int8) int { return int(v) })
	case "i2":
		same(t, r, shape, labels, func(v int16) int { return int(v) })
	case "i4":
		same(t, r, shape, labels, func(v int32) int { return int(v) })
	case "i8":
		same(t, r, shape, labels, func(v int64) int { return int(v) })
	case "u1":
		same(t, r, shape, labels, func(v uint8) int { return int(v) })
	case "u2":
		same(t, r, shape, labels, func(v uint16) int { return int(v) })
	case "u4":
		same(t, r, shape, labels, func(v uint32) int { return int(v) })
	case "u8":
		same(t, r, shape, labels, func(v uint64) int { return int(v) })
	}
}

// same compares got, in row-major order, with what r holds in its own.
func same[T, U comparable](t *testing.T, r *npy.Reader, shape []int, got []U, convert func(T) U) {
	t.Helper()
	var want []T
	if err := r.Read(&want); err != nil {
		return
	}
	if len(want) != len(got) {
		t.Errorf("%d elements, want %d", len(got), len(want))
		return
	}
	for i, v := range want {
		at := i
		if r.Header.Descr.Fortran {
			at = rowMajor(i, shape)
		}
		if w := convert(v); got[at] != w && w == w {
			t.Errorf("element %d is %v, want %v", at, got[at], w)
		}
	}
}

// rowMajor returns the place by rows of what is i-th by columns.
func rowMajor(i int, shape []int) int {
	index := make([]int, len(shape))
	for axis, dim := range shape {
		index[axis], i = i%dim, i/dim
	}
	place := 0
	for axis, dim := range shape {
		place = place*dim + index[axis]
	}
	return place
}

// A directory of a zip file lists an entry in 46 bytes and its name.
func TestManyEntries(t *testing.T) {
	for _, n := range []int{maxEntries, maxEntries + 1, 60_000} {
		var parts []part
		for i := range n {
			parts = append(parts, part{name: fmt.Sprintf("%05d.npy", i)})
		}
		file := zipOf(parts...)
		checkFile(t, file)
		_, err := NewReader(bytes.NewReader(file), int64(len(file)))
		if (err == nil) != (n <= maxEntries) {
			t.Errorf("%d arrays: error %v", n, err)
		}
		const localHeader = 30 + len("00000.npy")
		checkFile(t, file[n*localHeader:]) // the directory alone
	}
}

// What arrays of some size take in memory is in proportion to them.
func TestAllocations(t *testing.T) {
	data := make([]byte, 1<<20)
	for descr, size := range map[string]int{"|b1": 1, "|u1": 1, "<i2": 2, "<f4": 4, "<u4": 4, "<f8": 8} {
		for _, fortran := range []string{"False", "True"} {
			content := npyOf(fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (1024, %d)}", descr, fortran, len(data)/1024/size), data)
			for _, file := range [][]byte{zipOf(stored("x.npy", content)), zipOf(deflated("x.npy", content))} {
				f, err := NewReader(bytes.NewReader(file), int64(len(file)))
				if err != nil {
					t.Fatal(err)
				}
				numbers, labels, _ := checkArray(t, f, "x", len(content))
				if n := len(data) / size; len(numbers) != n && len(labels) != n {
					t.Errorf("%s: %d and %d elements, want %d", descr, len(numbers), len(labels), n)
				}
			}
		}
	}
}

func checkLine(t *testing.T, err error) {
	t.Helper()
	if err != nil && (strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) || len(err.Error()) > 1000) {
		t.Fatalf("the error is no line to print: %q", err)
	}
}

func checkAllocated(t *testing.T, what string, bound int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if allocated := int(after.TotalAlloc - before.TotalAlloc); allocated > bound+1<<20 {
		t.Fatalf("%s allocates %d bytes, want at most %d and 1 MiB", what, allocated, bound)
	}
}
