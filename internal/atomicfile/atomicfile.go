// Package atomicfile writes a file completely or not at all: a reader finds the
// old content or the new, even after a kill or a power cut.
//
// The new content of dir/name goes to dir/.name.tmp, which replaces dir/name
// once all of it is on the disk. If the process is killed, the next write of
// dir/name removes the temporary file.
package atomicfile

import (
	"errors"
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

// Write calls write to make the new content of the file at path. If anything
// fails, the file is unchanged, with one exception: after a failed sync of the
// folder the new file is in place, and a power cut may undo it. The error is a
// [*fs.PathError].
//
// The new file has the permissions of the old one, or 0666, less the umask. If
// path is a symbolic link, Write replaces the link's target. It never replaces a
// device, a folder, or a file without write permission. If two processes write
// the same path at the same time, the process that began first gets an error.
func Write(path string, write func(io.Writer) error) error {
	target := follow(path)
	temporary, err := create(target, ".tmp", write)
	if err == nil {
		if err = rename(temporary, target); err != nil {
			os.Remove(temporary)
		} else {
			err = syncFolder(filepath.Dir(target))
		}
	}
	return pathError(path, err)
}

// Check returns the error that [Write] would return for a content of 1 MiB. It
// changes nothing.
func Check(path string) error {
	// Write's temporary file may be in use, so this one has another name.
	trial, err := create(follow(path), ".try", func(w io.Writer) error {
		_, err := w.Write(make([]byte, 1<<20))
		return err
	})
	if err == nil {
		os.Remove(trial)
	}
	return pathError(path, err)
}

// follow returns the target of a link, or path if there is no target.
func follow(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

func pathError(path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: "write", Path: input.Quote(path), Err: input.Bare(err)}
}

// create writes a hidden file beside the target and syncs it, since a rename may
// reach the disk before unsynced data. It replaces the file of a killed process.
// If anything fails, it removes the file.
func create(target, suffix string, write func(io.Writer) error) (name string, err error) {
	mode := fs.FileMode(0o666)
	switch info, err := os.Lstat(target); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", input.ErrNotRegular
	case info.Mode()&0o200 == 0:
		return "", fs.ErrPermission
	default:
		mode = info.Mode().Perm()
	}
	name = filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+suffix)
	os.Remove(name)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return "", err
	}
	err = write(f)
	if err == nil {
		err = syncFile(f)
	}
	ours, err1 := f.Stat()
	named, err2 := os.Lstat(name)
	if closeErr := closeFile(f); err == nil {
		err = closeErr
	}
	if err1 != nil || err2 != nil || !os.SameFile(ours, named) {
		return "", errors.New("another process writes the same file")
	}
	if err != nil {
		os.Remove(name)
	}
	return name, err
}

// flush syncs the entries of a folder, where the system and the file system
// support it.
func flush(folder string) error {
	f, err := os.Open(folder)
	if err != nil || runtime.GOOS == "windows" {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
