package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"numgrad/internal/input"
)

// Write gives the file at path the content that write writes: all of it, or
// none if anything fails. The error is a [*fs.PathError] with path, and the
// file then is what it was before, with one exception: where only the last
// step fails, that the folder's entry gets to the disk, the new file is in its
// place, and a power cut may undo it.
//
// An existing file keeps its permission bits; a new one gets 0666 less the
// umask. Where path is a symbolic link, the file that it leads to is replaced.
// Of two that write the same path at a time, the one that began first gets an
// error.
func Write(path string, write func(io.Writer) error) error {
	return Replace(path, write, func() error { return nil })
}

// Replace is [Write] that calls makeRoom before the new file gets to its place,
// when all of it is on the disk: makeRoom may give another name to the file
// that is there. If makeRoom fails, so does Replace.
func Replace(path string, write func(io.Writer) error, makeRoom func() error) error {
	t, err := resolve(path)
	if err == nil {
		err = t.write(write, makeRoom)
	}
	return about(path, err)
}

// about puts path in front of err.
func about(path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: "write", Path: input.Quote(path), Err: err}
}

func (t target) write(write func(io.Writer) error, makeRoom func() error) error {
	f, err := t.create(t.temporary())
	if err != nil {
		return err
	}
	err = t.fill(f, write)
	if !isFile(f, t.temporary()) {
		f.Close()
		return errors.New("another process writes the same file")
	}
	if closeErr := f.Close(); err == nil {
		err = bare(closeErr)
	}
	if err == nil {
		err = makeRoom()
	}
	if err == nil {
		err = bare(rename(t.temporary(), t.path))
	}
	if err != nil {
		os.Remove(t.temporary())
		return err
	}
	return syncFolder(t.folder())
}

// create makes a file. It removes what a killed process has left there. If that
// process is alive, it finds with isFile that its file is gone.
func (t target) create(name string) (*os.File, error) {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, bare(err)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, t.mode)
	return f, bare(err)
}

// fill writes the content and brings it to the disk: the rename that follows
// may get there sooner than data that has not been synced.
func (t target) fill(f *os.File, write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return bare(err)
	}
	if t.exists { // its bits do not depend on the umask
		if err := f.Chmod(t.mode); err != nil {
			return bare(err)
		}
	}
	return bare(syncFile(f))
}

// isFile reports whether name still is the name of f.
func isFile(f *os.File, name string) bool {
	open, err1 := f.Stat()
	named, err2 := os.Lstat(name)
	return err1 == nil && err2 == nil && os.SameFile(open, named)
}

// bare returns an error of package os without the name of a temporary file.
func bare(err error) error {
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return input.Bare(err)
}
