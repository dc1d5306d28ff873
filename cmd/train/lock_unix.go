//go:build unix

package main

import "syscall"

// lockFlags open the lock file without following a link or waiting at a FIFO.
const lockFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
