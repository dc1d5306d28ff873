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

// ErrNotRegular is the error for a folder, a pipe or a device.
var ErrNotRegular = errors.New("is not a regular file")

// ErrHTML is the error for a web page in place of data.
var ErrHTML = errors.New("is a web page (HTML), perhaps an error page that was downloaded in place of the file")

// Open opens the regular file at path for reading. It does not wait for a pipe:
// anything but a regular file is [ErrNotRegular]. The error is a [*fs.PathError].
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: Quote(path), Err: Bare(err)}
	}
	return f, nil
}

// Read returns the content of the regular file at path. A file of more than
// limit bytes is an error, and is not read.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Size() > limit {
		err = fmt.Errorf("has %d bytes, want at most %d", info.Size(), limit)
	}
	var content []byte
	if err == nil {
		content = make([]byte, info.Size())
		_, err = io.ReadFull(f, content)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Quote(path), Bare(err))
	}
	return content, nil
}

// Bare returns an error of package os without its paths, for callers that prefix
// every error with the path.
func Bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// Quote returns a file name for a message: unchanged, or as a Go string if it is
// empty or has unprintable characters, such as a newline.
func Quote(name string) string {
	strange := func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
	if name == "" || strings.ContainsFunc(name, strange) {
		return strconv.Quote(name)
	}
	return name
}

// Same reports whether both paths lead to the same existing file.
func Same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

var htmlStart = regexp.MustCompile(`(?is)^(\x{FEFF})?\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|script|meta)\b`)

// IsHTML reports whether a file that begins with start is a web page. A few
// hundred bytes are enough.
func IsHTML(start []byte) bool { return htmlStart.Match(start) }
