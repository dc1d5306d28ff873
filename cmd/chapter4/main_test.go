package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// command runs the command and returns its exit status and output.
func command(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

func TestNumbers(t *testing.T) {
	for _, test := range []struct {
		args, want string // want is the end
	}{
		{"-quick", "31 of 31 agree\n"},
		{"-section 4.2", "6 of 6 agree\n"},
		{"-quick -section 4.3", "7 of 7 agree\n"},
		{"-quick -section 4.4.1", "4 of 4 agree\n"},
		{"-quick -section 4.4", "14 of 14 agree\n"},
		{"-quick -section 4.5.3", "2 of 2 agree\n"},
		{"-quick -section 4.2.3", "4.2.3 has the sizes of MNIST: run it without -quick\n"},
		{"-quick -section 4.1", "4.1 has no numbers: see docs/chapter4.md\n"},
	} {
		if race && test.args == "-section 4.2" {
			continue // it reads MNIST, in ten seconds
		}
		status, stdout, stderr := command(strings.Fields(test.args)...)
		if status != 0 || stderr != "" || !strings.HasSuffix(stdout, test.want) || strings.Contains(stdout, "NO") {
			t.Errorf("%s: status %d, want the end %q; stderr %q, stdout\n%s", test.args, status, test.want, stderr, stdout)
		}
	}
}

func TestList(t *testing.T) {
	status, stdout, _ := command("-list")
	if status != 0 || strings.Count(stdout, " figure ") != 16 || strings.Count(stdout, "\n4.") != 20 {
		t.Errorf("status %d:\n%s", status, stdout)
	}
}

func names(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A training on other images goes through everything, and its accuracies
// disagree with the book's.
func TestTraining(t *testing.T) {
	out := filepath.Join(t.TempDir(), "new", "figures")
	status, stdout, stderr := command("-section", "4.5", "-data", "../../dataset/testdata/letters", "-out", out, "-format", "svg")
	if status != 1 || !strings.HasSuffix(stderr, "chapter4: 2 of the numbers disagree\n") {
		t.Errorf("status %d, stderr:\n%s", status, stderr)
	}
	for _, want := range []string{"gradients: numerical\n", "gradients: backprop\n", "epoch 17 of 17: train acc, test acc | "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in\n%s", want, stderr)
		}
	}
	if !strings.Contains(stdout, "NO [1]") || !strings.Contains(stdout, "4 of 6 agree\n") || len(names(t, out)) != 1+3 {
		t.Errorf("it wrote %v; stdout\n%s", names(t, out), stdout)
	}
}

// An error is one line, and a folder that holds other files is kept.
func TestErrors(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "4-4.svg"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	strange := filepath.Join(t.TempDir(), "a\x1b[31m\n")
	for _, test := range []struct {
		args   []string
		status int
		want   string // start of the line
	}{
		{[]string{"-section", "4.9"}, 2, `chapter4: -section is "4.9", want`},
		{[]string{"-section", "4."}, 2, `chapter4: -section is "4.", want`},
		{[]string{"4.4"}, 2, `chapter4: unexpected "4.4"`},
		{[]string{"-format", "gif"}, 2, `chapter4: invalid value "gif" for flag -format: want png, svg or png,svg`},
		{[]string{"-section", "4.5", "-data", "no/such/folder"}, 1, "chapter4: no/such/folder"},
		{[]string{"-section", "4.5", "-data", strange}, 1, "chapter4: \""},
		{[]string{"-section", "4.5", "-out", full}, 1, "chapter4: " + full + " holds files"},
	} {
		status, _, stderr := command(test.args...)
		if status != test.status || !strings.HasPrefix(stderr, test.want) || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "\x1b") {
			t.Errorf("%q: status %d, want %d; stderr:\n%swant %s", test.args, status, test.status, stderr, test.want)
		}
	}
	if got := names(t, full); !slices.Equal(got, []string{"4-4.svg"}) {
		t.Errorf("a folder with other files has %v after -out", got)
	}
	if status, stdout, stderr := command("-h"); status != 0 || !strings.HasPrefix(stdout, "usage: chapter4 [flags]\n") || stderr != "" {
		t.Errorf("-h: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// The figures in docs are the command's, byte for byte, and both documents show
// them in order.
func TestFigures(t *testing.T) {
	if race {
		t.Skip("the race detector takes a minute")
	}
	const docs = "../../docs/"
	var shown []string
	for _, s := range chapter(builtIn(t)) {
		for _, f := range s.figures {
			file := "chapter4/" + f.name + ".png"
			shown = append(shown, "("+file+")")
			var png, svg bytes.Buffer
			if err := f.draw().PNG(&png); err != nil {
				t.Fatal(err)
			}
			if amd64 && read(t, docs+file) != png.String() {
				t.Errorf("figure %s in docs/chapter4 is out of date: run make figures", f.name)
			}
			if err := f.draw().SVG(&svg); err != nil || strings.Contains(svg.String(), "NaN") || strings.Contains(svg.String(), "Inf") {
				t.Errorf("figure %s: error %v, or coordinates that are not finite", f.name, err)
			}
			if png.Len() > 100_000 {
				t.Errorf("figure %s has %d bytes, want at most 100,000", f.name, png.Len())
			}
		}
	}
	if files := names(t, docs+"chapter4"); len(files) != 1+len(shown) {
		t.Errorf("docs/chapter4 has %q, want a mark and %d figures", files, len(shown))
	}
	for _, d := range documents {
		if got := images.FindAllString(read(t, d.file), -1); !slices.Equal(got, shown) {
			t.Errorf("%s shows\n%q, want\n%q", d.file, got, shown)
		}
	}
}
