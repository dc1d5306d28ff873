package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Settings that do not do what they seem to are told, and trained with.
func TestNonsense(t *testing.T) {
	for want, args := range map[string][]string{
		"-limit is 5000, and there are 1000 training images: all are used":                             {"-limit", "5000"},
		"-batch is 9223372036854775807, and there are 1000 training images: an epoch is one step":      {"-batch", "9223372036854775807"},
		"-batch is 100, and there are 50 training images":                                              {"-limit", "50"},
		"-step is 1e-20, less than the last place of 7928 of 7960 weights: their differences are zero": {"-step", "1e-20", "-gradient", "inplace", "-limit", "1", "-epochs", "1"},
		"the loss of epoch 1 is 2.4": {"-lr", "1e-9"},
		"no better than guessing one of 10 classes (2.3026): try another -lr\n": {"-lr", "1e-9"},
	} {
		status, stdout, stderr := call(append(append(quick, "-out", filepath.Join(t.TempDir(), "x.npz")), args...)...)
		if status != 0 || !strings.HasPrefix(stderr, "train: ") || !strings.Contains(stderr, want) || !strings.Contains(stdout, "saved") {
			t.Errorf("%v: status %d, it says %q, want %q", args, status, stderr, want)
		}
		if guessing := strings.Count(stderr, "guessing"); guessing > 1 {
			t.Errorf("%v: it is said %d times that the net guesses", args, guessing)
		}
	}
	// Advice is what can be followed, and has not been.
	first, out := filepath.Join(t.TempDir(), "first.npz"), filepath.Join(t.TempDir(), "x.npz")
	small := []string{"-data", data, "-epochs", "1", "-hidden", "10", "-lr", "1e-9"}
	for _, test := range []struct {
		args   []string
		advice string
	}{
		{[]string{"-out", first}, "try another -lr, or -std he or xavier\n"},
		{[]string{"-out", out, "-std", "he"}, "try another -lr\n"},
		{[]string{"-out", out, "-init", first}, "try another -lr\n"},
	} {
		if status, _, stderr := call(append(small, test.args...)...); status != 0 || !strings.HasSuffix(stderr, test.advice) {
			t.Errorf("%v: status %d, it says %q, want %q", test.args, status, stderr, test.advice)
		}
	}
	status, stdout, stderr := call(append(quick, "-out", filepath.Join(t.TempDir(), "x.npz"), "-std", "1e90")...)
	if status != 0 && !strings.Contains(stderr, "try smaller initial weights") {
		t.Errorf("-std 1e90: status %d, %s", status, stderr)
	}
	for line := range strings.Lines(stdout + stderr) {
		if len(line) > 300 {
			t.Errorf("-std 1e90: a line of %d characters: %.100s", len(line), line)
		}
	}
}

// A hostile meta is refused by -resume, and nothing is touched.
func TestHostileMeta(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	for _, test := range []struct{ old, new, want string }{
		{`"batch":100`, `"batch":9223372036854775807`, "its log has 2 epochs, want 20: it holds 20 iterations, and an epoch has 1"},
		{`"hidden":[10]`, `"hidden":[1000000000000]`, "x.npz: cannot resume: a training by -gradient numerical with -hidden 1000000000000 takes about 13,040,000 GB of memory"},
		{`"hidden":[10]`, `"hidden":[11]`, "its weights are those of a net of 784-10-10, want 784-11-10"},
		{`"hidden":[10]`, `"hidden":"x"`, "its meta is not that of a training"},
		{`"seed":1`, `"seed":-1`, "its meta is not that of a training: settings.seed cannot be the JSON number -1"},
		{`"epochs":2`, `"epochs":0`, "its settings: epochs is 0, want at least 1"},
		{`"train_acc":0`, `"train_acc":7`, "train_acc and test_acc are 7"},
		{`"data":"`, `"data":"0`, "trained on other images: give the -data that it was trained on"},
	} {
		if status, _, stderr := call(append(quick, "-out", out, "-quiet")...); status != 0 {
			t.Fatal(stderr)
		}
		rewrite(t, out, test.old, test.new)
		before, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		status, stdout, stderr := call("-data", data, "-resume", "-out", out)
		if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, %q, %q, want %q", test.new, status, stdout, stderr, test.want)
		}
		if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
			t.Errorf("%s: the file is changed, %v", test.new, err)
		}
	}
}

// A damaged file is told with what is wrong, and stays as it is.
func TestDamaged(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	if status, _, stderr := call(append(quick, "-out", out, "-quiet")...); status != 0 {
		t.Fatal(stderr)
	}
	whole, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(whole)
	flipped[len(whole)/3] ^= 1
	for _, damaged := range [][]byte{nil, whole[:100], whole[:len(whole)-9], flipped} {
		if err := os.WriteFile(out, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		oneLine(t, out+": ", "-data", data, "-resume", "-out", out)
		if after, err := os.ReadFile(out); err != nil || !bytes.Equal(after, damaged) {
			t.Errorf("the file is changed, %v", err)
		}
	}
}

// Between the ends of epochs the state is saved from time to time.
func TestSavedWithinEpoch(t *testing.T) {
	defer func(d time.Duration) { saveEvery = d }(saveEvery)
	saveEvery = 0
	out := filepath.Join(t.TempDir(), "x.npz")
	stop, ended := make(chan os.Signal, 1), make(chan int)
	go func() {
		var discard strings.Builder
		ended <- run([]string{"-data", data, "-gradient", "inplace", "-hidden", "2", "-batch", "10", "-out", out}, &discard, &discard, stop)
	}()
	waitFor(t, "a save within the epoch", func() bool {
		if _, err := os.Stat(out); err != nil {
			return false
		}
		n := iterations(t, out)
		return 0 < n && n < smallTrain/10
	})
	stop <- syscall.SIGINT
	if status := <-ended; status != 130 {
		t.Errorf("status %d", status)
	}
}

// waitFor waits until it is so, and fails after a minute.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come", what)
		}
	}
}
