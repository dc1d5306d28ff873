package npz

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"codeberg.org/sbinet/npyio/npy"

	"numgrad/internal/input"
)

// maxHeader is the length in bytes up to which NumPy reads a header, too
// (numpy/lib/format.py, _MAX_HEADER_SIZE).
const maxHeader = 10000

// header is what an npy file says of its array.
type header struct {
	size     int64  // bytes of the header itself
	dtype    string // float64, int8, …, object
	itemSize int    // bytes of a number
	shape    []int
	fortran  bool
}

// readHeader reads the start of an npy file, of the versions 1 and 2 of the
// format. (NumPy writes version 3 for records alone, which are not read.)
func readHeader(r *bufio.Reader) (h header, file *npy.Reader, err error) {
	start, err := r.Peek(12)
	if err == nil {
		h.size = headerSize(start)
		if h.size > maxHeader {
			return h, nil, fmt.Errorf("has a header of %d bytes, want at most %d", h.size, maxHeader)
		}
		_, err = r.Peek(int(h.size)) // npyio has nothing to wait for
	}
	if err == io.EOF {
		return h, nil, errors.New("ends within its header")
	} else if err != nil {
		return h, nil, err
	}
	file, err = newReader(r)
	if err != nil {
		return h, nil, fmt.Errorf("has no header that is read here: %s", input.Quote(err.Error()))
	}
	d := file.Header.Descr
	h.dtype, h.shape, h.fortran = fmt.Sprintf("the type %.100q", strings.Trim(d.Type, "'")), d.Shape, d.Fortran
	if match := codes.FindStringSubmatch(d.Type); match != nil {
		h.dtype = dtypes[match[1]+match[2]]
		h.itemSize = int(npy.TypeFrom(d.Type).Size())
	}
	return h, file, nil
}

// headerSize returns the bytes of the header that starts so, as far as npyio
// reads it.
func headerSize(start []byte) int64 {
	switch start[6] { // the version
	case 1:
		return 10 + int64(binary.LittleEndian.Uint16(start[8:]))
	case 2:
		return 12 + int64(binary.LittleEndian.Uint32(start[8:]))
	}
	return 8
}

// newReader is npy.NewReader, which panics where a header is not as expected.
func newReader(r *bufio.Reader) (file *npy.Reader, err error) {
	defer func() {
		if recover() != nil {
			file, err = nil, errors.New("it is not like {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }")
		}
	}()
	return npy.NewReader(r)
}

// The types of numbers, by NumPy's codes: a byte order, which is | where there
// is none, the kind and the size in bytes.
var (
	codes  = regexp.MustCompile(`^'(?:[<>]([iuf][248])|\|([biu]1|O))'$`)
	dtypes = map[string]string{
		"b1": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
		"u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
		"f2": "float16", "f4": "float32", "f8": "float64",
		"O": "object",
	}
)

// check returns an error unless the shape takes as many bytes as follow the
// header.
func (h header) check(follow int64) error {
	size := float64(h.itemSize) // exact up to 2⁵³, and large beyond
	for _, n := range h.shape {
		if n < 0 {
			return fmt.Errorf("has shape %v, want the size of each dimension, 0 or more", h.shape)
		}
		size *= float64(n)
	}
	if size != float64(follow) {
		return fmt.Errorf("has shape %v, %.0f bytes, but holds %d", h.shape, size, follow)
	}
	return nil
}

// byRows returns the index in row-major order of what is the i-th element of
// the file.
func (h header) byRows(i int) int {
	if !h.fortran {
		return i
	}
	at, stride := 0, 1
	for _, n := range h.shape {
		stride *= n
	}
	for _, n := range h.shape { // the first varies fastest
		stride /= n
		at += i % n * stride
		i /= n
	}
	return at
}
