//go:build unix

package pipe

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// shell returns a command line in a process group of its own: kill reaches all
// that the shell starts, and the terminal's Ctrl-C reaches none of it.
func shell(command string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// kill kills the process group.
func (p *program) kill() { syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// pollable returns a pipe or socket with deadlines, in place of f. It returns
// any other file as it is.
func pollable(f *os.File) *os.File {
	info, err := f.Stat()
	if err != nil || info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) == 0 || f.SetDeadline(time.Time{}) == nil {
		return f
	}
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return f
	}
	syscall.CloseOnExec(fd)
	syscall.SetNonblock(fd, true)
	f.Close()
	return os.NewFile(uintptr(fd), f.Name())
}
