//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other trainings from writing to out until unlock is called or
// the process ends, however it does.
func lock(out string) (unlock func(), err error) {
	name := out + ".lock"
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o666)
		if err != nil {
			return nil, err
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err != nil {
			f.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				return nil, fmt.Errorf("another training that writes to %s is running: wait for it, or choose another -out", out)
			}
			return nil, &os.PathError{Op: "lock", Path: name, Err: err}
		}
		// Whoever had the lock before has removed the file, perhaps between
		// our two calls. Then what we have locked is a file without a name.
		if isFile(f, name) {
			return func() { os.Remove(name); f.Close() }, nil
		}
		f.Close()
	}
}

func isFile(f *os.File, name string) bool {
	open, err1 := f.Stat()
	named, err2 := os.Stat(name)
	return err1 == nil && err2 == nil && os.SameFile(open, named)
}
