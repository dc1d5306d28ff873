package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/models"
	"numgrad/train"
)

// iterations returns how many steps the training in a file has taken.
func iterations(t *testing.T, path string) int {
	t.Helper()
	m, err := models.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := train.ReadMeta(m)
	if err != nil {
		t.Fatal(err)
	}
	return meta.Iteration
}

// rewrite changes what the meta of a file says.
func rewrite(t *testing.T, path, old, new string) {
	t.Helper()
	m, err := models.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(m.Meta), old) {
		t.Fatalf("no %s in %s", old, m.Meta)
	}
	m.Meta = []byte(strings.Replace(string(m.Meta), old, new, 1))
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
}

// An earlier training, ended or stopped, is never replaced, however often one
// begins in its place. Random weights alone are.
func TestEarlierIsKept(t *testing.T) {
	folder := t.TempDir()
	out := filepath.Join(folder, "x.npz")
	for i, want := range []string{
		"",
		"train: " + out + " held a training of 2 epochs: it is kept as " + filepath.Join(folder, "x.1.npz") + "\n",
		"train: " + out + " held a training that was stopped after 20 iterations: it is kept as " + filepath.Join(folder, "x.2.npz"),
		"train: " + out + " held a training that was stopped after 20 iterations: it is kept as " + filepath.Join(folder, "x.3.npz"),
	} {
		status, _, stderr := call(append(quick, "-out", out, "-seed", fmt.Sprint(i))...)
		if status != 0 || !strings.HasPrefix(stderr, want) || (want == "") != (stderr == "") {
			t.Errorf("status %d, it says %q, want %q", status, stderr, want)
		}
		if i > 0 {
			rewrite(t, out, `"epochs":2`, `"epochs":9`)
		}
	}
	for i, name := range []string{"x.1", "x.2", "x.3", "x"} {
		m, err := models.Load(filepath.Join(folder, name+".npz"))
		if err != nil {
			t.Fatal(err)
		}
		if seed := fmt.Sprintf(`"seed":%d}`, i); !strings.Contains(string(m.Meta), seed) {
			t.Errorf("%s has another training than that of %s: %s", name, seed, m.Meta)
		}
	}
	// The log and the curves go with the weights, so that -resume works.
	if status, _, stderr := call("-data", data, "-resume", "-out", filepath.Join(folder, "x.2.npz"), "-quiet"); status != 0 {
		t.Error(stderr)
	}
	if line := readLog(t, filepath.Join(folder, "x.2.jsonl")); len(line) != 9 || line[0].Seconds == 0 {
		t.Errorf("the log of the kept training is %v", line)
	}

	out = filepath.Join(folder, "y.npz")
	diverge := append(quick, "-out", out, "-lr", "1e308", "-quiet")
	for range 2 {
		oneLine(t, "try a smaller one", diverge...)
	}
	if names := names(t, folder); strings.Contains(names, "y.1") {
		t.Errorf("random weights are kept: %s", names)
	}
}

// Files that are not of a training are kept as well.
func TestStrangersAreKept(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	for _, name := range []string{"seven.png", "eight.jsonl", "nine.npz"} {
		if err := os.WriteFile(in(name), []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ name, file, kept string }{
		{"seven", "seven.png", "seven.1.png"},
		{"eight", "eight.jsonl", "eight.1.jsonl"},
		{"nine", "nine.npz", "nine.1.npz"},
	} {
		status, _, stderr := call(append(quick, "-out", in(test.name+".npz"))...)
		if want := "train: there was a file " + in(test.file) + " before: it is kept as " + in(test.kept) + "\n"; status != 0 || stderr != want {
			t.Errorf("status %d, it says %q, want %q", status, stderr, want)
		}
		if content, err := os.ReadFile(in(test.kept)); err != nil || string(content) != "mine" {
			t.Errorf("%s has %.20q, %v", test.kept, content, err)
		}
	}

	for _, name := range []string{"ten.jsonl", "ten.png"} {
		if err := os.WriteFile(in(name), []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, _, stderr := call(append(quick, "-out", in("ten.npz"))...)
	if want := "there were the files " + in("ten.jsonl") + ", " + in("ten.png") + " before: they are kept as " + in("ten.1.jsonl"); !strings.Contains(stderr, want) {
		t.Errorf("it says %q, want %q", stderr, want)
	}

	// A picture beside a training without a log is not its curves.
	if err := os.Remove(in("seven.jsonl")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in("seven.png"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := call("-data", data, "-resume", "-epochs", "3", "-out", in("seven.npz"))
	if content, err := os.ReadFile(in("seven.2.png")); status != 0 || err != nil || string(content) != "mine" {
		t.Errorf("status %d, %s, %v", status, stderr, err)
	}
}

// A link is not replaced: the training is that of the file that it leads to.
func TestLink(t *testing.T) {
	folder, real := t.TempDir(), t.TempDir()
	link, out := filepath.Join(folder, "link.npz"), filepath.Join(real, "x.npz")
	if status, _, stderr := call(append(quick, "-out", out)...); status != 0 {
		t.Fatal(stderr)
	}
	if err := os.Symlink(out, link); err != nil {
		t.Skip(err)
	}
	if status, _, stderr := call("-data", data, "-resume", "-epochs", "3", "-out", link, "-quiet"); status != 0 {
		t.Fatal(stderr)
	}
	if n := iterations(t, out); n != 30 {
		t.Errorf("resumed by the link, the file has %d iterations, want 30", n)
	}
	if status, _, stderr := call(append(quick, "-out", link)...); status != 0 || !strings.Contains(stderr, "it is kept as "+filepath.Join(real, "x.1.npz")) {
		t.Errorf("status %d, %s", status, stderr)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink || names(t, folder) != "link.npz" {
		t.Errorf("the link is gone, or not alone: %v, %s", err, names(t, folder))
	}
	dangling := filepath.Join(folder, "dangling.npz")
	if err := os.Symlink("nowhere.npz", dangling); err != nil {
		t.Fatal(err)
	}
	oneLine(t, dangling+" is a symbolic link that leads nowhere", append(quick, "-out", dangling)...)
}

// All names are tried before the training begins, the longest as well.
func TestLongName(t *testing.T) {
	folder := t.TempDir()
	long := filepath.Join(folder, strings.Repeat("x", 246)+".npz")
	oneLine(t, "file name too long", append(quick, "-out", long)...)
	if names := names(t, folder); names != "" {
		t.Errorf("it leaves %.20s", names)
	}
}

// The default is a folder that is made, wherever the binary runs, and that git
// ignores.
func TestDefaultPlace(t *testing.T) {
	folder := t.TempDir()
	c := exec.Command(program, quick...)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if names := names(t, filepath.Join(folder, "runs")); names != "mnist.jsonl mnist.npz mnist.png" {
		t.Errorf("it leaves %s", names)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	if out, err := exec.Command("git", "rev-parse").CombinedOutput(); err != nil {
		t.Skipf("not a checkout: %s", out)
	}
	if out, err := exec.Command("git", "check-ignore", "../../runs/mnist.npz", "../../runs/mnist.1.jsonl").CombinedOutput(); err != nil {
		t.Errorf("git does not ignore runs: %v: %s", err, out)
	}
}
