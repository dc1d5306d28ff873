//go:build !js

package main

import (
	"fmt"
	"os"

	"github.com/gofrs/flock"

	"numgrad/internal/input"
)

// lock keeps other trainings from writing to out until unlock is called or
// the process ends, however it does.
func lock(out string) (unlock func(), err error) {
	name := out + ".lock"
	for {
		l := flock.New(name, flock.SetPermissions(0o666))
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", input.Quote(name), input.Bare(err))
		}
		if !ok {
			return nil, fmt.Errorf("another training that writes to %s is running: wait for it, or choose another -out", input.Quote(out))
		}
		// Whoever had the lock before has removed the file, perhaps between
		// its opening and its locking. Then a file without a name is locked.
		if isFile(l, name) {
			return func() { remove(l, name) }, nil
		}
		l.Unlock()
	}
}

func isFile(l *flock.Flock, name string) bool {
	open, err1 := l.Stat()
	named, err2 := os.Stat(name)
	return err1 == nil && err2 == nil && os.SameFile(open, named)
}

// remove removes the file and lets go of it: in this order, so that nobody has
// locked what is removed, or where no open file is removed (Windows), after.
func remove(l *flock.Flock, name string) {
	err := os.Remove(name)
	l.Unlock()
	if err != nil {
		os.Remove(name)
	}
}
