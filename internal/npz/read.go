package npz

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"codeberg.org/sbinet/npyio/npy"

	"numgrad/internal/input"
)

// Floats reads an array of float32 or float64 in any byte order. The data are
// in row-major order, also those of an array in Fortran order. The shape has
// no dimensions if the array is a single number.
func (f *File) Floats(name string) (data []float64, shape []int, err error) {
	return read(f, name, "float32 or float64", map[string]decoder[float64]{
		"float32": decode[float32, float64],
		"float64": decode[float64, float64],
	})
}

// Ints reads an array of bool, or of any type of integers, as [File.Floats]
// does. A number that an int cannot hold is an error.
func (f *File) Ints(name string) (data []int, shape []int, err error) {
	return read(f, name, "integers or bool", map[string]decoder[int]{
		"bool": decodeBools,
		"int8": decode[int8, int], "int16": decode[int16, int], "int32": decode[int32, int], "int64": decode[int64, int],
		"uint8": decode[uint8, int], "uint16": decode[uint16, int], "uint32": decode[uint32, int], "uint64": decode[uint64, int],
	})
}

// Bytes reads an array of uint8, as [File.Floats] does.
func (f *File) Bytes(name string) (data []byte, shape []int, err error) {
	return read(f, name, "uint8", map[string]decoder[byte]{"uint8": decode[uint8, byte]})
}

// Describe returns NumPy's name for the type of an array, such as "float64" or
// "int8", and its shape, from the array's header alone.
func (f *File) Describe(name string) (dtype string, shape []int, err error) {
	_, content, err := f.open(name)
	if err != nil {
		return "", nil, err
	}
	defer content.Close()
	h, _, err := readHeader(bufio.NewReaderSize(content, 2*maxHeader))
	if err != nil {
		return "", nil, f.arrayError(name, damage(err))
	}
	return h.dtype, h.shape, nil
}

func (f *File) open(name string) (*zip.File, io.ReadCloser, error) {
	i := slices.Index(f.names, name)
	if i < 0 && len(f.names) == 0 {
		return nil, nil, f.Errorf("has no array %q, nor any other", name)
	} else if i < 0 {
		return nil, nil, f.Errorf("has no array %q, only %.300q", name, strings.Join(f.names, " "))
	}
	content, err := f.entries[i].Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, nil, f.arrayError(name, fmt.Errorf("is compressed as neither np.savez nor np.savez_compressed does it: %w", err))
	} else if err != nil {
		return nil, nil, f.arrayError(name, fmt.Errorf("is not where the zip file's directory says: %w", input.Bare(err)))
	}
	return f.entries[i], content, nil
}

// read reads an array of any of the types that decoders has.
func read[T number](f *File, name, want string, decoders map[string]decoder[T]) ([]T, []int, error) {
	entry, content, err := f.open(name)
	if err != nil {
		return nil, nil, err
	}
	defer content.Close()
	sum := crc32.NewIEEE() // zip does not compare a checksum that is zero
	rest := bufio.NewReaderSize(io.TeeReader(content, sum), 2*maxHeader)

	h, file, err := readHeader(rest)
	if err != nil {
		return nil, nil, f.arrayError(name, damage(err))
	}
	decode, ok := decoders[h.dtype]
	if !ok {
		return nil, nil, f.arrayError(name, fmt.Errorf("holds %s, want %s", h.dtype, want))
	}
	if err := f.take(h, entry); err != nil {
		return nil, nil, f.arrayError(name, err)
	}
	data, err := decode(file, h)
	if err == nil {
		_, err = io.Copy(io.Discard, rest)
	}
	if err == nil && sum.Sum32() != entry.CRC32 {
		err = zip.ErrChecksum
	}
	if err != nil {
		return nil, nil, f.arrayError(name, damage(err))
	}
	return data, h.shape, nil
}

// take takes the numbers of an array off those that may be read.
func (f *File) take(h header, entry *zip.File) error {
	size := int64(entry.UncompressedSize64) - h.size
	count := size / int64(h.itemSize)
	if count > f.numbers {
		return fmt.Errorf("expands from %d bytes to %d numbers, more than the %d that a file of this size may hold: np.savez, which does not compress, is read",
			entry.CompressedSize64, count, f.numbers)
	}
	if err := h.check(size); err != nil {
		return err
	}
	f.numbers -= count
	return nil
}

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// A decoder reads the numbers of an array, and puts them in row-major order.
type decoder[U number] func(file *npy.Reader, h header) ([]U, error)

func decode[T, U number](file *npy.Reader, h header) ([]U, error) {
	var data []T
	if err := file.Read(&data); err != nil {
		return nil, err
	}
	if same, ok := any(data).([]U); ok && !h.fortran {
		return same, nil
	}
	numbers := make([]U, len(data))
	for i, v := range data {
		n := U(v)
		if lossless := T(n) == v && (n < 0) == (v < 0); !lossless && v == v {
			return nil, fmt.Errorf("holds %v, more than an int can hold", v)
		}
		numbers[h.byRows(i)] = n
	}
	return numbers, nil
}

func decodeBools(file *npy.Reader, h header) ([]int, error) {
	var data []bool
	if err := file.Read(&data); err != nil {
		return nil, err
	}
	numbers := make([]int, len(data))
	for i, v := range data {
		if v {
			numbers[h.byRows(i)] = 1
		}
	}
	return numbers, nil
}

// arrayError returns an error about an array.
func (f *File) arrayError(name string, err error) error {
	return f.Errorf("array %.100q %w", name, err)
}

// damage says what errors of the packages zip and flate mean.
func damage(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case corrupt:
		return fmt.Errorf("is damaged: %w", err)
	case errors.Is(err, zip.ErrChecksum):
		return fmt.Errorf("is damaged: its bytes are not those of its checksum: %w", err)
	case errors.Is(err, zip.ErrFormat):
		return fmt.Errorf("is damaged: the zip file's directory gives another size: %w", err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("is damaged: it ends before the size that the zip file's directory gives: %w", err)
	}
	return input.Bare(err)
}
