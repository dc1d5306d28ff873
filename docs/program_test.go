package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A program of one's own is built by the README's lines, and has the trained
// net as the README says.
func TestOwnProgram(t *testing.T) {
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	section := readme(t, "Use it in a program")
	lines := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)
	code := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(section)
	if lines == nil || code == nil {
		t.Fatalf("no lines and no code in %q", section)
	}
	parent := t.TempDir()
	if err := os.Symlink(here, filepath.Join(parent, "numgrad")); err != nil {
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
	` + strings.ReplaceAll(code[1], "\n", "\n\t") + `
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

// The README's list of contents leads to its sections.
func TestContents(t *testing.T) {
	for _, file := range []string{"../README.md", "../README.ja.md"} {
		text := read(t, file)
		anchors := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1) {
			kept := regexp.MustCompile(`[^\pL\pN -]`).ReplaceAllString(strings.ToLower(m[1]), "")
			anchors[strings.ReplaceAll(kept, " ", "-")] = true
		}
		links := regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(text, -1)
		if len(links) != len(anchors)-1 { // all but the licence
			t.Errorf("%s has %d links to %d sections", file, len(links), len(anchors))
		}
		for _, link := range links {
			if !anchors[link[1]] {
				t.Errorf("%s: there is no section #%s", file, link[1])
			}
		}
	}
}

// readme returns a section of the README.
func readme(t *testing.T, title string) string {
	t.Helper()
	_, section, ok := strings.Cut(read(t, "../README.md"), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("the README has no section %q", title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}
