package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A shell takes each quoted word as it was.
func TestShellWord(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	for _, word := range []string{
		"runs/mnist.npz", "two words", "it's", `back\slash`, `"quoted"`, "$HOME", "`id`", "a;b", "*", "数字", "ends in \"", "", "~", "-x", "!!",
		"line\nfeed", "bell\aback\btab\t", "esc\x1b[2J", "it's\nboth\"\\", "\xff\xfe", "nbsp\u00a0zero\u200b",
	} {
		quoted := shellWord(word)
		out, err := exec.Command(bash, "-c", "printf %s "+quoted).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is quoted as %s, which is %q to the shell, %v", word, quoted, out, err)
		}
		if strings.ContainsAny(quoted, "\n\x1b\a") {
			t.Errorf("%q is quoted as %q, which upsets a terminal", word, quoted)
		}
	}
}

// A built binary names itself, and the other commands where they are beside
// it; with -data if that was given.
func TestHints(t *testing.T) {
	folder := t.TempDir()
	out := filepath.Join(folder, "x.npz")
	said := func() string {
		c := exec.Command(program, append(quick, "-out", out)...)
		stdout, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(stdout)
	}
	if s := said(); strings.Contains(s, "go run") || strings.Contains(s, "see what it learned") {
		t.Errorf("a binary alone says\n%s", s)
	}
	beside := filepath.Join(filepath.Dir(program), "report")
	if err := os.WriteFile(beside, nil, 0o777); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(beside)
	if s, want := said(), "see what it learned:   "+beside+" -weights "+out+" -data "+data+"\n"; !strings.Contains(s, want) {
		t.Errorf("a binary with a report beside it says\n%swant\n%s", s, want)
	}
	line, err := exec.Command("go", append([]string{"run", "."}, append(quick, "-out", out)...)...).Output()
	if want := "go run ./cmd/predict -weights " + out + " digit.png"; err != nil || !strings.Contains(string(line), want) {
		t.Errorf("go run says\n%s, %v, want %s", line, err, want)
	}
}
