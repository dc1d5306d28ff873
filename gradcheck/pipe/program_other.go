//go:build !unix

package pipe

import "os/exec"

// shell runs a command line.
func shell(command string) *exec.Cmd { return exec.Command("cmd", "/c", command) }

func kill(cmd *exec.Cmd) { cmd.Process.Kill() }
