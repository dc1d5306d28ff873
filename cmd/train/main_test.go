package main

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"numgrad/dataset"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// call runs the command, without the race detector.
func call(args ...string) (status int, stdout, stderr string) {
	c := exec.Command(program, args...)
	var out, err bytes.Buffer
	c.Stdout, c.Stderr = &out, &err
	c.Run()
	return c.ProcessState.ExitCode(), out.String(), err.String()
}

// succeed runs the command and returns its output.
func succeed(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	status, stdout, stderr := call(args...)
	if status != 0 {
		t.Fatalf("%v: status %d, %s", args, status, stderr)
	}
	return stdout, stderr
}

// fail fails unless the command prints one line that contains want, and exits
// with the status.
func fail(t *testing.T, status int, want string, args ...string) {
	t.Helper()
	got, stdout, stderr := call(args...)
	if got != status || stdout != "" || strings.Count(stderr, "\n") != 1 ||
		!strings.HasPrefix(stderr, "train: ") || !strings.Contains(stderr, want) {
		t.Errorf("%v: status %d, %q, %q, want %d and a line with %q", args, got, stdout, stderr, status, want)
	}
}

// names returns the names in a folder.
func names(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// contents returns the content of each file in a folder, after a letter for its
// type.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range strings.Fields(names(t, folder)) {
		path := filepath.Join(folder, name)
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = info.Mode().String()[:1]
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[name] += string(content)
		}
	}
	return all
}

func sameBytes(t *testing.T, got, want string) {
	t.Helper()
	a, err1 := os.ReadFile(got)
	b, err2 := os.ReadFile(want)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("%s and %s differ (%v, %v)", got, want, err1, err2)
	}
}

// meta reads the state in the folder of a training.
func meta(t *testing.T, folder string) (*models.Model, train.Meta) {
	t.Helper()
	m, err := models.Load(filepath.Join(folder, "weights.npz"))
	if err != nil {
		t.Fatal(err)
	}
	meta, err := train.ReadMeta(m)
	if err != nil {
		t.Fatal(err)
	}
	return m, meta
}

func readLog(t *testing.T, folder string) []train.LogLine {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := train.ReadLog(f)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestTrainingIsAFolder(t *testing.T) {
	out := filepath.Join(t.TempDir(), "new", "x")
	stdout, stderr := succeed(t, append(quick, "-out", out+"/")...)
	if want := regexp.MustCompile(`^(epoch [12]/2  loss \d\.\d{4}  train acc 0\.\d{4}  test acc 0\.\d{4}  \d+\.\d s\n){2}20 numerical gradients of 7,960 weights in .* a 784-10-10 net, sigmoid\nthey stand for 318,400 evaluations of the loss\nsaved ` + out + `: `); !want.MatchString(stdout) || stderr != "" {
		t.Errorf("it prints\n%s\nand on standard error %q", stdout, stderr)
	}
	if names := names(t, out); names != "curves.png lock log.jsonl weights.npz" {
		t.Errorf("the folder has %s", names)
	}
	m, meta := meta(t, out)
	if meta.Iteration != 20 || len(m.Losses) != 20 || meta.Settings.LearningRate != 1 {
		t.Errorf("%+v, %d losses", meta, len(m.Losses))
	}
	for i, line := range readLog(t, out) {
		if line.Epoch != meta.Log[i] || line.Seconds <= 0 {
			t.Errorf("the log has %+v, the weights %+v", line, meta.Log[i])
		}
	}
	picture, err := os.Open(filepath.Join(out, "curves.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	if _, err := png.Decode(picture); err != nil {
		t.Error(err)
	}

	again := filepath.Join(t.TempDir(), "x")
	if stdout, stderr := succeed(t, append(quick, "-out", again, "-quiet", "-workers", "3")...); stdout+stderr != "" {
		t.Errorf("-quiet prints %q, %q", stdout, stderr)
	}
	sameBytes(t, again+"/weights.npz", out+"/weights.npz")
}

// A wrong command line gets one line, and nothing is made.
func TestUsage(t *testing.T) {
	folder := t.TempDir()
	for want, args := range map[string]string{
		"-lr is 0, want a positive number":                                    "-lr 0",
		`invalid value "a,b" for flag -hidden: want the units of each hidden`: "-hidden a,b",
		"-hidden is 1000000000000, want a net of at most 20 million weights":  "-hidden 1000000000000",
		"-batch is 100, want at most 50":                                      "-limit 50",
		"-workers is -1, want at most 1024":                                   "-workers -1",
		"-workers is 1025, want at most 1024":                                 "-workers 1025",
		"-out is a folder now: use -out x; the weights will be x/weights.npz": "-out x.npz",
		`-out is ".", want the name of a new folder`:                          "-out ./",
		`-out is "..", want the name of a new folder`:                         "-out ..",
		"-init does not go with -resume":                                      "-resume x -init a.npz",
		"-out does not go with -resume":                                       "-resume x -out y",
		"-resume needs the folder of a training":                              "-resume -out x",
		"-std does not go with -init":                                         "-init a.npz -std he",
		"-hidden does not go with -init":                                      "-init a.npz -hidden 3",
		"-batches needs the initial weights":                                  "-batches x.npz",
		"-epochs does not go with -batches":                                   "-batches x.npz -init y.npz -epochs 3",
		`unexpected "mnist"`:                                                  "mnist",
		"flag provided but not defined: -rate":                                "-rate 1",
	} {
		args := strings.Fields(args)
		if !slices.Contains(args, "-out") && !strings.HasPrefix(args[0], "-resume") {
			args = append([]string{"-out", filepath.Join(folder, "x")}, args...)
		}
		fail(t, 2, want, append([]string{"-data", data}, args...)...)
	}
	if names := names(t, folder); names != "" {
		t.Errorf("it leaves %s", names)
	}
	if stdout, stderr := succeed(t, "-h"); !strings.Contains(stdout, "-lr factor") || stderr != "" {
		t.Errorf("-h prints %q, %q", stdout, stderr)
	}
}

// A training that cannot start, or that saves nothing but initial weights, leaves
// no folder.
func TestNothingSaved(t *testing.T) {
	folder := t.TempDir()
	out := filepath.Join(folder, "x")
	fail(t, 1, folder, "-data", folder, "-out", out)
	fail(t, 1, "with a learning rate of 1e+308: try a smaller one", append(quick, "-out", out, "-lr", "1e308")...)
	fail(t, 1, "file name too long", append(quick, "-out", out+strings.Repeat("x", 300))...)
	fail(t, 1, "cannot make the folder", append(quick, "-out", data+"/train-images-idx3-ubyte/x")...)
	fail(t, 1, "nothing to resume", "-data", data, "-resume", out)
	fail(t, 1, "nothing to resume: "+data+" has no weights.npz", "-data", data, "-resume", data)
	fail(t, 1, "is a file, want a folder: to resume a training of an earlier version, move", "-resume", "../../models/mnist.npz")
	if names := names(t, folder) + names(t, data); strings.Contains(names, "x ") || strings.Contains(names, "lock") {
		t.Errorf("it leaves %s", names)
	}
}

func TestResume(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	succeed(t, append(quick, "-out", out, "-quiet")...)
	fail(t, 2, "-epochs is 1, want at least 2: epochs can be raised", "-data", data, "-resume", out, "-epochs", "1")
	fail(t, 2, "-hidden is 10,5, want 10 as in the training to resume", "-data", data, "-resume", out, "-hidden", "10,5")
	fail(t, 2, "-std is he, want xavier as in the training to resume", "-data", data, "-resume", out, "-std", "he")

	// A completed training gets a missing picture again.
	before := contents(t, out)
	if err := os.Remove(filepath.Join(out, "curves.png")); err != nil {
		t.Fatal(err)
	}
	if stdout, _ := succeed(t, "-data", data, "-resume", out); !strings.HasPrefix(stdout, "nothing left to do: all 2 epochs") {
		t.Errorf("it prints %q", stdout)
	}
	if after := contents(t, out); !maps.Equal(after, before) {
		t.Error("the files are changed")
	}

	succeed(t, append(quick, "-resume", out, "-epochs", "3", "-quiet")...) // equal settings may be repeated
	whole := filepath.Join(t.TempDir(), "x")
	succeed(t, append(quick, "-epochs", "3", "-out", whole, "-quiet")...)
	sameBytes(t, out+"/weights.npz", whole+"/weights.npz")
	sameBytes(t, out+"/curves.png", whole+"/curves.png")
}

// Damaged or hostile files are refused with the fault, and stay as they are.
func TestResumeRefuses(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "x")
	succeed(t, append(quick, "-out", saved, "-quiet")...)
	whole := contents(t, saved)
	fail(t, 1, "give the -data that it was trained on", "-data", letters, "-resume", saved)
	otherLog := strings.Replace(whole["log.jsonl"], `"iteration":10`, `"iteration":11`, 1)
	for want, spoil := range map[string]func(files map[string]string){
		"weights.npz: is a damaged zip file":      func(files map[string]string) { files["weights.npz"] = files["weights.npz"][:1000] },
		"weights.npz: is not an npz file":         func(files map[string]string) { files["weights.npz"] = "-" },
		"log.jsonl: line 1: want one JSON object": func(files map[string]string) { files["log.jsonl"] = "-no log\n" },
		"log.jsonl: line 1 is of another":         func(files map[string]string) { files["log.jsonl"] = otherLog },
		"curves.png is not a picture of train":    func(files map[string]string) { files["curves.png"] = "-my picture" },
	} {
		files := maps.Clone(whole)
		spoil(files)
		out := filepath.Join(t.TempDir(), "x")
		if err := os.Mkdir(out, 0o777); err != nil {
			t.Fatal(err)
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(out, name), []byte(content[1:]), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		before := contents(t, out)
		fail(t, 1, want, "-data", data, "-resume", out, "-epochs", "3")
		if after := contents(t, out); !maps.Equal(after, before) {
			t.Errorf("%s: the files are changed", want)
		}
	}
}

// -init starts from the weights of a file or a folder, with their activation.
func TestInit(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	base := []string{"-data", data, "-limit", "500", "-epochs", "1"}
	stdout, _ := succeed(t, append(base, "-hidden", "8,6", "-activation", "relu", "-std", "he", "-out", first)...)
	if !strings.Contains(stdout, "a 784-8-6-10 net, relu") {
		t.Errorf("it prints %s", stdout)
	}
	succeed(t, append(base, "-init", first, "-lr", "1e-300", "-out", second)...)
	before, _ := meta(t, first)
	m, meta := meta(t, second)
	if !slices.Equal(m.Vector, before.Vector) || m.Net().Activation != nn.ReLU || meta.Settings.Init != "first" {
		t.Errorf("the weights are not from -init, or %+v", meta)
	}
	succeed(t, "-data", data, "-resume", second, "-epochs", "2")

	other := filepath.Join(folder, "other.npz")
	if err := (&models.Model{Params: nn.NewParams(5, 4, 3)}).Save(other); err != nil {
		t.Fatal(err)
	}
	third := filepath.Join(folder, "third")
	fail(t, 1, "-init: "+other+": a net of 5-4-3 has 5 inputs and 3 classes, want 784 and 10", append(base, "-init", other, "-out", third)...)
	fail(t, 1, "is W1 transposed", append(base, "-init", "../../models/testdata/transposed.npz", "-out", third)...)
	fail(t, 1, "-init: "+third+": no such file", append(base, "-init", third, "-out", third)...)
}

// The settings remember that the images are transposed.
func TestTranspose(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	succeed(t, append(quick, "-transpose", "-out", out, "-quiet")...)
	if _, meta := meta(t, out); !meta.Settings.Transpose {
		t.Errorf("%+v", meta.Settings)
	}
	succeed(t, "-data", data, "-resume", out, "-epochs", "3", "-quiet")
}

// EMNIST's letters count from 1.
func TestEmptyClasses(t *testing.T) {
	trainSet, testSet, err := dataset.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	letters := t.TempDir()
	for name, set := range map[string]*dataset.Set{"train": trainSet, "t10k": testSet} {
		for i := range set.Labels {
			set.Labels[i] += 2
		}
		if err := writeIDX(filepath.Join(letters, name), set); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr := succeed(t, append(quick, "-data", letters, "-out", filepath.Join(t.TempDir(), "x"))...)
	if want := "train: the net cannot learn the classes without a training image: 0 1\n"; stderr != want {
		t.Errorf("it prints %q, want %q", stderr, want)
	}
}

// Settings with a surprising effect get a warning each.
func TestWarnings(t *testing.T) {
	for want, args := range map[string]string{
		"-limit is 5000, but there are 1000 training images: all are used":                      "-limit 5000",
		"the textbook's subtraction (-gradient inplace) finds zero there, -gradient numerical":  "-step 1e-50",
		"-step 1e-20 is less than the last place of 7928 of 7960 weights: the textbook's subtr": "-step 1e-20 -gradient inplace -batch 1 -limit 1 -epochs 1",
		"the textbook's loop computes 15,920 losses in a step: the training takes about":        "-gradient inplace -batch 1 -limit 1 -epochs 1",
		"(2.3026): try another -lr\n":                       "-lr 1e-9",
		"(2.3026): try another -lr, or -std he or xavier\n": "-lr 1e-9 -std 0.3",
	} {
		stdout, stderr := succeed(t, append(append(quick, "-out", filepath.Join(t.TempDir(), "x")), strings.Fields(args)...)...)
		if !strings.Contains(stderr, want) || strings.Count(stderr, "\n") > 2 || !strings.Contains(stdout, "saved") {
			t.Errorf("%v: it prints %q, want %q", args, stderr, want)
		}
	}
}

// The training says which command shows its result: with the go command in the
// project's folder, elsewhere a program in its own folder.
func TestHints(t *testing.T) {
	out := filepath.Join(t.TempDir(), "it's mine")
	if stdout, _ := succeed(t, append(quick, "-out", out)...); strings.Contains(stdout, "report") {
		t.Errorf("without a report, it prints\n%s", stdout)
	}
	t.Chdir("../..")
	stdout, _ := succeed(t, append(quick, "-out", out)...)
	quoted := strings.ReplaceAll(out, "'", `'\''`)
	if want := "go run ./cmd/report -weights '" + quoted + "-2' -data " + data + "\n"; !strings.Contains(stdout, want) {
		t.Errorf("in the project, it prints\n%swant\n%s", stdout, want)
	}
}

// A deep net learns MNIST by numerical gradients. It prints the accuracy of the
// saved weights as package nn computes it.
func TestMNIST(t *testing.T) {
	_, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var all dataset.Batch
	test.Gather(&all, dataset.Epoch(nil, test.Len(), 0, 0))
	out := filepath.Join(t.TempDir(), "x")
	printed, _ := succeed(t, "-hidden", "30,20", "-activation", "relu", "-std", "he", "-lr", "0.2", "-limit", "10000", "-epochs", "2", "-out", out)
	m, _ := meta(t, out)
	accuracy := m.Net().Accuracy(all.X, all.T)
	if accuracy < 0.85 || !strings.Contains(printed, fmt.Sprintf("test acc %.4f", accuracy)) {
		t.Errorf("accuracy %v, want at least 0.85 and the one printed:\n%s", accuracy, printed)
	}
}
