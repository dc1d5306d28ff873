//go:build unix

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
	"numgrad/train"
)

// A training that is stopped again and again, at any moment, ends with the
// bytes of one that is not. Each signal finds a training at work, because that
// has no end until all signals are delivered. How soon a signal comes is the
// machine's to say, so more follow until one has come at the moment in question.
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
			t.Parallel()
			settings := []string{"-data", data, "-hidden", "12,11", "-activation", "relu", "-std", "he", "-batch", "20",
				"-gradient", test.gradient, "-quiet"}
			v := &victim{args: append(slices.Clone(settings), "-epochs", "1000000"), out: filepath.Join(t.TempDir(), "x.npz"), random: rand.New(rand.NewPCG(1, 9))}
			for ; v.delivered < test.times || !v.hit(test.signal); v.kill(t, test.signal, v.delivered%2 == 0) {
				if v.delivered == 20*test.times {
					t.Fatalf("%d signals delivered, none at the moment in question", v.delivered)
				}
			}
			// It is at its end two epochs later, and so is one that was never stopped.
			epochs := iterations(t, v.out)/(smallTrain/20) + 2
			rewrite(t, v.out, `"epochs":1000000`, fmt.Sprintf(`"epochs":%d`, epochs))
			v.args = settings
			c := v.start(t)
			if err := c.Wait(); err != nil {
				t.Fatalf("%v: %s", err, c.Stderr)
			}
			whole := filepath.Join(t.TempDir(), "x.npz")
			if out, err := exec.Command(program, append(settings, "-epochs", fmt.Sprint(epochs), "-out", whole)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			sameBytes(t, v.out, whole)
			sameLogs(t, v.out, whole)
			t.Logf("%d signals delivered, %d while a file was written, %d in the middle of an epoch", v.delivered, v.whileSaving, v.midEpoch)
		})
	}
}

// victim is a training that is stopped and taken up again.
type victim struct {
	args                             []string
	out                              string
	random                           *rand.Rand
	delivered, whileSaving, midEpoch int
}

// hit tells whether a kill came while a file was written, or another signal in
// the middle of an epoch.
func (v *victim) hit(signal syscall.Signal) bool {
	if signal == syscall.SIGKILL {
		return v.whileSaving > 0
	}
	return v.midEpoch > 0
}

// start begins the training or takes it up again, with any number of workers.
func (v *victim) start(t *testing.T) *exec.Cmd {
	t.Helper()
	args := append(slices.Clone(v.args), "-out", v.out, "-workers", fmt.Sprint(1+v.random.IntN(3)))
	if _, err := os.Stat(v.out); err == nil {
		args = append(args, "-resume")
	} else if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	c := exec.Command(program, args...)
	c.Stderr = new(strings.Builder)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// kill starts the training, and sends the signal when an epoch has ended: at
// once, while the files are written, or a little later.
func (v *victim) kill(t *testing.T, signal syscall.Signal, saving bool) {
	t.Helper()
	epoch := epochsIn(v.out) + 1
	c := v.start(t)
	temporary := filepath.Join(filepath.Dir(v.out), ".x.npz.tmp")
	for deadline := time.Now().Add(time.Minute); ; {
		if epochsIn(v.out) >= epoch {
			if _, err := os.Stat(temporary); !saving || err == nil {
				break
			}
		}
		if time.Now().After(deadline) || c.Process.Signal(syscall.Signal(0)) != nil {
			c.Process.Kill()
			t.Fatalf("it has not come to the end of epoch %d: %s", epoch, c.Stderr)
		}
	}
	if !saving {
		time.Sleep(time.Duration(v.random.IntN(4000*(2+v.delivered))) * time.Microsecond)
	}
	c.Process.Signal(signal)
	err := c.Wait()
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signal() != signal && status.ExitStatus() != 128+int(signal) {
		t.Fatalf("the signal found it at its end: %v: %s", err, c.Stderr)
	}
	v.delivered++
	if _, err := os.Stat(temporary); err == nil {
		v.whileSaving++
	}
	m, err := models.Load(v.out)
	if err != nil {
		t.Fatal(err)
	}
	if meta, err := train.ReadMeta(m); err != nil {
		t.Fatal(err)
	} else if meta.Iteration%(smallTrain/20) != 0 {
		v.midEpoch++
	}
}

// epochsIn returns how many epochs the log beside the weights has.
func epochsIn(out string) int {
	log, _ := os.ReadFile(strings.TrimSuffix(out, ".npz") + ".jsonl")
	return strings.Count(string(log), "\n")
}

// sameLogs compares the logs beside two files of weights, times aside.
func sameLogs(t *testing.T, got, want string) {
	t.Helper()
	epochs := func(out string) (list []train.Epoch) {
		for _, line := range readLog(t, strings.TrimSuffix(out, ".npz")+".jsonl") {
			list = append(list, line.Epoch)
		}
		return list
	}
	if a, b := epochs(got), epochs(want); !slices.Equal(a, b) {
		t.Errorf("logs are\n%v\n%v", a, b)
	}
}

// long is a training that no test waits for.
var long = []string{"-epochs", "1000000", "-hidden", "10"}

// start starts a training and waits until it is under way.
func start(t *testing.T, c *exec.Cmd, out string) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	waitFor(t, "the first file", func() bool { _, err := os.Stat(out); return err == nil })
}

// A signal ends the training after its step, says how to go on in words that a
// shell takes, and tells the shell.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		out := filepath.Join(t.TempDir(), "it's mine.npz")
		c := exec.Command(program, append(long, "-data", data, "-out", out)...)
		var stdout, stderr strings.Builder
		c.Stdout, c.Stderr = &stdout, &stderr
		start(t, c, out)
		c.Process.Signal(signal)
		c.Wait()
		_, again, ok := strings.Cut(stderr.String(), "; to go on: ")
		if status := c.ProcessState.ExitCode(); status != 128+int(signal) || !ok || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%v: status %d, %s", signal, status, &stderr)
		}
		if before, last := epochsIn(out), strings.Count(stdout.String(), "epoch"); before != last {
			t.Errorf("%d epochs in the log, %d lines on standard output", before, last)
		}

		resumed := exec.Command("sh", "-c", "exec "+again)
		var more strings.Builder
		resumed.Stdout = &more
		begun := epochsIn(out)
		start(t, resumed, out)
		waitFor(t, "an epoch of the resumed training", func() bool { return epochsIn(out) > begun })
		resumed.Process.Signal(signal)
		if resumed.Wait(); resumed.ProcessState.ExitCode() != 128+int(signal) {
			t.Errorf("%q: %v", again, resumed.ProcessState)
		}
	}
}

// A second signal ends the process at once, in the middle of a step.
func TestSecondSignal(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	c := exec.Command(program, "-gradient", "inplace", "-hidden", "500", "-data", data, "-out", out, "-quiet")
	start(t, c, out)
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

// A signal that was ignored at the start, as SIGINT in a script's background
// and SIGHUP under nohup, does not stop the training.
func TestIgnoredSignals(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	line := shellWords(append([]string{program, "-data", data, "-out", out}, long...)...)
	c := exec.Command("sh", "-c", "trap '' INT HUP; exec "+line)
	start(t, c, out)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP} {
		c.Process.Signal(signal)
		now := epochsIn(out)
		waitFor(t, "an epoch after the signal", func() bool { return epochsIn(out) > now+2 })
	}
	c.Process.Signal(syscall.SIGTERM)
	if c.Wait(); c.ProcessState.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("after SIGTERM: %v", c.ProcessState)
	}
}

// A reader that goes away, as head does after its lines, does not take the
// training along.
func TestReaderGoes(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	line := shellWords(append([]string{program, "-out", out}, quick...)...)
	if said, err := exec.Command("bash", "-c", "set -o pipefail; "+line+" 2>&1 | true").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if n := iterations(t, out); n != 20 {
		t.Errorf("it has ended after %d of 20 iterations", n)
	}
}

func TestTwoAtOnce(t *testing.T) {
	folder := t.TempDir()
	out, link := filepath.Join(folder, "x.npz"), filepath.Join(folder, "link.npz")
	first := exec.Command(program, append(long, "-data", data, "-out", out, "-quiet")...)
	start(t, first, out)
	if err := os.Symlink("x.npz", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{out, link} {
		oneLine(t, "another training that writes to "+out+" is running", append(quick, "-out", name)...)
		oneLine(t, "another training that writes to "+out+" is running", append(quick, "-resume", "-out", name)...)
	}
	first.Process.Kill()
	first.Wait()
	// The lock of a killed training is none.
	oneLine(t, "begun with", "-data", data, "-resume", "-out", out, "-quiet", "-lr", "9")
}

// A disk that is full is told before the training begins, and what is there
// stays as it is. /dev/full is not a folder, so the limit on a file's size
// stands in for the disk's.
func TestFull(t *testing.T) {
	folder := t.TempDir()
	out := filepath.Join(folder, "x.npz")
	if status, _, stderr := call(append(quick, "-out", out)...); status != 0 {
		t.Fatal(stderr)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ kibibytes, hidden, want string }{
		{"100", "10", "no file of 1 MiB"},
		{"2000", "1000", "write " + out + ": file too large"}, // which the log would fit in
	} {
		line := shellWords(append(append([]string{program, "-out", out}, quick...), "-hidden", test.hidden)...)
		said, err := exec.Command("bash", "-c", "ulimit -f "+test.kibibytes+"; trap '' XFSZ; exec "+line).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || strings.Count(string(said), "\n") != 1 || !strings.Contains(string(said), test.want) {
			t.Errorf("%v: %s", err, said)
		}
		if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
			t.Errorf("the earlier file is changed, %v", err)
		}
		if names := names(t, folder); names != "x.jsonl x.npz x.png" {
			t.Errorf("it leaves %s", names)
		}
	}
}
