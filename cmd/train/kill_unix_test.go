//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"numgrad/models"
)

// binary is the command as a user builds it: without the race detector, under
// which to read the images takes longer than these trainings.
var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "train-test-")
	if err == nil {
		binary = filepath.Join(folder, "train")
		err = exec.Command("go", "build", "-o", binary, ".").Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build the command:", err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(folder)
	os.Exit(status)
}

func command(args ...string) *exec.Cmd { return exec.Command(binary, args...) }

// A training that is stopped again and again, at any moment, ends with the
// bytes of one that is not.
func TestKilled(t *testing.T) {
	for _, test := range []struct {
		gradient string
		signal   syscall.Signal
		times    int
	}{
		{"numerical", syscall.SIGKILL, 25},
		{"backprop", syscall.SIGKILL, 5},
		{"numerical", syscall.SIGINT, 8},
	} {
		t.Run(fmt.Sprint(test.gradient, test.signal), func(t *testing.T) {
			settings := []string{"-limit", "2000", "-hidden", "10", "-epochs", "6", "-lr", "1", "-gradient", test.gradient, "-quiet"}
			whole := filepath.Join(t.TempDir(), "x.npz")
			if out, err := command(append(settings, "-out", whole)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}

			random := rand.New(rand.NewPCG(1, 9))
			out := filepath.Join(t.TempDir(), "x.npz")
			for kills := 0; ; {
				args := append(settings, "-out", out, "-workers", fmt.Sprint(1+random.IntN(3)))
				if _, err := os.Stat(out); err == nil {
					args = append(args, "-resume")
				} else if !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				c := command(args...)
				var stderr strings.Builder
				c.Stderr = &stderr
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				if kills < test.times {
					kills++
					time.Sleep(time.Duration(random.IntN(900)) * time.Millisecond)
					c.Process.Signal(test.signal)
				}
				err := c.Wait()
				if err == nil {
					break
				}
				status := c.ProcessState.Sys().(syscall.WaitStatus)
				if status.Signal() != test.signal && status.ExitStatus() != 128+int(test.signal) {
					t.Fatalf("%v: %s", err, &stderr)
				}
			}
			sameBytes(t, out, whole)
			sameLogs(t, out, whole)
		})
	}
}

// sameLogs compares the logs beside two files of weights, times aside.
func sameLogs(t *testing.T, got, want string) {
	t.Helper()
	beside := func(name string) string { return strings.TrimSuffix(name, ".npz") + ".jsonl" }
	a, b := readLog(t, beside(got)), readLog(t, beside(want))
	for i := range a {
		a[i].Seconds = 0
	}
	for i := range b {
		b[i].Seconds = 0
	}
	if !slices.Equal(a, b) {
		t.Errorf("logs are\n%v\n%v", a, b)
	}
}

// A signal ends the training after its step, says how to go on, and tells the
// shell; a second one ends the process at once.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		out := filepath.Join(t.TempDir(), "x.npz")
		c := command("-limit", "1000", "-epochs", "1000", "-hidden", "10", "-out", out)
		var stderr strings.Builder
		c.Stderr = &stderr
		start(t, c, out)
		c.Process.Signal(signal)
		c.Wait()
		if status := c.ProcessState.ExitCode(); status != 128+int(signal) ||
			!strings.HasSuffix(stderr.String(), "to go on: go run ./cmd/train -resume -out "+out+"\n") {
			t.Errorf("%v: status %d, %s", signal, status, &stderr)
		}

		// Who forgets -resume has not lost it.
		kept := strings.TrimSuffix(out, ".npz") + ".unfinished.npz"
		status, _, said := call(append(quick, "-out", out)...)
		if status != 0 || !strings.Contains(said, "it is kept as "+kept) {
			t.Errorf("status %d, %s", status, said)
		}
		if m, err := models.Load(kept); err != nil || len(m.Losses) == 0 {
			t.Errorf("%s: %v", kept, err)
		}
	}

	out := filepath.Join(t.TempDir(), "x.npz")
	c := command("-gradient", "inplace", "-out", out, "-quiet") // a step takes long
	start(t, c, out)
	c.Process.Signal(syscall.SIGINT)
	time.Sleep(100 * time.Millisecond)
	c.Process.Signal(syscall.SIGINT)
	c.Wait()
	if status := c.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGINT {
		t.Errorf("after a second SIGINT: %v", c.ProcessState)
	}
}

// start starts a training and waits until it is under way.
func start(t *testing.T, c *exec.Cmd, out string) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		time.Sleep(50 * time.Millisecond)
		if _, err := os.Stat(out); err == nil {
			time.Sleep(200 * time.Millisecond)
			return
		}
	}
	c.Process.Kill()
	c.Wait()
	t.Fatal("it has not begun after 10 s")
}

func TestTwoAtOnce(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	first := command("-limit", "1000", "-epochs", "1000", "-hidden", "10", "-out", out, "-quiet")
	start(t, first, out)
	oneLine(t, "another training that writes to "+out+" is running", append(quick, "-out", out)...)
	first.Process.Kill()
	first.Wait()
	// The lock of a killed training is none.
	if status, _, stderr := call("-resume", "-out", out, "-epochs", "1001", "-quiet", "-lr", "9"); status != 1 || !strings.Contains(stderr, "begun with") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// A folder that goes away in the middle of a training costs nothing but the
// exit status.
func TestDiskTrouble(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	folder := filepath.Join(t.TempDir(), "models")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(folder, "x.npz")
	c := command("-limit", "2000", "-epochs", "30", "-hidden", "10", "-out", out)
	var stderr strings.Builder
	c.Stderr = &stderr
	start(t, c, out)
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	c.Wait()
	if status := c.ProcessState.ExitCode(); status != 1 {
		t.Errorf("status %d", status)
	}
	epochs, warnings := strings.Count(stderr.String(), "\nepoch"), strings.Count(stderr.String(), "cannot save, and will try again")
	if warnings == 0 || warnings > epochs+1 || !strings.Contains(stderr.String(), "the weights are kept in") {
		t.Errorf("%d epochs, %d warnings: %s", epochs, warnings, &stderr)
	}
	kept, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "train-*.npz"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	if status, stdout, stderr := call("-resume", "-out", kept[0]); status != 0 || !strings.Contains(stdout, "all 30 epochs") {
		t.Errorf("status %d, %s, %s", status, stdout, stderr)
	}
}
