// Package usage parses the command lines of all commands: an error is one line,
// help goes to standard output, and flags may follow other arguments.
package usage

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/term"

	"numgrad/internal/input"
)

// Error reports wrong usage that is found after parsing, such as two flags that
// exclude each other.
type Error struct{ Err error }

// Error returns the text of Err.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Parse parses args, where flags and other arguments may be mixed, and returns
// the other arguments. All arguments after "--" are others. For -h it writes help
// and the flags to stdout and returns [flag.ErrHelp]. Any other error reports
// wrong usage in one line. The flags must have [flag.ContinueOnError].
func Parse(flags *flag.FlagSet, help string, args []string, stdout io.Writer) (others []string, err error) {
	flags.SetOutput(io.Discard) // otherwise package flag prints the usage with each error
	for {
		switch err := flags.Parse(args); {
		case err == flag.ErrHelp:
			flags.SetOutput(stdout)
			fmt.Fprintf(stdout, "%s\n\nflags:\n", help)
			flags.PrintDefaults()
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%s: see %s -h", input.Quote(err.Error()), flags.Name())
		}
		rest := flags.Args()
		if read := len(args) - len(rest); len(rest) == 0 || read > 0 && args[read-1] == "--" {
			return slices.Concat(others, rest), nil
		}
		others, args = append(others, rest[0]), rest[1:]
	}
}

// Terminal reports whether w is a terminal that can redraw a line, as a progress
// bar needs.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}
