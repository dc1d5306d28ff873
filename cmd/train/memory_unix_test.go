//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"numgrad/dataset"
	"numgrad/train"
)

// A training that takes as much memory as there is, by the figure of
// Settings.Memory, does not exceed it. With a little less it is refused.
func TestMemory(t *testing.T) {
	images, _, err := dataset.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, gradient := range []string{train.Backprop, train.Numerical} {
		s := train.Book()
		s.HiddenSizes, s.Gradient = train.Sizes{20000}, gradient
		figure := int64(s.Memory(images, 2))
		out := filepath.Join(t.TempDir(), "x.npz")
		with := func(memory int64) *exec.Cmd {
			c := exec.Command(program, "-data", data, "-limit", "200", "-epochs", "1", "-hidden", "20000",
				"-gradient", gradient, "-workers", "2", "-out", out)
			c.Env = append(os.Environ(), fmt.Sprint("GOMEMLIMIT=", memory))
			return c
		}
		c := with(figure - 1e6)
		said, _ := c.CombinedOutput()
		if c.ProcessState.ExitCode() != 2 || !strings.Contains(string(said), " with -hidden 20000") || strings.Contains(string(said), "workers") {
			t.Errorf("%s: with too little memory, %v: %s", gradient, c.ProcessState, said)
		}
		c = with(figure)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", gradient, err, said)
		}
		if runtime.GOOS != "linux" {
			continue // where the system's figure may have another unit
		}
		took := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
		t.Logf("%s: %d MB, by the figure %d MB", gradient, took/1e6, figure/1e6)
		if took > figure || took < figure/2 {
			t.Errorf("%s: it took %d bytes, and the figure is %d", gradient, took, figure)
		}
	}
}

// What other processes have taken is not there, and the garbage collector
// knows.
func TestAvailableMemory(t *testing.T) {
	before, err := freeMemory()
	if err != nil {
		t.Skip(err)
	}
	there := availableMemory()
	if err := checkMemory(train.Book(), new(dataset.Set), 1); err != nil || float64(debug.SetMemoryLimit(-1)) > 1.01*there {
		t.Errorf("the limit is %d bytes, %v, want %v", debug.SetMemoryLimit(-1), err, there)
	}
	after, err := freeMemory()
	if err != nil || there > 1.01*float64(max(before, after)) {
		t.Errorf("%v bytes, want at most the %d or %d that are free, %v", there, before, after, err)
	}
}

func TestGigabytes(t *testing.T) {
	for bytes, want := range map[float64]string{1.2345e8: "0.123 GB", 9.995e11: "1,000 GB", 1.23456e16: "12,345,600 GB", 3e36: "3e+27 GB"} {
		if got := gigabytes(bytes); got != want {
			t.Errorf("%v bytes are %s, want %s", bytes, got, want)
		}
	}
}
