package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"numgrad/chapter4/numbers"
)

// command runs the command and returns its exit status and what it writes.
func command(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

func TestQuick(t *testing.T) {
	status, stdout, stderr := command("-quick")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, stderr %q", status, stderr)
	}
	for _, want := range []string{
		"4.2 Loss functions\n", "4.3 Numerical differentiation\n", "4.4 Gradients\n", "4.5 The learning algorithm\n",
		"0.1999999999990898", "-25898374737328.363", "-1295248616896.5398", "0.92806853663411326", "0.9280682857864075",
		"\n31 of 31 agree\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "NO") {
		t.Errorf("a number disagrees:\n%s", stdout)
	}
}

func TestSection(t *testing.T) {
	for _, test := range []struct {
		section string
		rows    string
	}{
		{"4.3", "7 of 7"}, {"4.4", "14 of 14"}, {"4.4.1", "4 of 4"}, {"4.4.2", "7 of 7"}, {"4.5.3", "2 of 2"},
	} {
		status, stdout, stderr := command("-quick", "-section", test.section)
		if status != 0 || stderr != "" {
			t.Errorf("%s: status %d, stderr %q", test.section, status, stderr)
		}
		if !strings.HasSuffix(stdout, test.rows+" agree\n") {
			t.Errorf("%s: want %s in\n%s", test.section, test.rows, stdout)
		}
		for line := range strings.Lines(stdout) {
			if number, _, _ := strings.Cut(line, " "); strings.Count(number, ".") == 2 && !within(number, test.section) {
				t.Errorf("%s: it has %s", test.section, line)
			}
		}
	}
}

// Where there are no numbers, a line says why.
func TestNoNumbers(t *testing.T) {
	for section, want := range map[string]string{
		"4.2.3": "4.2.3 has the sizes of MNIST, which -quick does not read\n",
		"4.2.5": "4.2.5 has no numbers; -out DIR writes its figures\n",
	} {
		if status, stdout, stderr := command("-quick", "-section", section); status != 0 || stdout != want || stderr != "" {
			t.Errorf("%s: status %d, stderr %q, it says %q, want %q", section, status, stderr, stdout, want)
		}
	}
}

func TestList(t *testing.T) {
	status, stdout, _ := command("-list")
	if status != 0 || strings.Count(stdout, "  figure ") != 14 || strings.Count(stdout, "\n") != 14+4 {
		t.Errorf("status %d:\n%s", status, stdout)
	}
}

func TestFigures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "figures")
	status, stdout, stderr := command("-quick", "-section", "4.3.2", "-out", dir)
	if status != 0 || stderr != "" || !strings.Contains(stdout, "written to "+dir+", as png and svg\n") {
		t.Errorf("status %d, stderr %q:\n%s", status, stderr, stdout)
	}
	if got, want := names(t, dir), []string{"4-6.png", "4-6.svg", "4-7.png", "4-7.svg"}; !slices.Equal(got, want) {
		t.Errorf("it wrote %v, want %v", got, want)
	}

	png := t.TempDir()
	command("-quick", "-section", "4.3.3", "-out", png, "-format", "png")
	if got := names(t, png); !slices.Equal(got, []string{"4-8.png"}) {
		t.Errorf("-format png wrote %v", got)
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

// A number that disagrees is counted, and fails the command.
func TestDisagree(t *testing.T) {
	numerical, backprop, err := numbers.Saved()
	if err != nil {
		t.Fatal(err)
	}
	numerical.Log = slices.Clone(numerical.Log)
	numerical.Log[0].TrainAcc = 0.1
	o := options{section: "4.5"}
	var stdout strings.Builder
	err = o.show(&stdout, material{numerical: numerical, backprop: backprop})
	if err == nil || err.Error() != "1 of the numbers disagree with the book" {
		t.Errorf("error %v", err)
	}
	if out := stdout.String(); !strings.Contains(out, "NO [1]") || !strings.HasSuffix(out, "5 of 6 agree\n") {
		t.Errorf("it says\n%s", out)
	}
}

// Trainings of different lengths are compared as far as both go.
func TestLogsOfDifferentLengths(t *testing.T) {
	numerical, backprop, err := numbers.Saved()
	if err != nil {
		t.Fatal(err)
	}
	backprop.Log = backprop.Log[:12]
	o := options{section: "4.5.3", out: t.TempDir(), formats: []string{"svg"}}
	var stdout strings.Builder
	if err := o.show(&stdout, material{numerical: numerical, backprop: backprop}); err != nil {
		t.Fatal(err)
	}
	if want := "backprop, the first 12 epochs: the logs have 17 and 12\n"; !strings.Contains(stdout.String(), want) {
		t.Errorf("it says\n%s\nwant %s", stdout.String(), want)
	}
}

// A training on other images, a few letters, goes through all of it, and does
// not have the book's accuracies.
func TestTraining(t *testing.T) {
	out := t.TempDir()
	status, stdout, stderr := command("-section", "4.5", "-data", "../../dataset/testdata/letters", "-out", out, "-format", "svg")
	if status != 1 || !strings.HasSuffix(stderr, "chapter4: 2 of the numbers disagree with the book\n") {
		t.Errorf("status %d, stderr:\n%s", status, stderr)
	}
	for _, want := range []string{"gradients: numerical\n", "gradients: backprop\n", "epoch 17: train acc, test acc | "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in\n%s", want, stderr)
		}
	}
	if !strings.HasSuffix(stdout, "written to "+out+", as svg\n") || len(names(t, out)) != 3 {
		t.Errorf("it wrote %v and says\n%s", names(t, out), stdout)
	}
}

// The name of a folder cannot change the terminal.
func TestStrangeName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a\x1b[31m\n")
	for range 2 { // the second time there is a file
		_, stdout, stderr := command("-quick", "-section", "4.2.5", "-out", dir, "-format", "svg")
		if text := stdout + stderr; strings.Contains(text, "\x1b") || !strings.Contains(text, `"/`) {
			t.Errorf("it says %q", text)
		}
		os.RemoveAll(dir)
		if err := os.WriteFile(dir, nil, 0o666); err != nil {
			t.Skip(err)
		}
	}
	dir += "\n" // there is none of that name
	if _, _, stderr := command("-section", "4.5", "-data", dir); strings.Contains(stderr, "\x1b") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("it says %q", stderr)
	}
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   []string
		status int
		want   string // the first line, or its begin
	}{
		{[]string{"-section", "4.9"}, 2, `chapter4: -section is "4.9", want 4.2, 4.3, 4.4 or 4.5`},
		{[]string{"-section", "4."}, 2, `chapter4: -section is "4.", want`},
		{[]string{"-section", "4.2.9"}, 2, `chapter4: -section is "4.2.9", want`},
		{[]string{"4.4"}, 2, `chapter4: unexpected "4.4"`},
		{[]string{"-format", "gif"}, 2, `chapter4: invalid value "gif" for flag -format: want png, svg or png,svg`},
		{[]string{"-nothing"}, 2, "chapter4: flag provided but not defined: -nothing"},
		{[]string{"-section", "4.5", "-data", "no/such/folder"}, 1, "chapter4: no/such/folder"},
		{[]string{"-quick", "-section", "4.2.5", "-out", file}, 1, "chapter4: mkdir " + file},
	} {
		status, _, stderr := command(test.args...)
		if status != test.status || !strings.HasPrefix(stderr, test.want) {
			t.Errorf("%q: status %d, want %d; stderr:\n%swant %s", test.args, status, test.status, stderr, test.want)
		}
		if strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: want one line, got\n%s", test.args, stderr)
		}
	}
	if status, stdout, stderr := command("-h"); status != 0 || !strings.HasPrefix(stdout, "usage: chapter4 [flags]\n") || stderr != "" {
		t.Errorf("-h: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}
