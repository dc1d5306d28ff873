//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
	"testing"
)

func TestMode(t *testing.T) {
	path := oldFile(t)
	mask := fs.FileMode(syscall.Umask(0o027))
	defer syscall.Umask(int(mask))
	for _, want := range []fs.FileMode{0o600, 0o644, 0o666, 0o640} {
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
		checkMode(t, path, want)
	}
	checkMode(t, path+" not there", 0o640)
}

func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if err := Write(path, writeNew); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != want {
		t.Errorf("mode %v, %v, want %v", info.Mode(), err, want)
	}
}
