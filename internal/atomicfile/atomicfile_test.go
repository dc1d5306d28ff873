package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"numgrad/internal/input"
)

const before, after = "the old content", "the new content, which is longer"

func writeNew(w io.Writer) error {
	_, err := io.WriteString(w, after)
	return err
}

// oldFile returns the path of a file with the old content, in a folder of its own.
func oldFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// check checks the content of the file at path, and that its folder holds
// exactly the given files.
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

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// fault replaces one of the calls until the test ends.
func fault[F any](t *testing.T, call *F, broken F) {
	whole := *call
	*call = broken
	t.Cleanup(func() { *call = whole })
}

// A reader that has the old file open keeps its content.
func TestWrite(t *testing.T) {
	path := oldFile(t)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(path, writeNew); err != nil {
		t.Error(err)
	}
	check(t, path, after, "file")
	if got, err := io.ReadAll(f); err != nil || string(got) != before {
		t.Errorf("read %q, %v, want %q", got, err, before)
	}
	if err := Write(path, func(io.Writer) error { return nil }); err != nil {
		t.Error(err)
	}
	check(t, path, "", "file")
}

func TestFaults(t *testing.T) {
	failed := errors.New("the content cannot be made")
	for name, test := range map[string]struct {
		setUp func(t *testing.T)
		write func(io.Writer) error
		want  error
	}{
		"disk full": {func(*testing.T) {}, func(w io.Writer) error {
			io.WriteString(w, after[:5])
			return &fs.PathError{Op: "write", Path: ".file.tmp", Err: syscall.ENOSPC}
		}, syscall.ENOSPC},
		"sync": {func(t *testing.T) {
			fault(t, &syncFile, func(*os.File) error { return &fs.PathError{Op: "sync", Path: ".file.tmp", Err: syscall.EIO} })
		}, writeNew, syscall.EIO},
		"close": {func(t *testing.T) {
			fault(t, &closeFile, func(f *os.File) error { f.Close(); return syscall.EDQUOT })
		}, writeNew, syscall.EDQUOT},
		"rename": {func(t *testing.T) {
			fault(t, &rename, func(from, to string) error {
				return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EROFS}
			})
		}, writeNew, syscall.EROFS},
		"content": {func(*testing.T) {}, func(w io.Writer) error { writeNew(w); return failed }, failed},
	} {
		t.Run(name, func(t *testing.T) {
			path := oldFile(t)
			test.setUp(t)
			err := Write(path, test.write)
			checkError(t, err, fmt.Sprintf("write %s: %v", path, test.want))
			if !errors.Is(err, test.want) {
				t.Errorf("the error does not wrap %v", test.want)
			}
			check(t, path, before, "file")

			path = filepath.Join(t.TempDir(), "new")
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
	path := oldFile(t)
	fault(t, &syncFolder, func(string) error { return syscall.EIO })
	checkError(t, Write(path, writeNew), "write "+path+": "+syscall.EIO.Error())
	check(t, path, after, "file")
}

// The content is on the disk before the rename, and the rename before the end.
func TestOrder(t *testing.T) {
	path := oldFile(t)
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
		calls = append(calls, "sync folder "+name)
		return folder(name)
	})
	if err := Write(path, writeNew); err != nil {
		t.Fatal(err)
	}
	if want := []string{"sync " + after, "rename to file", "sync folder " + filepath.Dir(path)}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

// The temporary file of a killed process is removed, and not written through.
func TestLeftover(t *testing.T) {
	for name, leave := range map[string]func(temporary, elsewhere string) error{
		"file": func(temporary, _ string) error { return os.WriteFile(temporary, []byte("half"), 0o400) },
		"link": func(temporary, elsewhere string) error { return os.Symlink(elsewhere, temporary) },
	} {
		path, elsewhere := oldFile(t), oldFile(t)
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

// Of two writers at a time, the first fails and does not disturb the second.
func TestTwoWriters(t *testing.T) {
	path := oldFile(t)
	err := Write(path, func(w io.Writer) error {
		if err := Write(path, writeNew); err != nil {
			t.Errorf("the second: %v", err)
		}
		_, err := io.WriteString(w, "of the first")
		return err
	})
	checkError(t, err, "write "+path+": another process writes the same file")
	check(t, path, after, "file")
}

func TestSymbolicLink(t *testing.T) {
	file := oldFile(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, writeNew); err != nil {
		t.Fatal(err)
	}
	check(t, file, after, "file")
	if got, err := os.Readlink(link); err != nil || got != file {
		t.Errorf("the link leads to %q, %v, want %s", got, err, file)
	}
}

// Check and Write agree on where no file can be written.
func TestImpossible(t *testing.T) {
	file := oldFile(t)
	folder := filepath.Dir(file)
	for name, to := range map[string]string{"dangling": "nowhere", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	// A device would do as well, but a wrong Write would replace it.
	socket := filepath.Join(folder, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, test := range []struct{ path, want string }{
		{"", "no such file or directory"},
		{folder, "is not a regular file"},
		{folder + "/no/file", "there is no folder " + folder + "/no"},
		{file + "/x", "there is no folder " + file},
		{file + "/x/y", "not a directory"},
		{folder + "/dangling", "no target of the link: no such file or directory"},
		{folder + "/loop", "no target of the link: EvalSymlinks: too many links"},
		{socket, "is not a regular file"},
		{folder + "/" + strings.Repeat("x", 300), "file name too long"},
	} {
		for name, err := range map[string]error{"Check": Check(test.path), "Write": Write(test.path, writeNew)} {
			if want := "write " + input.Quote(test.path) + ": " + test.want; err == nil || err.Error() != want {
				t.Errorf("%s: error %v, want %s", name, err, want)
			}
		}
	}
	check(t, file, before, "dangling", "file", "loop", "socket")
}

func TestNotAllowed(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root is allowed everything")
	}
	file := oldFile(t)
	folder := filepath.Dir(file)
	for _, test := range []struct {
		changed, path string
		mode          os.FileMode
	}{{file, file, 0o400}, {folder, file, 0o500}, {folder, folder + "/new", 0o500}} {
		os.Chmod(test.changed, test.mode)
		for name, err := range map[string]error{"Check": Check(test.path), "Write": Write(test.path, writeNew)} {
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s of %s: error %v", name, test.path, err)
			}
		}
		os.Chmod(test.changed, 0o700)
		check(t, file, before, "file")
	}
}

// Check changes nothing, also while another process writes. It removes what a
// killed Check left.
func TestCheck(t *testing.T) {
	path := oldFile(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), ".file.try"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Check(path), Check(path+".new")); err != nil {
		t.Error(err)
	}
	check(t, path, before, "file")
	err := Write(path, func(w io.Writer) error { return errors.Join(Check(path), writeNew(w)) })
	if err != nil {
		t.Error(err)
	}
	check(t, path, after, "file")

	fault(t, &syncFile, func(f *os.File) error {
		if info, err := f.Stat(); err != nil || info.Size() != 1<<20 {
			t.Errorf("the trial has %d bytes, %v, want 1 MiB", info.Size(), err)
		}
		return syscall.ENOSPC
	})
	checkError(t, Check(path), "write "+path+": no space left on device")
	check(t, path, after, "file")
}
