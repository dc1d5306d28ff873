package npz

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// FuzzFile reads any bytes as an npz file. Its seeds are small ones: a large
// one is all that the fuzzer would have time for.
func FuzzFile(f *testing.F) {
	f.Add(zipOf(stored("W1.npy", npyFile("<f4", "(1, 2)", make([]byte, 8))), deflated("t.npy", npyFile("|u1", "(3,)", []byte{0, 1, 2}))))
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
	checkLine(t, len(file), func() (err error) { f, err = NewReader(bytes.NewReader(file), int64(len(file))); return err })
	if f == nil {
		return
	}
	for _, name := range f.Names() {
		var dtype string
		var shape, got []int
		checkLine(t, len(file), func() (err error) { dtype, shape, err = f.Describe(name); return err })
		for _, read := range []func() (int, error){
			func() (n int, err error) { data, s, err := f.Floats(name); got = s; return len(data), err },
			func() (n int, err error) { data, s, err := f.Ints(name); got = s; return len(data), err },
			func() (n int, err error) { data, s, err := f.Bytes(name); got = s; return len(data), err },
		} {
			var n int
			err := checkLine(t, len(file), func() (err error) { n, err = read(); return err })
			if err == nil && (n != product(got) || !slices.Equal(got, shape)) {
				t.Fatalf("%d elements of shape %v, described as %s %v", n, got, dtype, shape)
			}
		}
	}
}

func product(shape []int) int {
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	return n
}

// checkLine calls read, which reads of a file of size bytes, and returns its
// error, if it is one line. What is allocated must be in proportion to the file.
func checkLine(t *testing.T, size int, read func() error) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read()
	runtime.ReadMemStats(&after)
	if allocated, bound := after.TotalAlloc-before.TotalAlloc, uint64(10*size+64<<20); allocated > bound {
		t.Fatalf("allocates %d bytes, want at most %d", allocated, bound)
	}
	if text := errorText(err); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) || len(text) > 1000 {
		t.Fatalf("the error is no line to print: %q", text)
	}
	return err
}

// FuzzArray reads any bytes as an npy file that has come into an npz file in
// good order.
func FuzzArray(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00F\x00{'descr': '>u2', 'fortran_order': True, 'shape': (2, 1, 2), }           \n\x00\x01\x02\x03\x04\x05\x06\x07"), true)
	f.Add(npyFile("|b1", "(3,)", []byte{0, 1, 2}), false)
	f.Add(npyFile("<f4", "()", []byte{0, 0, 192, 127}), false)
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
		checkFile(t, zipOf(p))
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

// A small file that asks for much is refused by its headers, before there is
// memory for it. What it may ask for, it gets.
func TestBombs(t *testing.T) {
	for _, test := range []struct {
		descr, shape string
		size         int // bytes of zeros
		want         string
	}{
		{"|i1", "(784, 80000)", 784 * 80000, `array "x" expands from 61055 bytes to 62720000 numbers, more than the 2158315 that a file of this size may hold: ` +
			`np.savez, which does not compress, is read`},
		{"<f8", "(784, 2500)", 8 * 784 * 2500, ""},
	} {
		file := zipOf(deflated("x.npy", npyFile(test.descr, test.shape, make([]byte, test.size))))
		checkFile(t, file)
		f, err := NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(test.descr, "i") {
			_, _, err = f.Ints("x")
		} else {
			_, _, err = f.Floats("x")
		}
		if got := errorText(err); got != test.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", test.descr, test.shape, got, test.want)
		}
	}
}

// Many arrays have together what one may have.
func TestBombOfMany(t *testing.T) {
	zeros := npyFile("|u1", "(1048576,)", make([]byte, 1<<20))
	file := zipOf(deflated("a.npy", zeros), deflated("b.npy", zeros), deflated("c.npy", zeros))
	f, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if _, _, err := f.Bytes(name); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := f.Bytes("c"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("the third array of 1 Mi: error %v", err)
	}
}
