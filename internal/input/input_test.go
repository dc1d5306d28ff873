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

func TestOpenAndRead(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bad\x1bname")
	if _, err := input.Open(path); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("four"), 0o666); err != nil {
		t.Fatal(err)
	}
	if content, err := input.Read(path, 4); string(content) != "four" || err != nil {
		t.Errorf("read %q, %v", content, err)
	}
	if _, err := input.Read(path, 3); err == nil || !strings.HasSuffix(err.Error(), ": has 4 bytes, want at most 3") {
		t.Errorf("over the limit: %v", err)
	}
	for _, other := range []string{folder, os.DevNull} {
		if _, err := input.Open(other); !errors.Is(err, input.ErrNotRegular) || !strings.Contains(err.Error(), other) {
			t.Errorf("%s: %v", other, err)
		}
	}
}

func TestSame(t *testing.T) {
	folder := t.TempDir()
	file, link, other := filepath.Join(folder, "file"), filepath.Join(folder, "link"), filepath.Join(folder, "other")
	if err := errors.Join(os.WriteFile(file, nil, 0o666), os.WriteFile(other, nil, 0o666), os.Symlink(file, link)); err != nil {
		t.Skip(err)
	}
	if !input.Same(file, link) || input.Same(file, other) || input.Same("missing", "missing") {
		t.Error("wrong")
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
