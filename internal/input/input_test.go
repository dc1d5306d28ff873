package input_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/internal/input"
)

func ExampleQuote() {
	for _, name := range []string{"seven.png", "数字 7.png", "a\x1b[2Jb", "two\nlines", "\xff", ""} {
		fmt.Println(input.Quote(name))
	}
	// Output:
	// seven.png
	// 数字 7.png
	// "a\x1b[2Jb"
	// "two\nlines"
	// "\xff"
	// ""
}

func TestOpen(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bad\x1bname")
	if _, err := input.Open(path); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := input.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, other := range []string{folder, os.DevNull} {
		if _, err := input.Open(other); !errors.Is(err, input.ErrNotRegular) || !strings.Contains(err.Error(), other) {
			t.Errorf("%s: %v", other, err)
		}
	}
}

func TestBare(t *testing.T) {
	if err := input.Bare(&fs.PathError{Op: "read", Path: "x", Err: fs.ErrPermission}); err != fs.ErrPermission {
		t.Error(err)
	}
	if err := input.Bare(fs.ErrClosed); err != fs.ErrClosed {
		t.Error(err)
	}
}

func TestSame(t *testing.T) {
	folder := t.TempDir()
	file, link, other := filepath.Join(folder, "file"), filepath.Join(folder, "link"), filepath.Join(folder, "other")
	for _, path := range []string{file, other} {
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{file, file, true}, {file, link, true}, {file, folder + "/./file", true},
		{file, other, false}, {file, "missing", false}, {"missing", "missing", false},
	} {
		if got := input.Same(test.a, test.b); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
	}
}

func TestIsHTML(t *testing.T) {
	for start, want := range map[string]bool{
		"<!DOCTYPE html>\n<html>":             true,
		"\ufeff\r\n <HTML lang=en>":           true,
		"<!-- saved from -->\n<!doctype html": true,
		"<?xml version='1.0'?><html xmlns=":   true,
		"<svg xmlns='http://www.w3.org/2000":  false,
		"PK\x03\x04<html>":                    false,
		"<htmlx>":                             false,
		"":                                    false,
	} {
		if got := input.IsHTML([]byte(start)); got != want {
			t.Errorf("IsHTML(%q) = %v, want %v", start, got, want)
		}
	}
}
