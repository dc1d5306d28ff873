//go:build !js

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// command returns a command line that runs one of the project's commands, as
// this process was run: by the go command, or as a binary, beside which the
// others may be. It returns "" if the command is not to be found.
func command(name string, args ...string) string {
	self, err := os.Executable()
	if err == nil && builtByGoRun(self) {
		return shellWords(append([]string{"go", "run", "./cmd/" + name}, args...)...)
	}
	path := os.Args[0]
	if name != "train" {
		path = filepath.Join(filepath.Dir(path), name)
		if filepath.Base(os.Args[0]) == os.Args[0] { // found by PATH
			path = name
		} else if filepath.Base(path) == path {
			path = "." + string(filepath.Separator) + path
		}
	}
	if _, err := exec.LookPath(path); err != nil {
		return ""
	}
	return shellWords(append([]string{path}, args...)...)
}

// builtByGoRun reports whether the go command put the executable where it keeps
// what it runs: in a temporary folder, or in its cache.
func builtByGoRun(executable string) bool {
	cache := os.Getenv("GOCACHE")
	return strings.Contains(executable, string(filepath.Separator)+"go-build") ||
		cache != "" && strings.HasPrefix(executable, cache+string(filepath.Separator))
}

// plainWord matches what a shell takes as it is.
var plainWord = regexp.MustCompile(`^[\pL\pN_./:=@%+,-]+$`)

// shellWords returns a command line of words that can be pasted into a shell.
func shellWords(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(word)
	}
	return strings.Join(quoted, " ")
}

func shellWord(word string) string {
	switch {
	case plainWord.MatchString(word):
		return word
	case runtime.GOOS == "windows": // whose file names hold no quotes
		return `"` + word + `"`
	case !strings.ContainsFunc(word, func(r rune) bool { return !strconv.IsPrint(r) || r == '\uFFFD' }):
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	// $'…' has the escapes of Go's strings, but for its quotes: bash, zsh, and
	// POSIX of 2024.
	inside := strconv.Quote(word)
	inside = inside[1 : len(inside)-1]
	return "$'" + strings.ReplaceAll(strings.ReplaceAll(inside, `\"`, `"`), "'", `\'`) + "'"
}
