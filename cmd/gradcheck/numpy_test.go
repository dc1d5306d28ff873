package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Files that the NumPy of this machine writes. NUMGRAD_NUMPY is a python3 that
// has NumPy.
func TestNumPy(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	dir := t.TempDir()
	if out, err := exec.Command(python, "testdata/write.py", dir).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", python, err, out)
	}
	cases, err := filepath.Glob(filepath.Join(dir, "*.case.npz"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, path := range cases {
		kind := strings.TrimSuffix(path, ".case.npz")
		t.Run(filepath.Base(kind), func(t *testing.T) {
			args := []string{"-case", path, "-against", kind + ".grads.npz"}
			if strings.HasSuffix(kind, "relu") {
				args = append(args, "-activation", "relu")
			}
			if status, stdout, stderr := call(args...); status != 0 || first(stdout) != agreement {
				t.Errorf("status %d\n%s%s", status, stdout, stderr)
			}

			args[3] = kind + ".wrong.npz"
			if status, stdout, stderr := call(args...); status != 1 || !strings.HasPrefix(first(stdout), "wrong: b1: ") {
				t.Errorf("b1 off by 1e-3: status %d\n%s%s", status, stdout, stderr)
			}
		})
	}
}
