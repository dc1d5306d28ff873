//go:build unix

package input_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"numgrad/internal/input"
)

// A pipe is refused. A second end is open, so a wrong Open does not hang.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	end, err := syscall.Open(path, syscall.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer syscall.Close(end)
	if _, err := input.Open(path); !errors.Is(err, input.ErrNotRegular) {
		t.Errorf("got %v, want %v", err, input.ErrNotRegular)
	}
}
