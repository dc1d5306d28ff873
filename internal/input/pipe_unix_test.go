//go:build unix

package input_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"numgrad/internal/input"
)

// Nobody writes to the pipe, and Open does not wait for anyone.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		_, err := input.Open(path)
		opened <- err
	}()
	select {
	case err := <-opened:
		if !errors.Is(err, input.ErrNotRegular) {
			t.Errorf("got %v, want %v", err, input.ErrNotRegular)
		}
	case <-time.After(10 * time.Second):
		t.Error("Open waits for a writer")
	}
}
