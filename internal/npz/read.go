package npz

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// Floats reads an array of float32 or float64 in any byte order. The data are
// in row-major order, also those of an array in Fortran order. The shape has
// no dimensions if the array is a single number.
func (f *File) Floats(name string) (data []float64, shape []int, err error) {
	return read(f, name, asFloats, "float32 or float64")
}

// Ints reads an array of bool, or of any type of integers, as [File.Floats]
// does. A number that an int cannot hold is an error.
func (f *File) Ints(name string) (data []int, shape []int, err error) {
	return read(f, name, asInts, "integers or bool")
}

// Bytes reads an array of uint8, as [File.Floats] does.
func (f *File) Bytes(name string) (data []byte, shape []int, err error) {
	return read(f, name, asBytes, "uint8")
}

// Describe returns NumPy's name for the type of an array, such as "float64" or
// "int8", and its shape, from the array's header alone.
func (f *File) Describe(name string) (dtype string, shape []int, err error) {
	entry, err := f.find(name)
	if err != nil {
		return "", nil, err
	}
	content, err := open(entry)
	if err != nil {
		return "", nil, f.Errorf("array %q %w", name, explain(err))
	}
	defer content.Close()
	h, err := readHeader(content)
	if err != nil {
		return "", nil, f.Errorf("array %q %w", name, explain(err))
	}
	return h.typeName(), h.shape, nil
}

func (f *File) find(name string) (*zip.File, error) {
	i := slices.Index(f.names, name)
	if i < 0 {
		return nil, f.Errorf("has no array %q, only %.300q", name, strings.Join(f.names, " "))
	}
	return f.entries[i], nil
}

// read reads an array of any of the types that elements has.
func read[T any](f *File, name string, elements map[string]element[T], want string) ([]T, []int, error) {
	entry, err := f.find(name)
	if err != nil {
		return nil, nil, err
	}
	h, e, err := examine(entry, elements, want)
	if err != nil {
		return nil, nil, f.Errorf("array %q %w", name, explain(err))
	}
	data, err := decode(entry, h, e)
	if err != nil {
		return nil, nil, f.Errorf("array %q %w", name, explain(err))
	}
	return data, h.shape, nil
}

// examine reads an entry to its end, and returns an error unless all of it is
// as it should be.
func examine[T any](entry *zip.File, elements map[string]element[T], want string) (h header, e element[T], err error) {
	content, err := open(entry)
	if err != nil {
		return h, e, err
	}
	defer content.Close()
	// zip does not look at a checksum that is zero.
	sum := crc32.NewIEEE()
	rest := io.TeeReader(content, sum)
	if h, err = readHeader(rest); err != nil {
		return h, e, err
	}
	if e, err = lookUp(h, elements, want); err != nil {
		return h, e, err
	}
	if err := h.checkSize(e.size, int64(entry.UncompressedSize64)-h.size); err != nil {
		return h, e, err
	}
	_, err = io.Copy(io.Discard, rest)
	if err == nil && sum.Sum32() != entry.CRC32 {
		err = zip.ErrChecksum
	}
	return h, e, err
}

const (
	freeSize     = 64 << 20 // bytes of an entry that may be compressed to anything
	maxExpansion = 100      // beyond them. MNIST's images as float64 expand 20 times.
)

// open opens an entry unless it could be there to fill the memory.
func open(entry *zip.File) (io.ReadCloser, error) {
	size, compressed := entry.UncompressedSize64, entry.CompressedSize64
	if size > freeSize && size/maxExpansion > compressed {
		return nil, fmt.Errorf("expands from %d bytes to %d, more than %d times: want less, or np.savez, which does not compress",
			compressed, size, maxExpansion)
	}
	content, err := entry.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		err = fmt.Errorf("is compressed by method %d, want %d (np.savez) or %d (np.savez_compressed): %w", entry.Method, zip.Store, zip.Deflate, err)
	}
	return content, err
}

// decode reads the data of an entry that examine has found to be good.
func decode[T any](entry *zip.File, h header, e element[T]) ([]T, error) {
	content, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if _, err := io.CopyN(io.Discard, content, h.size); err != nil {
		return nil, err
	}
	data := make([]T, h.count())
	place := newPlaces(h)
	order := h.order()
	var buffer [32 << 10]byte // whole elements of any size
	for rest := len(data) * e.size; rest > 0; {
		chunk := buffer[:min(rest, len(buffer))]
		if _, err := io.ReadFull(content, chunk); err != nil {
			return nil, err
		}
		rest -= len(chunk)
		for ; len(chunk) > 0; chunk = chunk[e.size:] {
			v, ok := e.value(chunk, order)
			i := place.next()
			if !ok {
				return nil, fmt.Errorf("holds at element %d the bytes % x, as %s more than an int can hold", i, chunk[:e.size], h.typeName())
			}
			data[i] = v
		}
	}
	return data, nil
}

// explain says what an error of the packages zip and flate means.
func explain(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case corrupt:
		return fmt.Errorf("is damaged: %w", err)
	case errors.Is(err, zip.ErrChecksum):
		return fmt.Errorf("is damaged: its bytes are not those of its checksum: %w", err)
	case errors.Is(err, zip.ErrFormat):
		return fmt.Errorf("is damaged: it goes on after the size that the zip file's directory gives: %w", err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("is damaged: it ends before the size that the zip file's directory gives: %w", err)
	}
	return bare(err)
}
