package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"numgrad/internal/input"
)

// Memory for a compressed file: a multiple of its size, and an amount that any
// file gets. MNIST's images expand five times.
const (
	roomFactor = 8
	freeRoom   = 16 << 20
)

// readIDX reads an IDX file (http://yann.lecun.com/exdb/mnist/) of unsigned
// bytes with dims dimensions. The file, which may be compressed, has in
// big-endian order a magic number of four bytes (0, 0, the type of the elements,
// the number of dimensions), each dimension as an int32, and the elements. All
// sizes are 1 or more.
func readIDX(file []byte, dims int) (sizes []int, elements []byte, err error) {
	content, room := file, roomFactor*len(file)+freeRoom
	if bytes.HasPrefix(file, []byte("\x1f\x8b")) {
		var unzipped bytes.Buffer
		r, err := gzip.NewReader(bytes.NewReader(file))
		if err == nil {
			size := binary.LittleEndian.Uint32(file[len(file)-4:]) // of a sound file, if it has less than 4 GiB
			unzipped.Grow(int(min(int64(size), int64(room))) + bytes.MinRead)
			_, err = unzipped.ReadFrom(io.LimitReader(r, int64(room)+1))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("is damaged gzip data: %w", err)
		}
		if content = unzipped.Bytes(); len(content) > room {
			return nil, nil, fmt.Errorf("expands from %d to more than %d bytes: if it is sound, gunzip it", len(file), room)
		}
	}

	magic, headerSize := []byte{0, 0, 8, byte(dims)}, 4+4*dims
	switch {
	case input.IsHTML(content):
		return nil, nil, input.ErrHTML
	case len(content) >= len(magic) && !bytes.HasPrefix(content, magic):
		return nil, nil, fmt.Errorf("starts with the bytes % x, want % x: IDX, unsigned bytes, dimensions: %d", content[:len(magic)], magic, dims)
	case len(content) < headerSize:
		return nil, nil, fmt.Errorf("has %d bytes, fewer than the header of an IDX file", len(content))
	}
	product := 1.0 // exact up to 2⁵³, and large beyond
	for i := range dims {
		sizes = append(sizes, int(int32(binary.BigEndian.Uint32(content[4+4*i:]))))
		product *= float64(sizes[i])
	}
	elements = content[headerSize:]
	switch {
	case slices.Min(sizes) < 1:
		return nil, nil, fmt.Errorf("has the sizes %d in its header, want 1 or more", sizes)
	case product != float64(len(elements)):
		return nil, nil, fmt.Errorf("has the sizes %d in its header, %.0f bytes, but %d follow", sizes, product, len(elements))
	case dims == 3 && 24*sizes[0] > room: // a slice for each image
		return nil, nil, fmt.Errorf("has %d images, too many for %d bytes: if it is compressed and sound, gunzip it", sizes[0], len(file))
	}
	return sizes, elements, nil
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
