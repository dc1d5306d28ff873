// Package python has the version of numgrad.py, the checker for Python.
package python

import (
	_ "embed"
	"strings"
)

//go:embed numgrad.py
var source string

// Version is the version of numgrad.py and of gradcheck.
var Version = version()

func version() string {
	_, text, _ := strings.Cut(source, "\n__version__ = \"")
	text, _, _ = strings.Cut(text, "\"")
	return text
}
