package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// NumPy prints what the scripts of docs/chapter4.md say below "# Output:".
// NUMGRAD_NUMPY is a python3 that has NumPy.
func TestNumPy(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	scripts, err := filepath.Glob("testdata/*.py")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		_, want, ok := strings.Cut(string(text), "# Output:\n")
		if !ok {
			continue
		}
		want = strings.TrimPrefix(strings.ReplaceAll(want, "\n# ", "\n"), "# ")
		got, err := exec.Command(python, "-B", script).CombinedOutput()
		if err != nil || string(got) != want {
			t.Errorf("%s prints (%v)\n%swant\n%s", script, err, got, want)
		}
		checked++
	}
	if checked < 6 {
		t.Errorf("%d of %d scripts say what they print, want 6 or more", checked, len(scripts))
	}
}
