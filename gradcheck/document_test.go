package gradcheck_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// cases returns how many of n cases to try: all of them in make test-long, else
// one in 25, and under the race detector, which makes the tests ten times
// slower, one in 250.
func cases(n int) int {
	switch {
	case os.Getenv("NUMGRAD_LONG") != "":
		return n
	case raceDetector:
		return max(1, n/250)
	default:
		return max(1, n/25)
	}
}

var update = flag.Bool("update", false, "write the tables in docs/gradcheck.md")

// inDocument compares a table with the one in docs/gradcheck.md between the
// comments <!-- name --> and <!-- end name -->, or writes it there.
func inDocument(t *testing.T, name, table string) {
	t.Helper()
	if raceDetector {
		return
	}
	const file = "../docs/gradcheck.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- %s -->\n", name), fmt.Sprintf("<!-- end %s -->\n", name)
	before, rest, ok := strings.Cut(string(text), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %q … %q", file, begin, end)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Elsewhere x·y + z may be rounded once, and a last digit be another.
	if old != table && runtime.GOARCH == "amd64" {
		t.Errorf("%s: the table of %s is\n%s\nwant, as go test ./gradcheck -update writes it,\n%s", file, name, old, table)
	}
}
