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

func TestReplay(t *testing.T) {
	out := filepath.Join(t.TempDir(), "replay")
	stdout, stderr := succeed(t, append(ours, "-out", out)...)
	if !strings.HasPrefix(stdout, "step  1 of 40  train acc 0.") || strings.Count(stdout, "step ") != 20 ||
		!strings.Contains(stdout, "40 steps on the mini-batches of testdata/batches.npz") || strings.Count(stdout, " numbers, at most ") != 3 || stderr != "" {
		t.Fatalf("it prints\n%s%s", stdout, stderr)
	}
	f, err := npz.Open(out + "/weights.npz")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"W1", "b1", "W2", "b2", "train_loss_list", "train_acc_list", "test_acc_list"}
	if !slices.Equal(f.Names(), want) {
		t.Errorf("it saves %v, want %v", f.Names(), want)
	}
	quiet := append(ours, "-out", out, "-quiet", "-gradient", "backprop")
	if stdout, stderr := succeed(t, quiet...); stdout+stderr != "" {
		t.Errorf("-quiet, backprop: it prints\n%s%s", stdout, stderr)
	}
	fail(t, 1, "the trainings differ from train_loss_list[0] on: it is 1.", append(quiet, "-lr", "0.11")...)
}

func TestReplayFaults(t *testing.T) {
	folder := t.TempDir()
	out, batches := filepath.Join(folder, "x"), filepath.Join(t.TempDir(), "batches.npz")
	replay := func(batches string, flags ...string) []string {
		return append([]string{"-init", "testdata/params.npz", "-batches", batches, "-out", out, "-quiet", "-data", letters}, flags...)
	}
	write := func(data any) []string {
		if err := atomicfile.Write(batches, func(w io.Writer) error { return npz.Write(w, npz.Array{Name: "batches", Data: data}) }); err != nil {
			t.Fatal(err)
		}
		return replay(batches)
	}
	fail(t, 1, "-batches: open no.npz: no such file", replay("no.npz")...)
	fail(t, 1, "batches", replay("testdata/params.npz")...)
	fail(t, 1, "want integers", write(mat.NewDense(2, 3, nil))...)
	fail(t, 1, "batches is [3], want [steps×images of a mini-batch]", write([]byte{1, 2, 3})...)
	fail(t, 1, "batches[1,1] is 3, want the index of an image, from 0 to 2", replay("testdata/four.npz", "-limit", "3")...)
	// testdata/large.npz has two million indices, for one step, in 2 kB.
	fail(t, 1, "batch is 2000000, want at most", replay("testdata/large.npz")...)
	if names := names(t, folder); names != "" {
		t.Errorf("it leaves %s", names)
	}
	fail(t, 1, "train_acc_list has 2 numbers, want 1 as the replay has", replay("testdata/four.npz")...)
}

// A replay that is stopped saves the steps so far.
func TestReplayStopped(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	stop := make(chan os.Signal, 1)
	stop <- syscall.SIGINT
	var stdout, stderr bytes.Buffer
	status := run(append(ours, "-out", out), &stdout, &stderr, stop)
	if status != 130 || !strings.HasPrefix(stderr.String(), "train: stopped by interrupt after 0 of 40 steps; saved "+out) {
		t.Errorf("status %d, %s", status, &stderr)
	}
	if names := names(t, out); names != "lock weights.npz" {
		t.Errorf("the folder has %s", names)
	}
}

var update = flag.Bool("update", false, "write testdata/own_run.txt")

// A training in NumPy is repeated, with the book's net: 200 steps. NUMGRAD_NUMPY
// is a python3 that has NumPy.
func TestNumPy(t *testing.T) {
	repeatNumPy(t, "2000", "200")
}

// The book's whole training is repeated if NUMGRAD_WHOLE is set: NumPy takes
// minutes. docs/chapter4.md has the output.
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
		t.Errorf("it prints\n%s%s has\n%s", got, file, want)
	}
}

// repeatNumPy trains in NumPy, and returns the output of the command that repeats
// the training by numerical gradients.
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
	stdout, _ = succeed(t, "-init", "params.npz", "-batches", "batches.npz", "-limit", images)
	if strings.Count(stdout, " numbers, at most ") != 3 {
		t.Fatalf("it prints\n%s", stdout)
	}
	return stdout
}
