// Package outdir writes the files of a command into a folder of its own.
//
// The folder is new, or empty, or marked: an earlier run of the same command
// left a file in it that says so. A folder with other files is an error. The
// package follows no symbolic link below the folder's parent, so no file
// elsewhere can be replaced. Each file is written whole or not at all.
package outdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
)

// Dir is a folder that one command may write to.
type Dir struct{ path, command string }

// Open returns the folder at path for the named command. It changes nothing:
// the first Write makes the folder and marks it. Open returns an error if the
// folder holds files and no mark of the command.
func Open(path, command string) (*Dir, error) {
	d := &Dir{filepath.Clean(path), command}
	return d, d.check()
}

func (d *Dir) check() error {
	if exists, err := isFolder(d.path); !exists {
		return err
	}
	if exists, err := isFile(d.mark()); exists || err != nil {
		return err
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s holds files that %s did not write: give a new or an empty folder", input.Quote(d.path), d.command)
	}
	return nil
}

// mark returns the path of the file that marks the folder.
func (d *Dir) mark() string { return filepath.Join(d.path, ".numgrad-"+d.command) }

// Write writes the file of the given name, with slashes for folders in the
// folder. It replaces a file of an earlier run.
func (d *Dir) Write(name string, write func(io.Writer) error) error {
	if err := d.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o777); err != nil {
		return err
	}
	if err := d.put(d.mark(), func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s -out wrote the files in this folder, and may replace them.\n", d.command)
		return err
	}); err != nil {
		return err
	}
	return d.put(filepath.Join(d.path, filepath.FromSlash(name)), write)
}

// put writes the file at path and makes the folders between it and d.
func (d *Dir) put(path string, write func(io.Writer) error) error {
	folder := d.path
	inside, err := filepath.Rel(d.path, filepath.Dir(path))
	if err != nil || !filepath.IsLocal(inside) {
		return fmt.Errorf("%s is outside %s", input.Quote(path), input.Quote(d.path))
	}
	for _, part := range strings.Split(inside, string(filepath.Separator)) {
		folder = filepath.Join(folder, part)
		exists, err := isFolder(folder)
		if err == nil && !exists {
			err = os.Mkdir(folder, 0o777)
		}
		if err != nil {
			return err
		}
	}
	if _, err := isFile(path); err != nil {
		return err
	}
	return atomicfile.Write(path, write)
}

// isFolder reports whether there is a folder at path. Anything else there is an
// error.
func isFolder(path string) (bool, error) { return exists(path, fs.ModeDir, "a folder") }

// isFile reports whether there is a regular file at path. Anything else there
// is an error.
func isFile(path string) (bool, error) { return exists(path, 0, "a regular file") }

func exists(path string, kind fs.FileMode, want string) (bool, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.Mode().Type() != kind:
		return false, fmt.Errorf("%s is not %s", input.Quote(path), want)
	}
	return true, nil
}
