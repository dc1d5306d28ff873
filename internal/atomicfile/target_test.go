package atomicfile

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"numgrad/internal/input"
)

// Check and Write agree on where no file can be written, and say why.
func TestImpossible(t *testing.T) {
	file := place(t)
	folder := filepath.Dir(file)
	for name, to := range map[string]string{"dangling": "nowhere", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	// A device would do as well, but not survive a Write that is wrong.
	socket := filepath.Join(folder, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, test := range []struct{ path, want string }{
		{"", "the path is empty"},
		{folder, "it is a folder, want a file"},
		{folder + "/no/file", "there is no folder " + folder + "/no: make it first"},
		{folder + "/no/", "there is no folder " + folder + "/no: make it first"},
		{file + "/x", file + " is a file, want a folder"},
		{folder + "/dangling", "it is a symbolic link that leads nowhere: no such file or directory"},
		{folder + "/loop", "it is a symbolic link that leads nowhere: too many levels of symbolic links"},
		{socket, "is not a regular file"},
		{folder + "/" + strings.Repeat("x", 300), "file name too long"},
	} {
		prefix := "write " + input.Quote(test.path) + ": "
		for name, err := range map[string]error{"Check": Check(test.path), "Write": Write(test.path, writeNew)} {
			if err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("%s: error %v, want %s%s", name, err, prefix, test.want)
			}
		}
	}
	check(t, file, before, "dangling", "file", "loop", "socket")
}

// A disk that is full is told before anything is written to it.
func TestCheckFull(t *testing.T) {
	path := place(t)
	fault(t, &syncFile, func(f *os.File) error {
		if info, err := f.Stat(); err != nil || info.Size() != 1<<20 {
			t.Errorf("the trial has %d bytes, %v, want 1 MiB", info.Size(), err)
		}
		return syscall.ENOSPC
	})
	checkError(t, Check(path), "write "+path+": no file of 1 MiB can be made in the folder "+filepath.Dir(path)+": no space left on device")
	check(t, path, before, "file")
}

func TestNotAllowed(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root is allowed everything")
	}
	file := place(t)
	folder := filepath.Dir(file)
	for _, test := range []struct {
		changed string
		path    string
		mode    os.FileMode
		want    string
	}{
		{file, file, 0o400, "the file that is there may not be written: permission denied"},
		{folder, file, 0o500, "permission denied"},
		{folder, folder + "/new", 0o500, "permission denied"},
	} {
		info, err := os.Stat(test.changed)
		if err != nil {
			t.Fatal(err)
		}
		os.Chmod(test.changed, test.mode)
		for name, err := range map[string]error{"Check": Check(test.path), "Write": Write(test.path, writeNew)} {
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("%s of %s: error %v, want %s", name, test.path, err, test.want)
			}
		}
		os.Chmod(test.changed, info.Mode())
		check(t, file, before, "file")
	}
}

// Check changes nothing, also while somebody writes.
func TestCheck(t *testing.T) {
	path := place(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), ".file.try"), nil, 0o600); err != nil {
		t.Fatal(err) // what a killed Check leaves
	}
	for _, p := range []string{path, path + ".new"} {
		if err := Check(p); err != nil {
			t.Error(err)
		}
		if err := Check(p); err != nil {
			t.Error(err)
		}
	}
	check(t, path, before, "file")

	err := Write(path, func(w io.Writer) error {
		if err := Check(path); err != nil {
			t.Error(err)
		}
		return writeNew(w)
	})
	if err != nil {
		t.Error(err)
	}
	check(t, path, after, "file")
}
