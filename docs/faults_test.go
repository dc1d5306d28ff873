package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testName is the name of a test in faults.md, or a folder before such names.
var testName = regexp.MustCompile("`([a-z0-9/]+)`|\\b((?:Test|Fuzz|Example)[A-Z]\\w*)")

// Each row of faults.md names a test that is where the row says.
func TestFaultsHaveTests(t *testing.T) {
	document, err := os.ReadFile("faults.md")
	if err != nil {
		t.Fatal(err)
	}
	section, rows := "no folder", 0
	for line := range strings.Lines(string(document)) {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			section = "cmd/" + strings.TrimSpace(name)
		}
		cells := strings.Split(strings.TrimSpace(line), " | ")
		last := cells[len(cells)-1]
		if len(cells) < 3 || last == "test |" || last == "the same |" {
			continue
		}
		folder, named := section, false
		for _, match := range testName.FindAllStringSubmatch(last, -1) {
			if match[1] != "" {
				folder = match[1]
				continue
			}
			named = true
			if !strings.Contains(tests(t, folder), "\nfunc "+match[2]+"(") {
				t.Errorf("%s has no %s, which is that of %s", folder, match[2], cells[0])
			}
		}
		if !named {
			t.Errorf("no test is named for %s", cells[0])
		}
		rows++
	}
	if rows < 40 {
		t.Errorf("%d rows were read, want all", rows)
	}
}

// tests returns the code of the tests in a folder of the module.
func tests(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(content)
	}
	return code.String()
}
