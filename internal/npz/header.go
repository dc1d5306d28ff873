package npz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const magic = "\x93NUMPY"

// maxHeader is the length in bytes up to which NumPy reads a header, too
// (numpy/lib/format.py, _MAX_HEADER_SIZE).
const maxHeader = 10000

// header is what an npy file says of its array.
type header struct {
	size    int64  // bytes of the header itself
	descr   string // NumPy's name for the type in memory, such as <f8
	shape   []int
	fortran bool
}

// dictionary is the Python literal in a header, as NumPy and the other writers
// of the format put it, with the keys sorted.
var dictionary = regexp.MustCompile(
	`^\{\s*'descr':\s*(.+),\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([^()]*)\),?\s*\}\s*$`)

// readHeader reads the start of an npy file.
func readHeader(r io.Reader) (header, error) {
	literal, size, err := readLiteral(r)
	if err != nil {
		return header{}, err
	}
	match := dictionary.FindStringSubmatch(literal)
	if match == nil {
		return header{}, fmt.Errorf("has the header %.100q, want {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", literal)
	}
	h := header{size: size, descr: match[1], fortran: match[2] == "True"}
	if n := len(h.descr); n > 2 && h.descr[0] == '\'' && h.descr[n-1] == '\'' {
		h.descr = h.descr[1 : n-1]
	}
	h.shape, err = parseShape(match[3])
	return h, err
}

// readLiteral returns the dictionary of a header, and the size of all of it.
// Version 1 has a length of two bytes, 2 and 3 of four; in 3 the text may be
// UTF-8, in field names that are not for us.
func readLiteral(r io.Reader) (literal string, size int64, err error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil {
		return "", 0, shortHeader(err)
	}
	major, minor := start[len(magic)], start[len(magic)+1]
	if !strings.HasPrefix(string(start), magic) {
		return "", 0, fmt.Errorf("starts with %q, want %q", start[:len(magic)], magic)
	}
	if major < 1 || major > 3 || minor != 0 {
		return "", 0, fmt.Errorf("has version %d.%d of the npy format, want 1.0, 2.0 or 3.0", major, minor)
	}
	length := make([]byte, 4)
	if major == 1 {
		length = length[:2]
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return "", 0, shortHeader(err)
	}
	n := binary.LittleEndian.Uint32(append(length, 0, 0)[:4])
	if n > maxHeader {
		return "", 0, fmt.Errorf("has a header of %d bytes, want at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return "", 0, shortHeader(err)
	}
	return string(text), int64(len(start)+len(length)) + int64(n), nil
}

func shortHeader(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("ends within its header")
	}
	return err
}

// parseShape parses the inside of a tuple: "", "3," or "3, 4".
func parseShape(text string) ([]int, error) {
	fields := strings.Split(strings.TrimSpace(text), ",")
	last := len(fields) - 1
	ok := fields[last] == "" || last > 0 // (3) is a number, no tuple
	if fields[last] == "" {
		fields = fields[:last]
	}
	shape := make([]int, len(fields))
	for i, field := range fields {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		shape[i] = n
		ok = ok && err == nil && n >= 0
	}
	if !ok {
		return nil, fmt.Errorf("has the shape %.100q, want the size of each dimension, 0 or more", "("+text+")")
	}
	return shape, nil
}

// checkSize returns an error unless elements of itemSize bytes in that shape
// are as many bytes as follow the header.
func (h header) checkSize(itemSize int, follow int64) error {
	size, overflow := int64(itemSize), false
	for _, dim := range h.shape {
		overflow = overflow || dim > 0 && size > math.MaxInt/int64(dim)
		size *= int64(max(dim, 1))
	}
	if slices.Contains(h.shape, 0) {
		size = 0
	}
	switch {
	case overflow:
		return fmt.Errorf("has shape %s, more than there can be", shapeText(h.shape))
	case size != follow:
		return fmt.Errorf("has shape %s, %d bytes, but holds %d", shapeText(h.shape), size, follow)
	}
	return nil
}

// shapeText writes a shape as NumPy does.
func shapeText(shape []int) string {
	if len(shape) == 1 {
		return fmt.Sprintf("(%d,)", shape[0])
	}
	dims := make([]string, len(shape))
	for i, dim := range shape {
		dims[i] = strconv.Itoa(dim)
	}
	return "(" + strings.Join(dims, ", ") + ")"
}
