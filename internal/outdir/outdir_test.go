package outdir_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"numgrad/internal/outdir"
)

func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// write writes one file as a run of the command does.
func write(dir, command, name, text string) error {
	d, err := outdir.Open(dir, command)
	if err != nil {
		return err
	}
	return d.Write(name, content(text))
}

func checkFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
	}
}

func TestWriteAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "page")
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

func TestOpenChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "page")
	if _, err := outdir.Open(dir, "play"); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("Open made the folder")
	}
}

// Whoever has the old file open still reads all of it, and a failed write
// leaves it in place.
func TestWriteIsAtomic(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, "play", "x", "old"); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := outdir.Open(dir, "play")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write("x", func(w io.Writer) error { io.WriteString(w, "ne"); return errors.New("stop") }); err == nil {
		t.Error("a failed write is no error")
	}
	checkFile(t, filepath.Join(dir, "x"), "old")
	if err := d.Write("x", content("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "old" {
		t.Errorf("the open file reads %q, %v, want its old content", got, err)
	}
}

// Nothing outside the folder is written, and no stranger's folder is used.
func TestStrangers(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, prepare := range map[string]func(dir string) error{
		"a stranger's file": func(dir string) error { return os.WriteFile(filepath.Join(dir, "notes"), nil, 0o666) },
		"a link as mark":    func(dir string) error { return os.Symlink(outside, filepath.Join(dir, ".numgrad-play")) },
		"a folder as mark":  func(dir string) error { return os.Mkdir(filepath.Join(dir, ".numgrad-play"), 0o777) },
		"a link as file": func(dir string) error {
			return errors.Join(write(dir, "play", "y", ""), os.Symlink(outside, filepath.Join(dir, "x")))
		},
		"a link as folder": func(dir string) error {
			return errors.Join(os.Remove(dir), os.Symlink(filepath.Dir(outside), dir))
		},
		"a file as folder": func(dir string) error {
			return errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o666))
		},
	} {
		dir := filepath.Join(t.TempDir(), "page")
		if err := errors.Join(os.Mkdir(dir, 0o777), prepare(dir)); err != nil {
			t.Fatal(err)
		}
		if err := write(dir, "play", "x", "new"); err == nil {
			t.Errorf("%s: no error", name)
		}
		checkFile(t, outside, "mine")
	}
	dir := filepath.Join(t.TempDir(), "page")
	if err := write(dir, "play", "../x", "new"); err == nil {
		t.Error("a file beside the folder is written")
	}
	if err := errors.Join(write(dir, "play", "y", ""), os.Symlink(filepath.Dir(outside), filepath.Join(dir, "sub"))); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, "play", "sub/outside", "new"); err == nil {
		t.Error("a link to a folder is followed")
	}
	checkFile(t, outside, "mine")
}
