package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

const before, after = "the old content", "the new content, which is longer"

func writeNew(w io.Writer) error {
	_, err := io.WriteString(w, after)
	return err
}

// place returns the path of a file with the old content, in a folder of its own.
func place(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// check checks the content of the file at path, and that its folder holds only
// the files given.
func check(t *testing.T, path, want string, files ...string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("the file holds %q, %v, want %q", got, err, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if !slices.Equal(names, files) {
		t.Errorf("the folder holds %q, want %q", names, files)
	}
}

func TestWrite(t *testing.T) {
	path := place(t)
	for _, content := range []string{after, "", "short"} {
		err := Write(path, func(w io.Writer) error {
			for i := range len(content) {
				if _, err := io.WriteString(w, content[i:i+1]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		check(t, path, content, "file")
	}
}

// Whoever has the file open goes on reading what it was.
func TestWriteReplaces(t *testing.T) {
	path := place(t)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(path, writeNew); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != before {
		t.Errorf("read %q, %v, want %q", got, err, before)
	}
}

// fault makes one of the calls fail until the test ends.
func fault[F any](t *testing.T, call *F, broken F) {
	whole := *call
	*call = broken
	t.Cleanup(func() { *call = whole })
}

func TestFaults(t *testing.T) {
	failed := errors.New("the content cannot be made")
	for _, test := range []struct {
		name  string
		setUp func(t *testing.T)
		write func(io.Writer) error
		want  error
	}{
		{"disk full", func(*testing.T) {}, func(w io.Writer) error {
			io.WriteString(w, after[:5])
			return &fs.PathError{Op: "write", Path: ".file.tmp", Err: syscall.ENOSPC}
		}, syscall.ENOSPC},
		{"fsync", func(t *testing.T) {
			fault(t, &syncFile, func(*os.File) error { return &fs.PathError{Op: "sync", Path: ".file.tmp", Err: syscall.EIO} })
		}, writeNew, syscall.EIO},
		{"rename", func(t *testing.T) {
			fault(t, &rename, func(from, to string) error {
				return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EROFS}
			})
		}, writeNew, syscall.EROFS},
		{"the function that writes", func(*testing.T) {}, func(w io.Writer) error {
			writeNew(w)
			return failed
		}, failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := place(t)
			test.setUp(t)
			err := Write(path, test.write)
			checkError(t, err, fmt.Sprintf("write %s: %v", path, test.want))
			if !errors.Is(err, test.want) {
				t.Errorf("the error does not wrap %v", test.want)
			}
			check(t, path, before, "file")

			path = filepath.Join(t.TempDir(), "file")
			if err := Write(path, test.write); err == nil {
				t.Error("a new file: no error")
			}
			if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) > 0 {
				t.Errorf("a new file: the folder holds %v", entries)
			}
		})
	}
}

// The new content is in place, and may not be after a power cut.
func TestFaultInFolder(t *testing.T) {
	path := place(t)
	fault(t, &syncFolder, func(string) error { return syscall.EIO })
	checkError(t, Write(path, writeNew), "write "+path+": "+syscall.EIO.Error())
	check(t, path, after, "file")
}

// The new content is on the disk before it gets the name, and the name after.
func TestOrder(t *testing.T) {
	path := place(t)
	var calls []string
	sync, move, folder := syncFile, rename, syncFolder
	fault(t, &syncFile, func(f *os.File) error {
		content, _ := os.ReadFile(f.Name())
		calls = append(calls, "sync "+string(content))
		return sync(f)
	})
	fault(t, &rename, func(from, to string) error {
		calls = append(calls, "rename to "+filepath.Base(to))
		return move(from, to)
	})
	fault(t, &syncFolder, func(name string) error {
		calls = append(calls, "sync folder")
		if name != filepath.Dir(path) {
			t.Errorf("folder %s, want that of %s", name, path)
		}
		return folder(name)
	})
	if err := Write(path, writeNew); err != nil {
		t.Fatal(err)
	}
	if want := []string{"sync " + after, "rename to file", "sync folder"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

// A killed process leaves its temporary file. The next clears it away, whatever
// its permission bits, and does not write through it.
func TestLeftover(t *testing.T) {
	for name, leave := range map[string]func(temporary, elsewhere string) error{
		"file": func(temporary, _ string) error { return os.WriteFile(temporary, []byte("half"), 0o400) },
		"link": func(temporary, elsewhere string) error { return os.Symlink(elsewhere, temporary) },
	} {
		path := place(t)
		elsewhere := place(t)
		if err := leave(filepath.Join(filepath.Dir(path), ".file.tmp"), elsewhere); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, writeNew); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, path, after, "file")
		check(t, elsewhere, before, "file")
	}
}

// Of two that write at a time, the first fails and leaves the second alone.
func TestTwoWriters(t *testing.T) {
	path := place(t)
	err := Write(path, func(w io.Writer) error {
		if err := Write(path, writeNew); err != nil {
			t.Errorf("the second: %v", err)
		}
		_, err := io.WriteString(w, "of the first")
		return err
	})
	checkError(t, err, "write "+path+": another process writes the same file")
	check(t, path, after, "file")

	err = Write(path, func(w io.Writer) error {
		return Write(path, func(io.Writer) error { return errors.New("fails") })
	})
	if err == nil {
		t.Error("two that fail: no error")
	}
	check(t, path, after, "file")
}

func TestSymbolicLink(t *testing.T) {
	target := place(t)
	folder := t.TempDir()
	link := filepath.Join(folder, "link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, writeNew); err != nil {
		t.Fatal(err)
	}
	check(t, target, after, "file")
	if got, err := os.Readlink(link); err != nil || got != target {
		t.Errorf("the link leads to %q, %v, want %s", got, err, target)
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Room is made when the new content is on the disk, and only then.
func TestReplace(t *testing.T) {
	path := place(t)
	aside := path + ".aside"
	makeRoom := func() error {
		if content, err := os.ReadFile(filepath.Join(filepath.Dir(path), ".file.tmp")); err != nil || string(content) != after {
			t.Errorf("room is made when there is %q, %v", content, err)
		}
		return os.Rename(path, aside)
	}
	failed := errors.New("failed")
	fail := func(io.Writer) error { return failed }
	if err := Replace(path, fail, makeRoom); !errors.Is(err, failed) {
		t.Error(err)
	}
	check(t, path, before, "file")
	if err := Replace(path, writeNew, func() error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	check(t, path, before, "file")
	if err := Replace(path, writeNew, makeRoom); err != nil {
		t.Error(err)
	}
	check(t, path, after, "file", "file.aside")
	check(t, aside, before, "file", "file.aside")
}
