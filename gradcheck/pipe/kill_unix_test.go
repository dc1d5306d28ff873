//go:build unix

package pipe_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"numgrad/gradcheck/pipe"
)

// When ctx is done, all that the program started dies with it: a process that
// the shell started in the background has the write end of a named pipe, whose
// read end sees the end of the file when the last writer is gone.
func TestKillReachesTheGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	ctx, cancel := context.WithCancel(context.Background())
	started := writer(func([]byte) { cancel() })
	_, err = pipe.Start(ctx, "exec 9>'"+path+"'; (echo started >&2; sleep 1000) & sleep 1000", started, 0)
	if err == nil || err.Error() != "interrupted" {
		t.Errorf("error %v", err)
	}
	held.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := held.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a process that the program started lives: %v", err)
	}
}

// writer is a function as an io.Writer.
type writer func([]byte)

func (w writer) Write(text []byte) (int, error) { w(text); return len(text), nil }
