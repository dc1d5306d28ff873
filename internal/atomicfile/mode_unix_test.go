//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
	"testing"
)

// A file does not become readable to more users, and a new one obeys the umask.
func TestMode(t *testing.T) {
	path := oldFile(t)
	mask := syscall.Umask(0o027)
	defer syscall.Umask(mask)
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o644, 0} {
		want := mode &^ 0o027
		if mode == 0 {
			path, want = path+" not there", 0o640
		} else if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, writeNew); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("mode %v, %v, want %v", info.Mode(), err, want)
		}
	}
}
