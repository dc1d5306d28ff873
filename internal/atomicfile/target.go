package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"numgrad/internal/input"
)

// target is a file to be written.
type target struct {
	path   string // without symbolic links
	exists bool
	mode   fs.FileMode // permission bits
}

func (t target) folder() string { return filepath.Dir(t.path) }
func (t target) temporary() string {
	return filepath.Join(t.folder(), "."+filepath.Base(t.path)+".tmp")
}
func (t target) trial() string { return filepath.Join(t.folder(), "."+filepath.Base(t.path)+".try") }

// trialSize is what a disk must have room for: weights, log and curves of a
// training are smaller.
const trialSize = 1 << 20

// Check returns an error, as [Write] would, if no file of 1 MiB can be written
// at path: its folder is not there, full or not to be written, or what is at
// path is no regular file or not to be written. It changes nothing.
func Check(path string) error {
	t, err := resolve(path)
	if err == nil {
		err = t.try()
	}
	return about(path, err)
}

// try makes a file in the folder, and removes it. The file is not the temporary
// one, which a running Write may have in use.
func (t target) try() error {
	f, err := t.create(t.trial())
	if err == nil {
		err = t.fill(f, func(w io.Writer) error { _, err := w.Write(make([]byte, trialSize)); return err })
		f.Close()
		os.Remove(t.trial())
	}
	if err != nil {
		return fmt.Errorf("no file of 1 MiB can be made in the folder %s: %w", input.Quote(t.folder()), err)
	}
	return nil
}

// resolve finds out what is at path.
func resolve(path string) (target, error) {
	if path == "" {
		return target{}, errors.New("the path is empty")
	}
	if err := checkFolder(filepath.Dir(path)); err != nil {
		return target{}, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return existing(real)
	}
	if _, broken := os.Lstat(path); broken == nil {
		_, err = os.Stat(path) // whose words are the system's
		return target{}, fmt.Errorf("it is a symbolic link that leads nowhere: %w", bare(err))
	}
	return target{path: path, mode: 0o666}, nil
}

func checkFolder(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s: make it first", input.Quote(folder))
	case err != nil:
		return fmt.Errorf("folder %s: %w", input.Quote(folder), bare(err))
	case !info.IsDir():
		return fmt.Errorf("%s is a file, want a folder", input.Quote(folder))
	}
	return nil
}

// existing returns the file at path, unless it is one not to be replaced.
// A rename would replace a file that may not be written, and a device.
func existing(path string) (target, error) {
	info, err := os.Stat(path)
	if err != nil {
		return target{}, bare(err)
	}
	switch {
	case info.IsDir():
		return target{}, errors.New("it is a folder, want a file")
	case !info.Mode().IsRegular():
		return target{}, input.ErrNotRegular
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return target{}, fmt.Errorf("the file that is there may not be written: %w", bare(err))
	}
	f.Close()
	return target{path: path, exists: true, mode: info.Mode().Perm()}, nil
}
