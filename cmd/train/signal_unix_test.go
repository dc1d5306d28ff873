//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// epochs returns the number of epochs in the log of a training.
func epochs(out string) int {
	log, _ := os.ReadFile(filepath.Join(out, "log.jsonl"))
	return strings.Count(string(log), "\n")
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, condition string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within two minutes", condition)
		}
	}
}

// startTraining starts a training and waits for its first saved state.
func startTraining(t *testing.T, c *exec.Cmd, out string) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	waitFor(t, "the first save", func() bool { _, err := os.Stat(out + "/weights.npz"); return err == nil })
}

// A training that is killed 30 times, at the start, in the middle of an epoch and
// while it saves, and each time resumed on another number of workers, ends with
// the bytes of an uninterrupted one. More kills follow until one has come during
// a save.
func TestKilled(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	settings := []string{"-data", data, "-hidden", "12,11", "-activation", "relu", "-std", "he", "-batch", "20", "-quiet"}
	random := rand.New(rand.NewPCG(1, 9))
	temporary := filepath.Join(out, ".weights.npz.tmp")
	kills, saving := 0, 0
	for ; kills < 30 || saving == 0; kills++ {
		if kills == 600 {
			t.Fatal("600 kills, none during a save")
		}
		args := append(settings, "-epochs", "1000000", "-out", out)
		if kills > 0 {
			args = []string{"-data", data, "-quiet", "-resume", out, "-workers", fmt.Sprint(1 + random.IntN(3))}
		}
		c := exec.Command(program, args...)
		begun := epochs(out)
		startTraining(t, c, out)
		switch kills % 3 {
		case 0: // at a random moment after an epoch
			waitFor(t, "an epoch", func() bool { return epochs(out) > begun })
			time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond)
		case 1: // at the start
			time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond)
		case 2: // during a save
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
				if _, err := os.Lstat(temporary); err == nil && epochs(out) > begun {
					break
				}
			}
		}
		c.Process.Kill()
		if c.Wait(); c.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("it ended before the kill: %v", c.ProcessState)
		}
		if _, err := os.Lstat(temporary); err == nil {
			saving++
		}
		meta(t, out) // the weights are whole
	}
	t.Logf("%d kills, %d during a save", kills, saving)

	_, state := meta(t, out)
	whole := filepath.Join(t.TempDir(), "x")
	finish := fmt.Sprint(len(state.Log) + 2)
	// The epochs cannot be lowered by a flag.
	m, _ := meta(t, out)
	m.Meta = []byte(strings.Replace(string(m.Meta), `"epochs":1000000`, `"epochs":`+finish, 1))
	if err := m.Save(out + "/weights.npz"); err != nil {
		t.Fatal(err)
	}
	succeed(t, "-data", data, "-quiet", "-resume", out)
	succeed(t, append(settings, "-epochs", finish, "-out", whole)...)
	sameBytes(t, out+"/weights.npz", whole+"/weights.npz")
	sameBytes(t, out+"/curves.png", whole+"/curves.png")
	_, end := meta(t, whole)
	lines := readLog(t, out)
	if len(lines) != len(end.Log) {
		t.Fatalf("the log has %d epochs, want %d", len(lines), len(end.Log))
	}
	for i, line := range lines {
		if line.Epoch != end.Log[i] {
			t.Errorf("the log has %+v, want %+v", line.Epoch, end.Log[i])
		}
	}
}

// A signal ends the training after its step. The last line is a command that
// continues it.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		out := filepath.Join(t.TempDir(), "it's mine")
		c := exec.Command(program, "-data", data, "-hidden", "10", "-epochs", "1000000", "-out", out)
		var stderr strings.Builder
		c.Stderr = &stderr
		startTraining(t, c, out)
		c.Process.Signal(signal)
		c.Wait()
		lines := strings.Split(stderr.String(), "\n")
		if status := c.ProcessState.ExitCode(); status != 128+int(signal) || len(lines) != 3 || !strings.HasSuffix(lines[0], "to continue:") {
			t.Fatalf("%v: status %d, %s", signal, status, &stderr)
		}

		_, before := meta(t, out)
		resumed := exec.Command("sh", "-c", "exec "+lines[1])
		startTraining(t, resumed, out)
		waitFor(t, "more steps", func() bool { _, after := meta(t, out); return after.Iteration > before.Iteration })
		resumed.Process.Signal(signal)
		if resumed.Wait(); resumed.ProcessState.ExitCode() != 128+int(signal) {
			t.Errorf("%q: %v", lines[1], resumed.ProcessState)
		}
	}
}

// A second signal ends the process at once, in the middle of a step.
func TestSecondSignal(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	c := exec.Command(program, "-gradient", "inplace", "-hidden", "500", "-data", data, "-out", out, "-quiet")
	startTraining(t, c, out)
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }()
	waitFor(t, "the end", func() bool {
		c.Process.Signal(syscall.SIGINT)
		select {
		case <-ended:
			return true
		case <-time.After(50 * time.Millisecond):
			return false
		}
	})
	if status := c.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGINT {
		t.Errorf("after a second SIGINT: %v", c.ProcessState)
	}
}

// A signal that was ignored at the start does not stop the training, and neither
// does a reader of the output that exits.
func TestIgnoredSignals(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	c := exec.Command("sh", "-c", `trap '' INT HUP; "$@" | true`, "sh", program, "-data", data, "-hidden", "10", "-epochs", "100", "-out", out)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	startTraining(t, c, out)
	syscall.Kill(-c.Process.Pid, syscall.SIGINT)
	syscall.Kill(-c.Process.Pid, syscall.SIGHUP)
	waitFor(t, "the end of the training", func() bool { return epochs(out) == 100 })
	c.Wait()
}
