// Package npz reads and writes arrays of numbers in NumPy's npz format: a zip
// file of npy files, as np.savez, np.savez_compressed and np.load have it
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//
// Memory is bounded: the arrays of a file take at most 8 times its size plus
// 16 MiB, and twice that while one is decoded. A compressed array that expands
// more is an error, returned before the array is allocated.
package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"numgrad/internal/input"
)

const (
	magic      = "\x93NUMPY"
	maxFile    = 1 << 30  // bytes
	maxEntries = 1000     // a zip file can list an array in 46 bytes
	maxHeader  = 10000    // NumPy's own limit (numpy/lib/format.py, _MAX_HEADER_SIZE)
	freeRoom   = 16 << 20 // a net of zeros and MNIST's labels compress 1,000 times
)

// A File is the content of an npz file. Each error is one line that names the
// file, if it has a path, and the array.
type File struct {
	path    string // "" without a path
	names   []string
	entries []*zip.File
	limit   int64 // bytes that the arrays may take together
	taken   int64
}

// Open reads the npz file at path, of at most 1 GiB. A path that leads to a
// device, a pipe or a folder is an error.
func Open(path string) (*File, error) {
	content, err := input.Read(path, maxFile)
	if err != nil {
		return nil, err
	}
	return parse(path, content)
}

// Parse returns the npz file with the given content.
func Parse(content []byte) (*File, error) { return parse("", content) }

func parse(path string, content []byte) (*File, error) {
	f := &File{path: path, limit: 8*int64(len(content)) + freeRoom}
	start := content[:min(512, len(content))]
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	switch {
	case err == nil:
	case bytes.HasPrefix(start, []byte(magic)):
		return nil, f.Errorf("is a single array (.npy), want a file of named arrays (.npz): np.savez makes one")
	case bytes.HasPrefix(start, []byte("PK")):
		return nil, f.Errorf("is a damaged zip file, perhaps cut off: %w", err)
	case input.IsHTML(start):
		return nil, f.Errorf("%w", input.ErrHTML)
	default:
		return nil, f.Errorf("is not an npz file: it starts with %q, want a zip file as np.savez makes it", start[:min(6, len(start))])
	}
	if len(archive.File) > maxEntries {
		return nil, f.Errorf("holds %d arrays, want at most %d", len(archive.File), maxEntries)
	}
	for _, entry := range archive.File {
		name, ok := strings.CutSuffix(entry.Name, ".npy")
		if !ok {
			return nil, f.Errorf("holds %.100q, want arrays only, with names that end in .npy", entry.Name)
		}
		if f.Has(name) {
			return nil, f.Errorf("holds the array %.100q twice", name)
		}
		f.names = append(f.names, name)
	}
	f.entries = archive.File
	return f, nil
}

// Errorf returns an error about the file's content, with its path in front.
func (f *File) Errorf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if f.path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", input.Quote(f.path), err)
}

// Names returns the names of the arrays, in the order of the file.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Has reports whether the file has an array with this name.
func (f *File) Has(name string) bool { return slices.Contains(f.names, name) }

// Largest returns the largest number n in the names of arrays of the form prefix
// and n, such as 3 for W3 and the prefix W. It returns 0 without such a name, and
// at most the number of arrays.
func (f *File) Largest(prefixes ...string) int {
	largest := 0
	for _, name := range f.names {
		for _, prefix := range prefixes {
			digits, ok := strings.CutPrefix(name, prefix)
			if n, err := strconv.Atoi(digits); ok && err == nil && strconv.Itoa(n) == digits {
				largest = max(largest, min(n, len(f.names)))
			}
		}
	}
	return largest
}

// Describe returns NumPy's name for the type of an array, such as "float64" or
// "int8", and its shape.
func (f *File) Describe(name string) (dtype string, shape []int, err error) {
	a, err := f.open(name)
	if err != nil {
		return "", nil, err
	}
	return a.dtype, a.shape, nil
}

// Floats reads an array of float16, float32 or float64 in any byte order. The
// data are in row-major order, even if the file is in Fortran order. A scalar
// has a shape without dimensions.
func (f *File) Floats(name string) (data []float64, shape []int, err error) {
	return read(f, name, floats, "float16, float32 or float64", func(a *array, bits uint64) (float64, bool) {
		return a.float(bits), true
	})
}

// Ints reads an array of bool or of any integer type, as [File.Floats] does. A
// number that an int cannot hold is an error.
func (f *File) Ints(name string) (data []int, shape []int, err error) {
	return read(f, name, integers, "integers or bool", (*array).integer)
}

// Numbers reads an array that Floats or Ints reads.
func (f *File) Numbers(name string) (data []float64, shape []int, err error) {
	return read(f, name, floats+" "+integers, "numbers", func(a *array, bits uint64) (float64, bool) {
		if a.code[0] == 'f' {
			return a.float(bits), true
		}
		n, ok := a.integer(bits)
		return float64(n), ok
	})
}

// Bytes reads an array of uint8, as [File.Floats] does.
func (f *File) Bytes(name string) (data []byte, shape []int, err error) {
	return read(f, name, "u1", "uint8", func(_ *array, bits uint64) (byte, bool) { return byte(bits), true })
}

// Codes of types.
const (
	floats   = "f2 f4 f8"
	integers = "b1 i1 i2 i4 i8 u1 u2 u4 u8"
)

// float returns a number of one of the types floats.
func (a *array) float(bits uint64) float64 {
	switch a.itemSize {
	case 2:
		return float16(bits)
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// integer returns a number of one of the types integers, and whether an int can
// hold it.
func (a *array) integer(bits uint64) (int, bool) {
	switch a.code[0] {
	case 'b':
		return int(min(bits, 1)), true
	case 'i':
		unused := 64 - 8*a.itemSize
		n := int64(bits<<unused) >> unused
		return int(n), int64(int(n)) == n
	}
	return int(bits), bits <= math.MaxInt
}

// float16 converts an IEEE 754 half-precision number. A float32 with the same
// exponent and fraction is 2¹¹² times smaller.
func float16(bits uint64) float64 {
	single := uint32(bits>>15<<31 | bits&0x7fff<<13)
	if bits>>10&31 == 31 {
		single |= 0xff << 23 // infinite or not a number
	}
	return float64(math.Float32frombits(single)) * 0x1p112
}

// array is an npy file.
type array struct {
	code     string // kind and size in bytes, such as f8; "" for other types
	dtype    string // NumPy's name
	itemSize int    // in bytes
	big      bool   // big-endian
	fortran  bool
	shape    []int
	data     []byte
}

// errObject is the error for np.savez(file, params) with a dict.
var errObject = errors.New("is a Python object; if it was a dict, write np.savez(file, **params)")

// open decompresses an array. Its data are as in the file.
func (f *File) open(name string) (*array, error) {
	i := slices.Index(f.names, name)
	if i < 0 {
		return nil, f.missing(name)
	}
	size := f.entries[i].UncompressedSize64
	if size > uint64(f.limit) {
		return nil, f.tooLarge(name, size)
	}
	var npy bytes.Buffer
	content, err := f.entries[i].Open()
	if err == nil {
		npy.Grow(int(size) + bytes.MinRead)
		_, err = npy.ReadFrom(content) // compares the checksum, too
	}
	var a *array
	if err == nil {
		a, err = parseArray(npy.Bytes())
	}
	if err != nil {
		return nil, f.Errorf("array %.100q cannot be read: %w", name, err)
	}
	return a, nil
}

// missing returns the error for an array that the file does not have.
func (f *File) missing(name string) error {
	if len(f.names) == 0 {
		return f.Errorf("has no array %q, nor any other", name)
	}
	if a, err := f.open(f.names[0]); err == nil && a.code == "O" {
		return f.Errorf("%.100s %w", input.Quote(f.names[0]), errObject)
	}
	return f.Errorf("has no array %q, only %.300q", name, strings.Join(f.names, " "))
}

func (f *File) tooLarge(name string, size uint64) error {
	return f.Errorf("array %.100q expands to %d bytes, more than a file of this size may take: save it with np.savez, which does not compress", name, size)
}

// The parts of a header such as
//
//	{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }
//
// where the byte order of a type of one byte is |.
var (
	descrPart = regexp.MustCompile(`'descr': *(?:'([^']*)'|(\[.*?\]))`)
	orderPart = regexp.MustCompile(`'fortran_order': *(True|False)`)
	shapePart = regexp.MustCompile(`'shape': *\(((?:\d{1,19}, *){0,32}(?:\d{1,19},?)?)\)`)
	codePart  = regexp.MustCompile(`^(?:([<>])([iuf][248])|\|([biu]1|O))$`)
)

// parseArray returns the array in an npy file of version 1 to 3.
func parseArray(file []byte) (*array, error) {
	if len(file) < 12 || string(file[:6]) != magic || file[6] < 1 || file[6] > 3 {
		return nil, fmt.Errorf("it starts with %q, want an npy file of version 1 to 3", file[:min(len(file), 8)])
	}
	start, length := 10, int64(binary.LittleEndian.Uint16(file[8:]))
	if file[6] > 1 {
		start, length = 12, int64(binary.LittleEndian.Uint32(file[8:]))
	}
	if most := min(maxHeader, len(file)-start); length > int64(most) {
		return nil, fmt.Errorf("its header has %d bytes, want at most %d", length, most)
	}
	header, data := file[start:start+int(length)], file[start+int(length):]
	descr, order, shape := descrPart.FindSubmatch(header), orderPart.FindSubmatch(header), shapePart.FindSubmatch(header)
	if descr == nil || order == nil || shape == nil {
		return nil, fmt.Errorf("its header is %.150q, want descr, fortran_order and a shape", header)
	}
	a := &array{fortran: string(order[1]) == "True", data: data, dtype: fmt.Sprintf("the type %.100q", append(descr[1], descr[2]...))}
	if code := codePart.FindSubmatch(descr[1]); code != nil {
		a.big, a.code = string(code[1]) == ">", string(code[2])+string(code[3])
		a.itemSize, _ = strconv.Atoi(a.code[1:]) // 0 for an object
		a.dtype = dtypes[a.code]
	}
	for size := range strings.FieldsFuncSeq(string(shape[1]), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(size)
		if err != nil {
			return nil, err
		}
		a.shape = append(a.shape, n)
	}
	return a, nil
}

// The types of numbers, by kind and size in bytes, and O.
var dtypes = map[string]string{
	"b1": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
	"u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
	"f2": "float16", "f4": "float32", "f8": "float64", "O": "object",
}

// read reads an array of one of the types in codes. The function value converts
// the bits of a number, and returns false if T cannot hold the number.
func read[T float64 | int | byte](f *File, name, codes, want string, value func(a *array, bits uint64) (T, bool)) ([]T, []int, error) {
	a, err := f.open(name)
	if err != nil {
		return nil, nil, err
	}
	if a.code == "O" {
		return nil, nil, f.Errorf("%.100s %w", input.Quote(name), errObject)
	}
	if !slices.Contains(strings.Fields(codes), a.code) {
		return nil, nil, f.Errorf("array %.100q holds %s, want %s", name, a.dtype, want)
	}
	size := float64(a.itemSize) // exact up to 2⁵³, and large beyond
	for _, n := range a.shape {
		size *= float64(n)
	}
	if size != float64(len(a.data)) {
		return nil, nil, f.Errorf("array %.100q has shape %v, %.0f bytes, but holds %d", name, a.shape, size, len(a.data))
	}
	count := len(a.data) / a.itemSize
	f.taken += int64(count) * int64(unsafe.Sizeof(T(0)))
	if f.taken > f.limit {
		return nil, nil, f.tooLarge(name, uint64(f.taken))
	}
	if raw, ok := any(a.data).([]T); ok && !a.fortran {
		return raw, a.shape, nil
	}
	data, item := make([]T, count), make([]byte, 8)
	for i := range data {
		copy(item, a.data[i*a.itemSize:(i+1)*a.itemSize])
		if a.big {
			slices.Reverse(item[:a.itemSize])
		}
		bits := binary.LittleEndian.Uint64(item)
		v, ok := value(a, bits)
		if !ok {
			return nil, nil, f.Errorf("array %.100q holds %d, more than an int can hold", name, bits)
		}
		data[a.byRows(i)] = v
	}
	return data, a.shape, nil
}

// byRows returns the row-major index of the i-th number in the file.
func (a *array) byRows(i int) int {
	if !a.fortran {
		return i
	}
	at, stride := 0, 1
	for _, n := range a.shape {
		stride *= n
	}
	for _, n := range a.shape { // the first index varies fastest
		stride /= n
		at += i % n * stride
		i /= n
	}
	return at
}
