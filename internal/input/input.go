// Package input opens the files that a user names, and names them in messages.
package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// ErrNotRegular says that a path leads to a folder, a pipe or a device.
var ErrNotRegular = errors.New("is not a regular file")

// Open opens the regular file at path for reading. Of anything else it returns
// [ErrNotRegular] at once: opening a pipe would wait for whoever writes to it.
// The error is a [*fs.PathError].
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, quoted(err)
	}
	if !info.Mode().IsRegular() {
		return nil, quoted(&fs.PathError{Op: "open", Path: path, Err: ErrNotRegular})
	}
	f, err := os.Open(path)
	return f, quoted(err)
}

// Read returns the content of the regular file at path, which may have up to
// limit bytes. A larger file is an error, and is not read.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, quoted(err)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: has %d bytes, want at most %d", Quote(path), info.Size(), limit)
	}
	content := make([]byte, info.Size())
	n, err := io.ReadFull(f, content) // a file that shrinks meanwhile is shorter
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil
	}
	return content[:n], quoted(err)
}

// quoted returns err with its path as [Quote] has it.
func quoted(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: e.Op, Path: Quote(e.Path), Err: e.Err}
	}
	return err
}

// Bare returns an error of package os without the path, for a caller that puts
// the path in front of every error.
func Bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// Quote returns the name of a file for a message: as it is, or as a Go string
// if it holds what a terminal would not show as one line.
func Quote(name string) string {
	strange := func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
	if name == "" || strings.ContainsFunc(name, strange) {
		return strconv.Quote(name)
	}
	return name
}

// Same reports whether both paths lead to one file, which exists.
func Same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// ErrHTML reports a web page in place of the data.
var ErrHTML = errors.New("is a web page (HTML), perhaps an error page that was downloaded in place of the file")

var htmlStart = regexp.MustCompile(`(?is)^(\x{FEFF})?\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|script|meta)\b`)

// IsHTML reports whether a file is a web page, from its first bytes, of which
// it needs a few hundred.
func IsHTML(start []byte) bool { return htmlStart.Match(start) }
