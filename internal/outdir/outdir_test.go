package outdir_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"numgrad/internal/outdir"
)

// write writes one file as a run of the command does.
func write(dir, command, name, text string) error {
	d, err := outdir.Open(dir, command)
	if err != nil {
		return err
	}
	return d.Write(name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func checkFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
	}
}

func TestWriteAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "page")
	if _, err := outdir.Open(dir, "play"); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Open made the folder")
	}
	for _, text := range []string{"first", "second"} {
		if err := write(dir, "play", "docs/index.html", text); err != nil {
			t.Fatal(err)
		}
		checkFile(t, filepath.Join(dir, "docs", "index.html"), text)
	}
	if err := write(dir, "chapter4", "index.html", "other"); err == nil {
		t.Error("a command writes into the folder of another")
	}
}

// Whoever has the old file open still reads all of it, and a failed write
// leaves it in place.
func TestWriteIsAtomic(t *testing.T) {
	dir := t.TempDir()
	d, err := outdir.Open(dir, "play")
	if err := errors.Join(err, write(dir, "play", "x", "old")); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := d.Write("x", func(w io.Writer) error { io.WriteString(w, "ne"); return errors.New("stop") }); err == nil {
		t.Error("a failed write is no error")
	}
	checkFile(t, filepath.Join(dir, "x"), "old")
	if err := write(dir, "play", "x", "new"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "old" {
		t.Errorf("the open file reads %q, %v, want its old content", got, err)
	}
}

// Nothing outside the folder is written, and no stranger's folder is used.
func TestStrangers(t *testing.T) {
	parent := t.TempDir()
	outside := filepath.Join(parent, "outside")
	if err := errors.Join(os.WriteFile(outside, []byte("mine"), 0o666), os.Mkdir(parent+"/empty", 0o777)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		about, name string // name of the file to write
		prepare     func(dir string) error
	}{
		{"a stranger's file", "x", func(dir string) error { return os.WriteFile(dir+"/notes", nil, 0o666) }},
		{"a link as mark", "x", func(dir string) error { return os.Symlink(outside, dir+"/.numgrad-play") }},
		{"a folder as mark", "x", func(dir string) error { return os.Mkdir(dir+"/.numgrad-play", 0o777) }},
		{"a link as folder", "x", func(dir string) error { return errors.Join(os.Remove(dir), os.Symlink(parent+"/empty", dir)) }},
		{"a file as folder", "x", func(dir string) error { return errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o666)) }},
		{"a link as file", "x", func(dir string) error {
			return errors.Join(write(dir, "play", "y", ""), os.Symlink(outside, dir+"/x"))
		}},
		{"a link as folder below", "sub/new/x", func(dir string) error {
			return errors.Join(write(dir, "play", "y", ""), os.Symlink(parent, dir+"/sub"))
		}},
		{"a file beside the folder", "../x", func(string) error { return nil }},
	} {
		dir := filepath.Join(t.TempDir(), "page")
		if err := errors.Join(os.Mkdir(dir, 0o777), test.prepare(dir)); err != nil {
			t.Fatal(err)
		}
		if err := write(dir, "play", test.name, "new"); err == nil {
			t.Errorf("%s: no error", test.about)
		}
		checkFile(t, outside, "mine")
		if entries, err := os.ReadDir(parent); err != nil || len(entries) != 2 {
			t.Errorf("%s: outside are %v, %v", test.about, entries, err)
		}
	}
}
