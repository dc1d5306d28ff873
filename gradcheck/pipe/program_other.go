//go:build !unix

package pipe

import (
	"os"
	"os/exec"
)

func shell(command string) *exec.Cmd { return exec.Command("cmd", "/c", command) }

func (p *program) kill() { p.cmd.Process.Kill() }

func pollable(f *os.File) *os.File { return f }
