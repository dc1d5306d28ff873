//go:build unix

package npz

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe is refused. A second end is open, so that nothing here can hang.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.npz")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	end, err := syscall.Open(path, syscall.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer syscall.Close(end)
	if _, err := Open(path); errorText(err) != "open "+path+": is not a regular file" {
		t.Errorf("error %v", err)
	}
}
