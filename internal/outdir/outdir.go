// Package outdir writes the files of a command into a folder of its own.
//
// The folder is new, or empty, or marked by a file from an earlier run of the
// same command. A folder with other files is an error. Links are not followed, so
// no file elsewhere is replaced. Each file is written completely or not at all.
package outdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

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
	info, err := os.Lstat(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d, nil
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a folder", input.Quote(d.path))
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.Name() == d.mark() && entry.Type().IsRegular() {
			return d, nil
		}
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s holds files that %s did not write: give a new or an empty folder", input.Quote(d.path), command)
	}
	return d, nil
}

// mark returns the name of the file that marks the folder.
func (d *Dir) mark() string { return ".numgrad-" + d.command }

// Write writes a file. Its name is relative to the folder, with slashes. Write
// makes missing folders and replaces a regular file, but no link and no device.
func (d *Dir) Write(name string, write func(io.Writer) error) error {
	if _, err := Open(d.path, d.command); err != nil {
		return err // other files are there by now
	}
	if err := os.MkdirAll(d.path, 0o777); err != nil {
		return err
	}
	mark := fmt.Sprintf("%s -out wrote the files in this folder, and may replace them.\n", d.command)
	err := atomicfile.Write(filepath.Join(d.path, d.mark()), func(w io.Writer) error {
		_, err := io.WriteString(w, mark)
		return err
	})
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(d.path) // follows no link to another folder
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	file := filepath.Join(d.path, filepath.FromSlash(name))
	info, err := root.Lstat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s: %w", input.Quote(file), input.ErrNotRegular)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return atomicfile.Write(file, write)
}
