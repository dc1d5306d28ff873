package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"testing"
	"testing/iotest"
)

// idxFile returns an IDX file of unsigned bytes.
func idxFile(elements []byte, dims ...int32) []byte {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, dim := range dims {
		file = binary.BigEndian.AppendUint32(file, uint32(dim))
	}
	return append(file, elements...)
}

// gzipped returns data as a gzip file.
func gzipped(data []byte) []byte {
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	w.Write(data)
	w.Close()
	return file.Bytes()
}

// A failing disk is told once, without the file's name: that is in front.
func TestReadErrorHasNoPath(t *testing.T) {
	broken := &fs.PathError{Op: "read", Path: "/some/file", Err: errors.New("input/output error")}
	file := idxFile(make([]byte, 12), 2, 2, 3)
	for _, test := range []struct {
		good int // bytes that can be read
		want string
	}{
		{0, "input/output error"},
		{5, "input/output error"},
		{16, "header says 2 images of 2×3 (12 bytes), reading them stops after 0: input/output error"},
		{20, "header says 2 images of 2×3 (12 bytes), reading them stops after 4: input/output error"},
		{28, "header says 2 images of 2×3 (12 bytes), reading them stops after 12: input/output error"},
	} {
		x, err := newIDX(io.MultiReader(bytes.NewReader(file[:test.good]), iotest.ErrReader(broken)), int64(len(file)), 3)
		if err == nil {
			_, err = x.images()
		}
		if err == nil || err.Error() != test.want {
			t.Errorf("after %d bytes: got %v, want %s", test.good, err, test.want)
		}
	}
}

// The way in which a reader hands out its bytes does not matter.
func TestReadInPieces(t *testing.T) {
	pixels := make([]byte, 300*300)
	for i := range pixels {
		pixels[i] = byte(i * i >> 8)
	}
	file := idxFile(pixels, 300, 25, 12)
	for name, r := range map[string]io.Reader{
		"one byte":      iotest.OneByteReader(bytes.NewReader(file)),
		"half":          iotest.HalfReader(bytes.NewReader(file)),
		"data with EOF": iotest.DataErrReader(bytes.NewReader(file)),
	} {
		x, err := newIDX(r, int64(len(file)), 3)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		images, err := x.images()
		var got []byte
		for _, image := range images {
			got = append(got, image...)
		}
		if err != nil || len(images) != 300 || !bytes.Equal(got, pixels) {
			t.Errorf("%s: got %d images, or other pixels, %v", name, len(images), err)
		}
	}
}
