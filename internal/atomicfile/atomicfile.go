// Package atomicfile writes files whole or not at all: a reader finds the old
// content or the new, also after a kill or a power cut.
//
// The new content of dir/name goes to dir/.name.tmp, which replaces dir/name
// once all of it is on the disk. If the process is killed, the next write of
// dir/name removes the temporary file.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"numgrad/internal/input"
)

// Tests make these calls fail.
var (
	syncFile   = (*os.File).Sync
	closeFile  = (*os.File).Close
	rename     = os.Rename
	syncFolder = flush
)

// Write gives the file at path the content that write writes. If anything fails,
// the file is unchanged, with one exception: after a failed sync of the folder
// the new file is in place, and a power cut may undo it. The error is a
// [*fs.PathError].
//
// An existing file keeps its permission bits; a new file gets 0666 less the
// umask. A symbolic link stays, and its target is replaced. If two processes
// write the same path at a time, the first to begin gets an error.
func Write(path string, write func(io.Writer) error) error {
	t, err := resolve(path)
	if err == nil {
		err = t.replace(write)
	}
	return pathError(path, err)
}

// Check returns the error that [Write] would return for a content of 1 MiB. It
// changes nothing.
func Check(path string) error {
	t, err := resolve(path)
	if err == nil {
		// Another name than Write's, whose file may be in use.
		err = t.fill(t.sibling(".try"), func(w io.Writer) error {
			_, err := w.Write(make([]byte, 1<<20))
			return err
		})
		os.Remove(t.sibling(".try"))
	}
	return pathError(path, err)
}

func pathError(path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: "write", Path: input.Quote(path), Err: bare(err)}
}

// target is a file to be written.
type target struct {
	path   string // without symbolic links
	exists bool
	mode   fs.FileMode // permission bits
}

// sibling returns the path of a hidden file beside the target.
func (t target) sibling(suffix string) string {
	return filepath.Join(filepath.Dir(t.path), "."+filepath.Base(t.path)+suffix)
}

// resolve returns the target at path. A file that may not be written, a folder
// and a device are errors: a rename would replace the first and the last.
func resolve(path string) (target, error) {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return target{}, fmt.Errorf("there is no folder %s", input.Quote(folder))
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && path != "" {
		return target{path: path, mode: 0o666}, nil
	} else if err != nil {
		return target{}, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return target{}, fmt.Errorf("no target of the link: %w", bare(err))
	}
	info, err := os.Stat(real)
	if err != nil {
		return target{}, err
	}
	if !info.Mode().IsRegular() {
		return target{}, input.ErrNotRegular
	}
	f, err := os.OpenFile(real, os.O_WRONLY, 0)
	if err != nil {
		return target{}, err
	}
	return target{path: real, exists: true, mode: info.Mode().Perm()}, f.Close()
}

func (t target) replace(write func(io.Writer) error) error {
	temporary := t.sibling(".tmp")
	err := t.fill(temporary, write)
	if err == errReplaced {
		return err // the temporary file is another process's
	}
	if err == nil {
		err = rename(temporary, t.path)
	}
	if err != nil {
		os.Remove(temporary)
		return err
	}
	return syncFolder(filepath.Dir(t.path))
}

var errReplaced = errors.New("another process writes the same file")

// fill makes the file called name, in place of a killed process's, and brings
// its content to the disk: otherwise a rename may get there sooner than the data.
func (t target) fill(name string, write func(io.Writer) error) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, t.mode)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil && t.exists {
		err = f.Chmod(t.mode) // whatever the umask
	}
	if err == nil {
		err = syncFile(f)
	}
	open, err1 := f.Stat()
	named, err2 := os.Lstat(name)
	replaced := err1 != nil || err2 != nil || !os.SameFile(open, named)
	if closeErr := closeFile(f); err == nil {
		err = closeErr
	}
	if replaced {
		return errReplaced
	}
	return err
}

// flush brings the entries of a folder to the disk, if the system and the file
// system can.
func flush(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// bare returns an error of package os without paths: they name temporary files.
func bare(err error) error {
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return input.Bare(err)
}
