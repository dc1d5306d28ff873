//go:build unix

package input_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"numgrad/internal/input"
)

// Nobody writes to the pipe: this test ends because Open does not wait.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := input.Open(path); !errors.Is(err, input.ErrNotRegular) {
		t.Errorf("got %v, want %v", err, input.ErrNotRegular)
	}
}
