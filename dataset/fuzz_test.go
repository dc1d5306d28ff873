package dataset

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"math/big"
	"runtime"
	"strings"
	"testing"
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

func FuzzImages(f *testing.F) {
	for _, seed := range hostile() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		checkImages(t, file, true, 10*len(file), func(s *Set) error { return s.readImages(bytes.NewReader(file)) })
	})
}

func FuzzLabels(f *testing.F) {
	for _, seed := range hostile() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var s Set
		var err error
		allocated := allocatedBy(func() { err = s.readLabels(bytes.NewReader(file)) })
		checkAllocated(t, allocated, 10*len(file))

		want, good := parseIDX(file, 1)
		checkVerdict(t, err, good)
		if err != nil {
			return
		}
		if len(s.Labels) != len(want) {
			t.Fatalf("got %d labels, want %d", len(s.Labels), len(want))
		}
		for i, label := range s.Labels {
			if byte(label) != want[i] {
				t.Fatalf("label %d is %d, want %d", i, label, want[i])
			}
		}
	})
}

func FuzzGzip(f *testing.F) {
	for _, seed := range hostile() {
		file := gzipped(seed)
		f.Add(file)
		f.Add(file[:len(file)-1])
		f.Add(append(file[:len(file):len(file)], "more"...))
		f.Add(append(file[:len(file):len(file)], file...)) // two members
		f.Add(seed)                                        // not compressed
	}
	f.Add(gzipped(idxFile(make([]byte, 1<<20), 1<<10, 1<<5, 1<<5))) // zeros: 1000 times smaller
	f.Fuzz(func(t *testing.T, file []byte) {
		// What the decompressor itself allocates is not ours to bound.
		var size int64
		var gzipErr error
		base := allocatedBy(func() { size, gzipErr = gunzip(io.Discard, file) })
		if size > 16<<20 {
			t.Skip("large")
		}
		var content bytes.Buffer
		gunzip(&content, file)

		checkImages(t, content.Bytes(), gzipErr == nil, base+10*(len(file)+content.Len()), func(s *Set) error {
			r, err := uncompressed(bytes.NewReader(file))
			if err != nil {
				return err
			}
			return s.readImages(r)
		})
	})
}

// checkImages calls read, which reads a file whose content is given, and checks
// what it says and how much it allocates. The content of a file that is not sound must
// not be accepted.
func checkImages(t *testing.T, content []byte, sound bool, bound int, read func(*Set) error) {
	t.Helper()
	var s Set
	var err error
	allocated := allocatedBy(func() { err = read(&s) })
	const sliceHeader = 24 // bytes that an image takes in Images, however small it is
	checkAllocated(t, allocated, bound+sliceHeader*s.Len())

	want, good := parseIDX(content, 3)
	checkVerdict(t, err, good && sound)
	if err != nil {
		return
	}
	var got []byte
	for i, image := range s.Images {
		if len(image) != s.Size() || cap(image) != s.Size() {
			t.Fatalf("image %d has length %d and capacity %d, want %d", i, len(image), cap(image), s.Size())
		}
		got = append(got, image...)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("got pixels %v, want %v", got, want)
	}
	if header := idxFile(nil, int32(s.Len()), int32(s.Rows), int32(s.Cols)); !bytes.HasPrefix(content, header) {
		t.Fatalf("got %d images of %d×%d, header is % x", s.Len(), s.Rows, s.Cols, content[:16])
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

func checkAllocated(t *testing.T, allocated, bound int) {
	t.Helper()
	if bound += 1 << 20; allocated > bound {
		t.Fatalf("allocated %d bytes, want at most %d", allocated, bound)
	}
}

func allocatedBy(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// parseIDX returns the elements of a file that is a good one: in integers that
// cannot overflow, and with the whole file at hand.
func parseIDX(file []byte, dims int) (elements []byte, good bool) {
	if len(file) < 4+4*dims || string(file[:4]) != string([]byte{0, 0, 8, byte(dims)}) {
		return nil, false
	}
	product := big.NewInt(1)
	for i := range dims {
		dim := new(big.Int).SetBytes(file[4+4*i : 8+4*i])
		if dim.Sign() == 0 || dim.BitLen() > 31 {
			return nil, false
		}
		product.Mul(product, dim)
	}
	elements = file[4+4*dims:]
	return elements, product.Cmp(big.NewInt(int64(len(elements)))) == 0
}

// gunzip writes the content of a file, which is the file itself if it does not
// begin as gzip does, and no more than 16 MiB and a byte of it.
func gunzip(w io.Writer, file []byte) (size int64, err error) {
	var r io.Reader = bytes.NewReader(file)
	if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return 0, err
		}
	}
	return io.Copy(w, io.LimitReader(r, 16<<20+1))
}
