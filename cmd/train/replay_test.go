package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/internal/npz"
)

const letters = "../../dataset/testdata/letters"

// ours are the flags for the run that NumPy has left in testdata:
//
//	own_run.py ../../../dataset/testdata/letters 4 40 5 2
var ours = []string{"-init", "testdata/params.npz", "-batches", "testdata/batches.npz", "-data", letters}

const agreement = `train_loss_list      40 numbers, at most `

func TestReplay(t *testing.T) {
	out := filepath.Join(t.TempDir(), "replay.npz")
	status, stdout, stderr := call(append(ours, "-out", out)...)
	if status != 0 || !strings.Contains(stdout, "40 steps on the mini-batches of testdata/batches.npz") || !strings.Contains(stdout, agreement) ||
		strings.Count(stdout, " 20 numbers, at most ") != 2 {
		t.Fatalf("status %d, it says\n%s%s", status, stdout, stderr)
	}
	if !strings.HasPrefix(stdout, "step  1 of 40  train acc 0.") || strings.Count(stdout, "step ") != 20 || stderr != "" {
		t.Errorf("progress is\n%s, and on standard error\n%s", stdout, stderr)
	}
	f, err := npz.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := []string{"W1", "b1", "W2", "b2", "train_loss_list", "train_acc_list", "test_acc_list"}
	if !slices.Equal(f.Names(), want) {
		t.Errorf("it saves %v, want %v", f.Names(), want)
	}

	quiet := append(ours, "-out", out, "-quiet", "-gradient", "backprop")
	if status, stdout, stderr := call(quiet...); status != 0 || stdout+stderr != "" {
		t.Errorf("-quiet, backprop: status %d, it says\n%s%s", status, stdout, stderr)
	}
	oneLine(t, "the two trainings part at train_loss_list[0], which is 1.", append(quiet, "-lr", "0.11")...)
}

// write writes an npz file, and returns its path.
func write(t *testing.T, arrays ...npz.Array) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "batches.npz")
	if err := atomicfile.Write(path, func(w io.Writer) error { return npz.Write(w, arrays...) }); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReplayFaults(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	replay := func(batches string, flags ...string) []string {
		return append([]string{"-init", "testdata/params.npz", "-batches", batches, "-out", out, "-quiet", "-data", letters}, flags...)
	}
	oneLine(t, "-batches: stat no.npz: no such file", replay("no.npz")...)
	oneLine(t, "batches", replay("testdata/params.npz")...)
	oneLine(t, "want integers", replay(write(t, npz.Array{Name: "batches", Data: mat.NewDense(2, 3, nil)}))...)
	bytes := []byte{1, 2, 3}
	oneLine(t, "batches has the shape [3], want steps × images in a mini-batch", replay(write(t, npz.Array{Name: "batches", Data: bytes}))...)
	oneLine(t, "batches[1,1] is 3, want the index of an image, from 0 to 2", replay("testdata/four.npz", "-limit", "3")...)
	oneLine(t, "train_acc_list has 2 numbers, want 1 as the replay has", replay("testdata/four.npz")...)

	for want, args := range map[string][]string{
		"-batches repeats a training made elsewhere: give its initial weights": {"-batches", "x.npz"},
		"-epochs does not go with -batches":                                    {"-batches", "x.npz", "-init", "y.npz", "-epochs", "3"},
		"-seed does not go with -batches":                                      {"-batches", "x.npz", "-init", "y.npz", "-seed", "3"},
	} {
		if status, _, stderr := call(args...); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
	}
}

// A replay that is stopped keeps what it has.
func TestReplayStopped(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	stop := make(chan os.Signal, 1)
	stop <- syscall.SIGINT
	var stdout, stderr bytes.Buffer
	status := run(append(ours, "-out", out), &stdout, &stderr, stop)
	if status != 130 || !strings.HasPrefix(stderr.String(), "train: stopped by interrupt after 0 of 40 steps; saved in "+out) {
		t.Errorf("status %d, %s", status, &stderr)
	}
	f, err := npz.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if losses, _, err := f.Floats("train_loss_list"); err != nil || len(losses) != 0 {
		t.Errorf("%d losses, %v", len(losses), err)
	}
}

var update = flag.Bool("update", false, "write testdata/own_run.txt")

// A training that the NumPy of this machine makes is repeated, with the book's
// net: 200 steps. NUMGRAD_NUMPY is a python3 that has NumPy.
func TestNumPy(t *testing.T) {
	repeatNumPy(t, "2000", "200")
}

// The same for the book's whole training, which takes minutes in NumPy. What the
// command says then stands in docs/chapter4.md. NUMGRAD_WHOLE asks for it.
func TestWholeNumPy(t *testing.T) {
	if os.Getenv("NUMGRAD_WHOLE") == "" {
		t.Skip("NUMGRAD_WHOLE is not set")
	}
	const file = "testdata/own_run.txt"
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	got := repeatNumPy(t, "60000", "10000")
	got = got[strings.Index(got, "10,000 steps"):]
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seconds := regexp.MustCompile(`in [\d.]+ s`)
	if a, b := seconds.ReplaceAllString(got, ""), seconds.ReplaceAllString(string(want), ""); a != b {
		t.Errorf("it says\n%s%s has\n%s", got, file, want)
	}
}

// repeatNumPy makes a training in NumPy, and returns what the command says when
// it repeats it by numerical gradients.
func repeatNumPy(t *testing.T, images, steps string) (stdout string) {
	t.Helper()
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	mnist, err := dataset.Locate()
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/own_run.py")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if out, err := exec.Command(python, script, mnist, images, steps, "50", "100").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", python, err, out)
	}
	status, stdout, stderr := call("-init", "params.npz", "-batches", "batches.npz", "-limit", images)
	if status != 0 || strings.Count(stdout, " numbers, at most ") != 3 {
		t.Fatalf("status %d, it says\n%s%s", status, stdout, stderr)
	}
	return stdout
}
