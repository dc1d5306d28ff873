//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each signal ends gradcheck and all that the program started, before the first
// line, in a loss, and after the report. The processes hold the write end of a
// named pipe; the read end sees the end of the file when the last one is gone.
func TestSignals(t *testing.T) {
	for stage, command := range map[string]string{
		"first line": "kill -$SIGNAL $PPID; sleep 1000",
		"loss":       `echo '{"params":[{"name":"w","values":[1],"gradient":[1]}]}'; read line; kill -$SIGNAL $PPID; sleep 1000`,
		"report":     programCommand("hangs"),
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
			t.Run(fmt.Sprint(stage, " ", signal), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "held")
				if err := syscall.Mkfifo(path, 0o600); err != nil {
					t.Fatal(err)
				}
				held, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer held.Close()
				cmd := exec.Command(os.Args[0], "-timeout", "0", "-loss", "exec 9>'"+path+"'; sleep 1000 & "+command)
				cmd.Env = append(os.Environ(), commandVariable+"=1", fmt.Sprintf("SIGNAL=%d", signal))
				cmd.WaitDelay = time.Minute // for a process that holds the output
				text, _ := cmd.CombinedOutput()
				if cmd.ProcessState.ExitCode() != 1 || !strings.HasSuffix(string(text), "gradcheck: interrupted\n") {
					t.Errorf("%v\n%s", cmd.ProcessState, text)
				}
				held.SetReadDeadline(time.Now().Add(time.Minute))
				if _, err := held.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("a process that the program started lives: %v", err)
				}
			})
		}
	}
}
