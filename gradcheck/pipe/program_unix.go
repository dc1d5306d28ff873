//go:build unix

package pipe

import (
	"os/exec"
	"syscall"
)

// shell runs a command line in a process group of its own. An interrupt from
// the terminal does not reach it: it has to answer until it has its parameters
// back.
func shell(command string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// kill kills the shell and all that it has started.
func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
