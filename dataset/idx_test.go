package dataset

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/big"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// A file that compresses 1,000 times gets 16 MiB and 8 times its size, and an
// error for more.
func TestBombs(t *testing.T) {
	for _, test := range []struct {
		sizes []int32
		noise int // bytes at the start that do not compress
		good  bool
	}{
		{[]int32{16 << 20}, 0, true},
		{[]int32{17 << 20}, 0, false},
		{[]int32{18 << 20}, 1 << 18, true},
		{[]int32{20 << 20}, 1 << 18, false},
		{[]int32{1, 4096, 4096}, 0, true},
		{[]int32{1, 4096, 4400}, 0, false},
		{[]int32{1 << 20, 1, 1}, 0, false}, // 24 MiB of slices
	} {
		size := int32(1)
		for _, n := range test.sizes {
			size *= n
		}
		elements := make([]byte, size)
		rand.NewChaCha8([32]byte{}).Read(elements[:test.noise])
		file := gzipped(idxFile(elements, test.sizes...))
		_, _, err := readBounded(t, file, len(test.sizes))
		if (err == nil) != test.good {
			t.Errorf("%v in a file of %d bytes: error %v", test.sizes, len(file), err)
		}
	}
}

// readBounded reads an IDX file, and checks how much that allocates.
func readBounded(t *testing.T, file []byte, dims int) ([]int, []byte, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sizes, elements, err := readIDX(file, dims)
	runtime.ReadMemStats(&after)
	if allocated, bound := after.TotalAlloc-before.TotalAlloc, uint64(3*(roomFactor*len(file)+freeRoom)); allocated > bound {
		t.Fatalf("allocated %d bytes, want at most %d", allocated, bound)
	}
	return sizes, elements, err
}

// FuzzIDX reads any bytes as images and as labels, and compares with a reader
// that has the whole file at hand and integers that cannot overflow.
func FuzzIDX(f *testing.F) {
	twelve := []byte{0, 1, 2, 127, 128, 255, 9, 8, 7, 6, 5, 4}
	images, labels := idxFile(twelve, 2, 2, 3), idxFile(twelve, 12)
	for _, file := range [][]byte{
		images, images[:27], images[:15], append(images[:28:28], 0), labels, labels[:19], append(labels[:20:20], 0),
		idxFile(twelve, 4, 1<<30, 3), idxFile(twelve, 64, 1<<10, 1<<10), idxFile(twelve, -2, 2, -3), {}, []byte("<!DOCTYPE html>"),
	} {
		f.Add(file)
		compressed := gzipped(file)
		f.Add(compressed)
		f.Add(compressed[:len(compressed)-1])
		f.Add(append(compressed[:len(compressed):len(compressed)], compressed...)) // two members
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, dims := range []int{1, 3} {
			_, got, err := readBounded(t, file, dims)
			want, good := parse(t, file, dims)
			if (err == nil) != good || !bytes.Equal(got, want) {
				t.Fatalf("got %v, %v, want %v, %v", got, err, want, good)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Fatalf("more than one line: %v", err)
			}
		}
	})
}

// parse returns the elements of a file and whether the file is good.
func parse(t *testing.T, file []byte, dims int) (elements []byte, good bool) {
	if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		r, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			return nil, false
		}
		const most = 4 << 20
		if file, err = io.ReadAll(io.LimitReader(r, most)); err != nil {
			return nil, false
		}
		if len(file) == most {
			t.Skip("large")
		}
	}
	if len(file) < 4+4*dims || string(file[:4]) != string([]byte{0, 0, 8, byte(dims)}) {
		return nil, false
	}
	product := big.NewInt(1)
	for i := range dims {
		size := new(big.Int).SetBytes(file[4+4*i : 8+4*i])
		if size.Sign() == 0 || size.BitLen() > 31 {
			return nil, false
		}
		product.Mul(product, size)
	}
	elements = file[4+4*dims:]
	if product.Cmp(big.NewInt(int64(len(elements)))) != 0 {
		return nil, false
	}
	return elements, true
}
