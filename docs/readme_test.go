// Package docs tests that the commands and programs in the README run.
package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The lines of the section "Use it in a program" build a program of one's own,
// and its code finds the trained net.
func TestOwnProgram(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(read(t, "../README.md"), "\n## Use it in a program\n")
	lines := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)
	code := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(section)
	if lines == nil || code == nil {
		t.Fatalf("no lines and no code in %q", section)
	}
	parent := t.TempDir()
	if err := os.Symlink(root, filepath.Join(parent, "numgrad")); err != nil {
		t.Skip(err)
	}
	own := filepath.Join(parent, "own")
	if err := os.Mkdir(own, 0o777); err != nil {
		t.Fatal(err)
	}
	program := `package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"numgrad/models"
)

func main() {
	x := mat.NewDense(2, 784, nil)
	` + code[1] + `
	fmt.Println(y.Dims())
}
`
	if err := os.WriteFile(filepath.Join(own, "main.go"), []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", "-ec", lines[1]+"go run .")
	c.Dir = own
	if out, err := c.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "\n2 10\n") {
		t.Errorf("%v: %s", err, out)
	}
}

// The README's commands exist, with their flags, and make has their targets.
func TestCommands(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/...").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	command := regexp.MustCompile("go run ./cmd/([a-z0-9]+)([^`\n]*)|(?m:^|`)make ([a-z0-9-]+)")
	for _, file := range []string{"../README.md", "../README.ja.md"} {
		found := command.FindAllStringSubmatch(read(t, file), -1)
		if len(found) < 5 {
			t.Errorf("%s has only %d commands", file, len(found))
		}
		for _, m := range found {
			c := exec.Command("make", "-n", "-C", "..", m[3])
			if m[3] == "" { // -h ends the command after its flags are parsed
				c = exec.Command(filepath.Join(bin, m[1]), append(strings.Fields(m[2]), "-h")...)
			}
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v: %s", file, m[0], err, out)
			}
		}
	}
}
