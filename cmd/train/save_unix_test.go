//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onEpoch is a standard output that calls a function with the number of each
// epoch, when its line is written and before its end is saved.
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
	t.Cleanup(func() { saveEvery = 30 * time.Second })
	saveEvery = d
}

// Each epoch's end is saved, however short the epoch is.
func TestSavedAtEpochsEnd(t *testing.T) {
	saveAfter(t, time.Hour)
	out := filepath.Join(t.TempDir(), "x.npz")
	saved := map[int]int{}
	f := onEpoch(func(epoch int) { saved[epoch] = iterations(t, out) })
	if status := run(append(quick, "-epochs", "3", "-out", out), f, os.Stderr, nil); status != 0 || saved[1] != 0 || saved[2] != 10 || saved[3] != 20 {
		t.Errorf("status %d, saved at the ends of the epochs are %v iterations, want 0, 10 and 20", status, saved)
	}
}

// The folder goes away in the middle of a training, and comes back: each epoch
// is warned of once, the file of before stays whole, and the next save is one.
func TestDiskTrouble(t *testing.T) {
	saveAfter(t, 0)
	folder := filepath.Join(t.TempDir(), "models")
	away, out := folder+".away", filepath.Join(folder, "x.npz")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	saved := map[int]int{}
	f := onEpoch(func(epoch int) {
		switch epoch {
		case 3:
			rename(t, folder, away)
		case 5:
			saved[epoch] = iterations(t, filepath.Join(away, "x.npz"))
		case 6:
			rename(t, away, folder)
		case 7:
			saved[epoch] = iterations(t, out)
		}
	})
	var stderr strings.Builder
	status := run(append(quick, "-epochs", "8", "-out", out), f, &stderr, nil)
	if n := strings.Count(stderr.String(), "cannot save, and will try again"); status != 0 || n != 3 {
		t.Errorf("status %d, %d warnings in 3 epochs: %s", status, n, &stderr)
	}
	if saved[5] != 29 || saved[7] != 69 || iterations(t, out) != 80 {
		t.Errorf("the file of before had %d iterations, that after %d, and the last %d, want 29, 69 and 80", saved[5], saved[7], iterations(t, out))
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Error(err)
	}
}

// A folder that does not come back costs nothing but the exit status.
func TestRescue(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	folder := filepath.Join(t.TempDir(), "models")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	f := onEpoch(func(epoch int) {
		if epoch == 2 {
			rename(t, folder, folder+".away")
		}
	})
	var stderr strings.Builder
	status := run(append(quick, "-epochs", "4", "-out", filepath.Join(folder, "x.npz")), f, &stderr, nil)
	if n := strings.Count(stderr.String(), "cannot save, and will try again"); status != 1 || n != 3 || !strings.Contains(stderr.String(), "the weights are kept in") {
		t.Errorf("status %d, %d warnings in 3 epochs: %s", status, n, &stderr)
	}
	kept, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "train-*.npz"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	if status, stdout, stderr := call("-data", data, "-resume", "-out", kept[0]); status != 0 || !strings.Contains(stdout, "all 4 epochs") {
		t.Errorf("status %d, %s, %s", status, stdout, stderr)
	}
}
