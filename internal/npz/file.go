package npz

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// maxEntries bounds what the list of arrays takes. A zip file can list one in
// 46 bytes.
const maxEntries = 1000

// A File is an npz file that is open for reading. Its errors are of one line
// each, and name the file, if it has a path, and the array.
type File struct {
	path    string // "" if there is none
	size    int64
	names   []string // of the entries, without .npy
	entries []*zip.File
	file    *os.File // nil if the caller has it
}

// Open opens the npz file at path. The caller closes it.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file}
	if err := f.init(); err != nil {
		file.Close()
		return nil, f.Errorf("%w", bare(err))
	}
	return f, nil
}

// NewReader returns the npz file that r holds in size bytes.
func NewReader(r io.ReaderAt, size int64) (*File, error) {
	f := &File{size: size}
	if err := f.list(r); err != nil {
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

func (f *File) init() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file, want an npz file")
	}
	f.size = info.Size()
	return f.list(f.file)
}

// list sets entries. It checks of them what it can without reading them.
func (f *File) list(r io.ReaderAt) error {
	archive, err := zip.NewReader(r, f.size)
	if err != nil {
		return f.notZip(r, err)
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
	f.entries = archive.File
	return f.checkPlaces()
}

// notZip returns an error that says what the file seems to be.
func (f *File) notZip(r io.ReaderAt, err error) error {
	start := make([]byte, len(magic))
	n, _ := r.ReadAt(start, 0)
	start = start[:n]
	switch {
	case string(start) == magic:
		return errors.New("a single array (.npy), want a file of named arrays (.npz): np.savez makes one")
	case strings.HasPrefix(string(start), "PK"):
		return fmt.Errorf("a broken zip file, perhaps cut off: %w", err)
	}
	return fmt.Errorf("not an npz file: it starts with %q, want a zip file as np.savez makes it", start)
}

// checkPlaces returns an error if the entries overlap, or are not within the
// file. Entries that share their bytes are how a small file promises petabytes
// (David Fifield, "A better zip bomb", 2019).
func (f *File) checkPlaces() error {
	type place struct {
		name       string
		start, end int64
	}
	var places []place
	for i, entry := range f.entries {
		name := f.names[i]
		start, err := entry.DataOffset()
		if err != nil {
			return fmt.Errorf("array %.100q is not where the zip file's directory says: %w", name, bare(err))
		}
		if start > f.size || entry.CompressedSize64 > uint64(f.size-start) {
			return fmt.Errorf("array %.100q: the zip file's directory says %d bytes from byte %d on, the file has %d: cut off",
				name, entry.CompressedSize64, start, f.size)
		}
		places = append(places, place{name, start, start + int64(entry.CompressedSize64)})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.start, b.start) })
	for i := 1; i < len(places); i++ {
		if p, next := places[i-1], places[i]; p.end > next.start || p.start == next.start {
			return fmt.Errorf("arrays %.100q and %.100q overlap", p.name, next.name)
		}
	}
	return nil
}

// Errorf returns an error about what the file holds, with its path in front.
func (f *File) Errorf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if f.path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

// bare returns an error of package os without the path, which [File.Errorf] gives.
func bare(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
