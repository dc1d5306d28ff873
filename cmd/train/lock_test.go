package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLock(t *testing.T) {
	out := filepath.Join(t.TempDir(), "net.npz")
	unlock, err := lock(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(out); err == nil || !strings.Contains(err.Error(), "another training that writes to "+out+" is running") {
		t.Errorf("the second: error %v", err)
	}
	unlock()
	if _, err := os.Stat(out + ".lock"); !os.IsNotExist(err) {
		t.Errorf("the lock file is still there: %v", err)
	}
	if unlock, err = lock(out); err != nil {
		t.Fatalf("after the first: %v", err)
	}
	unlock()
}

// However locks are taken and their files removed, there is one at a time.
func TestLockAlone(t *testing.T) {
	out := filepath.Join(t.TempDir(), "net.npz")
	var inside, taken atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for taken.Load() < 200 {
				unlock, err := lock(out)
				if err != nil && strings.Contains(err.Error(), "is running") {
					continue
				} else if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two have the lock")
				}
				taken.Add(1)
				time.Sleep(100 * time.Microsecond) // its training
				inside.Add(-1)
				unlock()
			}
		})
	}
	wg.Wait()
}
