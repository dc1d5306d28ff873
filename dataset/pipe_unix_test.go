//go:build unix

package dataset

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe is refused at once: nobody writes to it.
func TestLoadPipe(t *testing.T) {
	files := letters()
	const name = "t10k-labels-idx1-ubyte"
	delete(files, name)
	dir := directory(t, files)
	if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
		t.Fatal(err)
	}
	expectError(t, dir, filepath.Join(dir, name)+": is not a regular file, want an IDX file")
}

// The name of a directory cannot change the terminal.
func TestLoadStrangeName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a\x1b[2J\n")
	expectError(t, dir, `"`+filepath.Dir(dir)+`/a\x1b[2J\n/train-images-idx3-ubyte": file does not exist, nor with .gz at its end`)
}
