//go:build unix

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// strangers puts a file, a folder, a FIFO, a link and a dangling link at path, in
// turn, and calls f after each.
func strangers(t *testing.T, path string, f func(kind string)) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("precious"), 0o666); err != nil {
		t.Fatal(err)
	}
	for kind, put := range map[string]func() error{
		"file":          func() error { return os.WriteFile(path, []byte("precious"), 0o666) },
		"folder":        func() error { return os.Mkdir(path, 0o777) },
		"FIFO":          func() error { return syscall.Mkfifo(path, 0o666) },
		"link":          func() error { return os.Symlink(elsewhere, path) },
		"dangling link": func() error { return os.Symlink(elsewhere+"-2", path) },
	} {
		if err := errors.Join(os.RemoveAll(path), put()); err != nil {
			t.Fatal(err)
		}
		f(kind)
		if content, err := os.ReadFile(elsewhere); err != nil || string(content) != "precious" {
			t.Errorf("%s: the target of the link is changed, %v", kind, err)
		}
		if _, err := os.Lstat(elsewhere + "-2"); err == nil {
			t.Errorf("%s: a file is made through the link", kind)
		}
	}
}

// A new training leaves whatever has the name of its folder, and takes the next
// number.
func TestStrangersAtOut(t *testing.T) {
	parent := t.TempDir()
	out := filepath.Join(parent, "x")
	n := 1
	strangers(t, out, func(kind string) {
		before := contents(t, parent)
		n++
		if _, stderr := succeed(t, append(quick, "-epochs", "1", "-out", out)...); stderr != fmt.Sprintf("train: %s exists: this training is %[1]s-%d\n", out, n) {
			t.Errorf("%s: it prints %q", kind, stderr)
		}
		after := contents(t, parent)
		delete(after, fmt.Sprintf("x-%d", n))
		if !maps.Equal(after, before) {
			t.Errorf("%s: the folder has %v, want %v", kind, after, before)
		}
	})
}

// -resume refuses a folder in which a file is not from a training. It opens no
// FIFO, follows no link and removes nothing.
func TestStrangersInFolder(t *testing.T) {
	for _, name := range []string{"weights.npz", "log.jsonl", "curves.png", "lock"} {
		out := filepath.Join(t.TempDir(), "x")
		succeed(t, append(quick, "-out", out, "-quiet")...)
		strangers(t, filepath.Join(out, name), func(kind string) {
			before := contents(t, out)
			status, _, stderr := call("-data", data, "-resume", out, "-epochs", "3")
			if name == "lock" && kind == "file" && status == 0 { // it can be locked
				if after := contents(t, out); after[name] != before[name] {
					t.Error("the lock file is changed")
				}
				return
			}
			if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, out) {
				t.Errorf("%s at %s: status %d, %q", kind, name, status, stderr)
			}
			if after := contents(t, out); !maps.Equal(after, before) {
				t.Errorf("%s at %s: the files are changed", kind, name)
			}
		})
	}
}

func TestTwoAtOnce(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	first := exec.Command(program, "-data", data, "-epochs", "1000000", "-out", out, "-quiet")
	startTraining(t, first, out)
	fail(t, 1, "another training is running in "+out, "-data", data, "-resume", out)
	if _, stderr := succeed(t, append(quick, "-out", out)...); !strings.Contains(stderr, "this training is "+out+"-2") {
		t.Error(stderr)
	}
	first.Process.Kill()
	first.Wait()
	// The lock of a killed process is free.
	fail(t, 2, "-epochs is 3, want at least 1000000", "-data", data, "-resume", out, "-epochs", "3")
}

// A full disk ends a training before it begins, with no folder left. The limit of
// the size of a file stands in for the disk's.
func TestFullDisk(t *testing.T) {
	folder := t.TempDir()
	c := exec.Command("bash", append([]string{"-c", `ulimit -f 50; trap '' XFSZ; exec "$@"`, "bash", program, "-out", filepath.Join(folder, "x")}, quick...)...)
	out, err := c.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "file too large") {
		t.Errorf("%v: %s", err, out)
	}
	if names := names(t, folder); names != "" {
		t.Errorf("it leaves %s", names)
	}
}

// onEpoch is a standard output that calls a function with the number of each
// completed epoch, before that is saved.
type onEpoch func(epoch int)

func (f onEpoch) Write(p []byte) (int, error) {
	var epoch int
	if n, _ := fmt.Sscanf(string(p), "epoch %d", &epoch); n == 1 {
		f(epoch)
	}
	return len(p), nil
}

// saveAfter sets the time between two saves.
func saveAfter(t *testing.T, d time.Duration) {
	before := saveEvery
	t.Cleanup(func() { saveEvery = before })
	saveEvery = d
}

// Each completed epoch is saved, and, after a time, each step.
func TestSaved(t *testing.T) {
	for every, want := range map[time.Duration]string{time.Hour: "map[1:0 2:10 3:20]", 0: "map[1:10 2:20 3:30]"} {
		saveAfter(t, every)
		out := filepath.Join(t.TempDir(), "x")
		saved := map[int]int{}
		f := onEpoch(func(epoch int) { _, meta := meta(t, out); saved[epoch] = meta.Iteration })
		if status := run(append(quick, "-epochs", "3", "-out", out), f, os.Stderr, nil); status != 0 || fmt.Sprint(saved) != want {
			t.Errorf("status %d, after each epoch %v iterations are saved, want %v", status, saved, want)
		}
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Error(err)
	}
}

// A folder that cannot be written for a while costs a warning per epoch, and
// nothing that was saved.
func TestDiskTrouble(t *testing.T) {
	saveAfter(t, 0)
	out := filepath.Join(t.TempDir(), "x")
	saved := map[int]int{}
	f := onEpoch(func(epoch int) {
		switch epoch {
		case 3:
			rename(t, out, out+".away")
		case 5:
			_, meta := meta(t, out+".away")
			saved[epoch] = meta.Iteration
		case 6:
			rename(t, out+".away", out)
		}
	})
	var stderr strings.Builder
	status := run(append(quick, "-epochs", "8", "-out", out), f, &stderr, nil)
	if n := strings.Count(stderr.String(), "cannot save, and will try again"); status != 0 || n != 3 {
		t.Errorf("status %d, %d warnings in 3 epochs: %s", status, n, &stderr)
	}
	if _, meta := meta(t, out); saved[5] != 30 || meta.Iteration != 80 {
		t.Errorf("the folder had %v iterations, and has %d at the end, want 30 and 80", saved, meta.Iteration)
	}
}

// If the last save fails, the weights are saved in a folder of the directory for
// temporary files, and can be resumed there.
func TestRescue(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	out := filepath.Join(t.TempDir(), "x")
	f := onEpoch(func(epoch int) {
		if epoch == 2 {
			rename(t, out, out+".away")
		}
	})
	var stderr strings.Builder
	status := run(append(quick, "-out", out), f, &stderr, nil)
	_, rest, ok := strings.Cut(stderr.String(), "the weights are saved in ")
	kept, _, _ := strings.Cut(rest, ":")
	if status != 1 || !ok {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	if stdout, _ := succeed(t, "-data", data, "-resume", kept); !strings.Contains(stdout, "all 2 epochs") {
		t.Errorf("resumed, it prints %s", stdout)
	}
}

// If only the log cannot be saved, the error says that the weights are saved.
func TestLogCannotBeSaved(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	log := filepath.Join(out, "log.jsonl")
	f := onEpoch(func(epoch int) {
		if err := errors.Join(os.RemoveAll(log), os.Mkdir(log, 0o777)); err != nil {
			t.Error(err)
		}
	})
	var stderr strings.Builder
	status := run(append(quick, "-out", out, "-epochs", "1"), f, &stderr, nil)
	if want := "train: the weights are saved: -resume " + out + " writes the missing files\n"; status != 1 || !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("status %d, %swant %s", status, &stderr, want)
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	if succeed(t, "-data", data, "-resume", out); len(readLog(t, out)) != 1 {
		t.Error("the resumed training writes no log")
	}
}
