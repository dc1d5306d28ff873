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
	entries, _ := os.ReadDir(filepath.Dir(path))
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	if !slices.Equal(names, files) {
		t.Errorf("the folder holds %q, want %q", names, files)
	}
}

func checkError(t *testing.T, err error, path string, want error) {
	t.Helper()
	if !errors.Is(err, want) || err.Error() != fmt.Sprintf("write %s: %v", input.Quote(path), want) {
		t.Errorf("%s: error %v, want %v", path, err, want)
	}
}

// replace replaces one of the calls until the test ends.
func replace[F any](t *testing.T, call *F, by F) {
	whole := *call
	*call = by
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
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := Write(link, func(io.Writer) error { return nil }); err != nil {
		t.Error(err)
	}
	check(t, path, "", "file")
	if got, err := os.Readlink(link); err != nil || got != path {
		t.Errorf("the link leads to %q, %v, want %s", got, err, path)
	}
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
		"content": {func(*testing.T) {}, func(w io.Writer) error { writeNew(w); return failed }, failed},
		"sync": {func(t *testing.T) {
			replace(t, &syncFile, func(*os.File) error { return &fs.PathError{Op: "sync", Path: ".file.tmp", Err: syscall.EIO} })
		}, writeNew, syscall.EIO},
		"close": {func(t *testing.T) {
			replace(t, &closeFile, func(f *os.File) error { f.Close(); return syscall.EDQUOT })
		}, writeNew, syscall.EDQUOT},
		"rename": {func(t *testing.T) {
			replace(t, &rename, func(from, to string) error {
				return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EROFS}
			})
		}, writeNew, syscall.EROFS},
	} {
		t.Run(name, func(t *testing.T) {
			path := oldFile(t)
			test.setUp(t)
			checkError(t, Write(path, test.write), path, test.want)
			check(t, path, before, "file")

			path = filepath.Join(t.TempDir(), "new")
			checkError(t, Write(path, test.write), path, test.want)
			if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) > 0 {
				t.Errorf("a new file: the folder holds %v", entries)
			}
		})
	}
}

// The content is on the disk before the rename, and the rename before the end.
// If the folder cannot be synced, the new content is in place.
func TestOrder(t *testing.T) {
	path := oldFile(t)
	var calls []string
	sync, move := syncFile, rename
	replace(t, &syncFile, func(f *os.File) error {
		content, _ := os.ReadFile(f.Name())
		calls = append(calls, "sync "+string(content))
		return sync(f)
	})
	replace(t, &rename, func(from, to string) error {
		calls = append(calls, "rename to "+filepath.Base(to))
		return move(from, to)
	})
	replace(t, &syncFolder, func(name string) error {
		calls = append(calls, "sync folder "+name)
		return syscall.EIO
	})
	checkError(t, Write(path, writeNew), path, syscall.EIO)
	check(t, path, after, "file")
	if want := []string{"sync " + after, "rename to file", "sync folder " + filepath.Dir(path)}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	if err := flush(filepath.Dir(path)); err != nil {
		t.Error(err)
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
	if err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("the first: error %v", err)
	}
	check(t, path, after, "file")

	err = Write(path, func(w io.Writer) error { // the second is not done
		name := filepath.Join(filepath.Dir(path), ".file.tmp")
		return errors.Join(os.Remove(name), os.WriteFile(name, []byte("of the second"), 0o600))
	})
	if err == nil {
		t.Error("the first: no error")
	}
	check(t, path, after, ".file.tmp", "file")
}

// Check and Write agree on where no file can be written.
func TestImpossible(t *testing.T) {
	file, locked := oldFile(t), oldFile(t)
	folder := filepath.Dir(file)
	if err := errors.Join(os.Symlink("nowhere", folder+"/dangling"), os.Symlink("loop", folder+"/loop"), os.Chmod(locked, 0o400)); err != nil {
		t.Skip(err)
	}
	// A device would do as well, but a wrong Write would replace it.
	socket := filepath.Join(folder, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for path, want := range map[string]error{
		folder:                                  input.ErrNotRegular,
		socket:                                  input.ErrNotRegular,
		folder + "/dangling":                    input.ErrNotRegular,
		folder + "/loop":                        input.ErrNotRegular,
		folder + "/no/file":                     syscall.ENOENT,
		file + "/x":                             syscall.ENOTDIR,
		folder + "/" + strings.Repeat("x", 300): syscall.ENAMETOOLONG,
		locked:                                  fs.ErrPermission,
	} {
		checkError(t, Check(path), path, want)
		checkError(t, Write(path, writeNew), path, want)
	}
	check(t, file, before, "dangling", "file", "loop", "socket")
	check(t, locked, before, "file")
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

	replace(t, &syncFile, func(f *os.File) error {
		if info, err := f.Stat(); err != nil || info.Size() != 1<<20 {
			t.Errorf("the trial has %d bytes, %v, want 1 MiB", info.Size(), err)
		}
		return syscall.ENOSPC
	})
	checkError(t, Check(path), path, syscall.ENOSPC)
	check(t, path, after, "file")
}
