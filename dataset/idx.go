package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"numgrad/internal/input"
)

// source is the content of an IDX file (http://yann.lecun.com/exdb/mnist/),
// which may be compressed. An IDX file has, in big-endian order, a magic number
// of four bytes (0, 0, the type of the elements, the number of dimensions), each
// dimension as an int32, and the elements.
type source struct {
	name string // for errors
	r    io.Reader
	size int64 // in bytes
}

// Bounds on the elements of a file: a multiple of the file's size, an amount
// that is always allowed, and a limit. MNIST's images expand five times.
const (
	roomFactor = 8
	freeRoom   = 16 << 20
	maxRoom    = 4 << 30
)

// read reads an IDX file of unsigned bytes with dims dimensions. All sizes are
// 1 or more.
func (s source) read(dims int) (sizes []int, elements []byte, err error) {
	if sizes, elements, err = s.readIDX(dims); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return sizes, elements, nil
}

func (s source) readIDX(dims int) (sizes []int, elements []byte, err error) {
	content := bufio.NewReaderSize(s.r, 64<<10)
	if magic, _ := content.Peek(2); string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(content)
		if err != nil {
			return nil, nil, fmt.Errorf("begins as gzip data: %w", err)
		}
		content = bufio.NewReaderSize(unzipped, 64<<10)
	}

	start, err := content.Peek(512)
	magic, headerSize := []byte{0, 0, 8, byte(dims)}, 4+4*dims
	switch {
	case input.IsHTML(start):
		return nil, nil, input.ErrHTML
	case len(start) >= len(magic) && !bytes.HasPrefix(start, magic):
		return nil, nil, fmt.Errorf("starts with the bytes % x, want % x: IDX, unsigned bytes, dimensions: %d", start[:len(magic)], magic, dims)
	case len(start) < headerSize:
		return nil, nil, fmt.Errorf("ends after %d bytes of a header of %d: %w", len(start), headerSize, input.Bare(err))
	}
	count := 1.0 // exact up to 2⁵³, and large beyond
	for i := range dims {
		sizes = append(sizes, int(int32(binary.BigEndian.Uint32(start[4+4*i:]))))
		count *= float64(sizes[i])
	}
	content.Discard(headerSize) // Peek has read it

	needed, says := count, fmt.Sprintf("header says %d labels", sizes[0])
	if dims == 3 {
		needed += 24 * float64(sizes[0]) // the slice of each image
		says = fmt.Sprintf("header says %d images of %d×%d", sizes[0], sizes[1], sizes[2])
	}
	if slices.Min(sizes) < 1 {
		return nil, nil, fmt.Errorf("%s, want at least one of each", says)
	}
	if needed > float64(min(roomFactor*s.size+freeRoom, maxRoom)) {
		return nil, nil, fmt.Errorf("%s, too many for a file of %d bytes: if it is compressed and sound, gunzip it", says, s.size)
	}
	var data bytes.Buffer
	data.Grow(int(count) + bytes.MinRead)
	if _, err := data.ReadFrom(io.LimitReader(content, int64(count)+1)); err != nil {
		return nil, nil, fmt.Errorf("%s, %.0f bytes, but reading stops after %d: %w", says, count, data.Len(), input.Bare(err))
	}
	switch n := data.Len(); {
	case n > int(count):
		return nil, nil, fmt.Errorf("%s, %.0f bytes, but more follow", says, count)
	case n < int(count):
		return nil, nil, fmt.Errorf("%s, %.0f bytes, but %d follow", says, count, n)
	}
	return sizes, data.Bytes(), nil
}

// IDX returns the set as two IDX files, compressed with gzip, which [Read] reads.
func (s *Set) IDX() (images, labels []byte) {
	classes := make([]byte, len(s.Labels))
	for i, label := range s.Labels {
		classes[i] = byte(label)
	}
	return compress(s.Images, s.Len(), s.Rows, s.Cols), compress([][]byte{classes}, s.Len())
}

// compress returns a compressed IDX file with the elements of parts.
func compress[T ~[]byte](parts []T, sizes ...int) []byte {
	header := []byte{0, 0, 8, byte(len(sizes))}
	for _, size := range sizes {
		header = binary.BigEndian.AppendUint32(header, uint32(size))
	}
	var file bytes.Buffer
	w, _ := gzip.NewWriterLevel(&file, gzip.BestSpeed) // the level is a valid one
	w.Write(header)                                    // a Buffer accepts every write
	for _, part := range parts {
		w.Write(part)
	}
	w.Close()
	return file.Bytes()
}
