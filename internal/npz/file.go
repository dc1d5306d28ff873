package npz

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"codeberg.org/sbinet/npyio/npy"

	"numgrad/internal/input"
)

const (
	// maxEntries bounds what the list of arrays takes. A zip file can list one
	// in 46 bytes.
	maxEntries = 1000
	// freeNumbers is how many numbers a file may expand to beyond one for each
	// of its bytes. A net of zeros, or MNIST's labels, compress 1000 times.
	freeNumbers = 2 << 20
)

// A File is an npz file that is open for reading. Its errors are of one line
// each, and name the file, if it has a path, and the array.
type File struct {
	path    string // "" if there is none
	names   []string
	entries []*zip.File
	numbers int64    // how many may still be read
	file    *os.File // nil if the caller has it
}

// Open opens the npz file at path. The caller closes it. A path that leads to a
// device, a pipe or a folder is an error.
func Open(path string) (*File, error) {
	file, err := input.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file}
	info, err := file.Stat()
	if err == nil {
		err = f.list(file, info.Size())
	}
	if err != nil {
		file.Close()
		return nil, f.Errorf("%w", input.Bare(err))
	}
	return f, nil
}

// NewReader returns the npz file that r holds in size bytes.
func NewReader(r io.ReaderAt, size int64) (*File, error) {
	f := new(File)
	if err := f.list(r, size); err != nil {
		return nil, err
	}
	return f, nil
}

// Close closes a file that [Open] has opened.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Names returns the names of the arrays, in the order of the file.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Has reports whether there is an array of that name.
func (f *File) Has(name string) bool { return slices.Contains(f.names, name) }

// Largest returns the largest n for which an array is named by one of the
// prefixes and n, as W3 is by W and 3: at most the number of arrays, since a
// caller that wants all up to n misses one sooner. It is 0 if there is none.
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

// list reads the zip file's directory.
func (f *File) list(r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return notZip(r, err)
	}
	if len(archive.File) > maxEntries {
		return fmt.Errorf("holds %d arrays, want at most %d", len(archive.File), maxEntries)
	}
	for _, entry := range archive.File {
		name, ok := strings.CutSuffix(entry.Name, ".npy")
		if !ok {
			return fmt.Errorf("holds %.100q, which is no array: want names that end in .npy", entry.Name)
		}
		if f.Has(name) {
			return fmt.Errorf("holds the array %.100q twice", name)
		}
		f.names = append(f.names, name)
	}
	f.entries, f.numbers = archive.File, size+freeNumbers
	return nil
}

// notZip returns an error that says what the file seems to be.
func notZip(r io.ReaderAt, err error) error {
	start := make([]byte, len(npy.Magic))
	n, _ := r.ReadAt(start, 0)
	start = start[:n]
	switch {
	case string(start) == string(npy.Magic[:]):
		return errors.New("a single array (.npy), want a file of named arrays (.npz): np.savez makes one")
	case strings.HasPrefix(string(start), "PK"):
		return fmt.Errorf("a broken zip file, perhaps cut off: %w", err)
	}
	return fmt.Errorf("not an npz file: it starts with %q, want a zip file as np.savez makes it", start)
}

// Errorf returns an error about what the file holds, with its path in front.
func (f *File) Errorf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if f.path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", input.Quote(f.path), err)
}
