package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"numgrad/models"
	"numgrad/train"
)

// call runs the command in this process.
func call(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, &out, &err, make(chan os.Signal))
	return status, out.String(), err.String()
}

func TestEndToEnd(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	status, stdout, stderr := call(append(quick, "-out", out)...)
	if status != 0 {
		t.Fatalf("status %d, %s", status, stderr)
	}
	if want := regexp.MustCompile(`^(epoch [12]/2  loss \d\.\d{4}  train acc 0\.\d{4}  test acc 0\.\d{4}  \d+\.\d s\n){2}20 num`); !want.MatchString(stdout) || stderr != "" {
		t.Errorf("it says\n%s\nand on standard error %q", stdout, stderr)
	}
	for _, want := range []string{
		"20 numerical gradients of 7,960 weights",
		"318,400 evaluations of the loss",
		"a 784-10-10 net, sigmoid", out, "x.jsonl", "x.png",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in %q", want, stdout)
		}
	}

	m, err := models.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := train.ReadMeta(m)
	if err != nil || meta.Iteration != 20 || len(m.Losses) != 20 || meta.Settings.LearningRate != 1 {
		t.Errorf("%+v, %d losses, %v", meta, len(m.Losses), err)
	}
	lines := readLog(t, strings.TrimSuffix(out, ".npz")+".jsonl")
	for i, line := range lines {
		if line.Epoch != meta.Log[i] || line.Seconds <= 0 {
			t.Errorf("log has %+v, weights %+v", line, meta.Log[i])
		}
	}
	picture, err := os.ReadFile(strings.TrimSuffix(out, ".npz") + ".png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
	if names := names(t, filepath.Dir(out)); names != "x.jsonl x.npz x.png" {
		t.Errorf("it leaves %s", names)
	}

	again := filepath.Join(t.TempDir(), "x.npz")
	if status, stdout, stderr := call(append(quick, "-out", again, "-quiet", "-workers", "3")...); status != 0 || stdout+stderr != "" {
		t.Errorf("-quiet: status %d, %q, %q", status, stdout, stderr)
	}
	sameBytes(t, again, out)
}

func readLog(t *testing.T, name string) []train.LogLine {
	t.Helper()
	f, err := os.Open(name)
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

func sameBytes(t *testing.T, got, want string) {
	t.Helper()
	a, err1 := os.ReadFile(got)
	b, err2 := os.ReadFile(want)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("%s and %s differ (%v, %v)", got, want, err1, err2)
	}
}

// What is wrong with the command line is said before anything happens.
func TestUsage(t *testing.T) {
	folder := t.TempDir()
	for want, args := range map[string][]string{
		"train: -lr is 0, want a positive number":                     {"-lr", "0"},
		"train: -lr is NaN, want":                                     {"-lr", "NaN"},
		"train: -batch is -1, want at least 1 image":                  {"-batch", "-1"},
		"train: -hidden is 0, want at least 1 unit":                   {"-hidden", "0"},
		"train: -epochs is 0, want":                                   {"-epochs", "0"},
		"train: -step is 0, want a number from 1e-300":                {"-step", "0"},
		"train: -std is -1, want":                                     {"-std", "-1"},
		"train: -limit is -1, want":                                   {"-limit", "-1"},
		"train: -workers is -1, want":                                 {"-workers", "-1"},
		`train: -gradient is "x", want numerical, inplace`:            {"-gradient", "x"},
		`train: -formula is "x", want central or forward`:             {"-formula", "x"},
		"train: -step is 1e-301, want a number from 1e-300":           {"-step", "1e-301"},
		"train: -step is 1e+308, want a number from 1e-300 to 1e+100": {"-step", "1e308"},
		"train: -std is 1e+308, want a number from 0 to 1e+100":       {"-std", "1e308"},
		"train: a training by -gradient numerical with -hidden 1000000000000 takes about 13,040,000 GB of memory": {"-hidden", "1000000000000"},
		"with -hidden 100000000 takes about 1,304 GB of memory, and there are":                                    {"-hidden", "100000000"},
		"-hidden 1000,1000,1000000000000000000,7 takes about 2e+13 GB":                                            {"-hidden", "1000,1000,1000000000000000000,7"},
		"by -gradient inplace with -hidden 50 and -batch 100 and -workers 1000000 takes about 462 GB of memory":   {"-workers", "1000000", "-gradient", "inplace"},
		`want a file name that ends in .npz`:                                                                      {"-out", "x.png"},
		"-init begins a training and -resume goes on":                                                             {"-init", "a.npz", "-resume"},
		"-std is for random initial weights":                                                                      {"-init", "a.npz", "-std", "he"},
		`train: invalid value "a,b" for flag -hidden: want the units of each hidden layer`:                        {"-hidden", "a,b"},
		"train: -hidden is 100,0, want at least 1":                                                                {"-hidden", "100,0"},
		`train: -activation is "tanh", want sigmoid or relu`:                                                      {"-activation", "tanh"},
		`train: invalid value "lecun" for flag -std: want a number, he or xavier`:                                 {"-std", "lecun"},
		`train: unexpected "mnist"`:                                                                               {"mnist"},
		"flag provided but not defined: -rate":                                                                    {"-rate", "1"},
		`invalid value "a" for flag -seed`:                                                                        {"-seed", "a"},
	} {
		if args[0] != "-out" {
			args = append([]string{"-data", data, "-out", filepath.Join(folder, "x.npz")}, args...)
		}
		status, stdout, stderr := call(args...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: status %d, %q, want %q", args, status, stderr, want)
		}
	}
	if names := names(t, folder); names != "" {
		t.Errorf("it leaves %s", names)
	}
	if status, stdout, stderr := call("-h"); status != 0 || !strings.Contains(stdout, "-lr factor") || stderr != "" {
		t.Errorf("-h: status %d, %q, %q", status, stdout, stderr)
	}
}

// oneLine fails unless the command fails with one line that has want in it.
func oneLine(t *testing.T, want string, args ...string) {
	t.Helper()
	status, stdout, stderr := call(args...)
	if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 ||
		!strings.HasPrefix(stderr, "train: ") || !strings.Contains(stderr, want) {
		t.Errorf("%v: status %d, %q, %q, want a line with %q", args, status, stdout, stderr, want)
	}
}

func TestFaults(t *testing.T) {
	folder := t.TempDir()
	oneLine(t, "there is no folder", append(quick, "-out", filepath.Join(folder, "nowhere", "to", "x.npz"))...)
	oneLine(t, folder, "-data", folder, "-out", filepath.Join(folder, "x.npz"))
	oneLine(t, "nothing to resume; start without -resume", "-data", data, "-resume", "-out", filepath.Join(folder, "new", "x.npz"))
	if names := names(t, folder); names != "" {
		t.Errorf("it leaves %s", names)
	}

	diverging := filepath.Join(folder, "y.npz")
	oneLine(t, "with a learning rate of 1e+308: try a smaller one", append(quick, "-out", diverging, "-lr", "1e308", "-quiet")...)
	m, err := models.Load(diverging)
	if err != nil {
		t.Fatalf("the weights of before are lost: %v", err)
	}
	if meta, err := train.ReadMeta(m); err != nil || meta.Iteration != 0 {
		t.Errorf("%+v, %v", meta, err)
	}
}

func TestResumeFlags(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	base := append(quick, "-out", out, "-quiet")
	if status, _, stderr := call(base...); status != 0 {
		t.Fatal(stderr)
	}
	oneLine(t, "-lr is 0.5, but "+out+" was begun with 1", "-data", data, "-resume", "-out", out, "-lr", "0.5")
	oneLine(t, "-limit is 900, but "+out+" was begun with 0", "-data", data, "-resume", "-out", out, "-limit", "900")
	oneLine(t, "raised, not lowered", "-data", data, "-resume", "-out", out, "-epochs", "1")

	// Where nothing is left to do, nothing is written but a picture that is gone.
	log, picture := strings.TrimSuffix(out, ".npz")+".jsonl", strings.TrimSuffix(out, ".npz")+".png"
	drawn, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(picture); err != nil {
		t.Fatal(err)
	}
	was := func() (infos [2]os.FileInfo) {
		for i, name := range []string{out, log} {
			if infos[i], err = os.Stat(name); err != nil {
				t.Fatal(err)
			}
		}
		return infos
	}
	before := was()
	if status, stdout, _ := call("-data", data, "-resume", "-out", out); status != 0 || !strings.Contains(stdout, "nothing left to do: all 2 epochs") || strings.Contains(stdout, "saved") {
		t.Errorf("status %d, %q", status, stdout)
	}
	if after := was(); !os.SameFile(before[0], after[0]) || !os.SameFile(before[1], after[1]) {
		t.Error("the weights or the log are written again")
	}
	if again, err := os.ReadFile(picture); err != nil || !bytes.Equal(again, drawn) {
		t.Errorf("the picture is not drawn again, %v", err)
	}

	// Raised epochs end where a training with that many does.
	if status, _, stderr := call("-data", data, "-resume", "-out", out, "-epochs", "3", "-quiet"); status != 0 {
		t.Fatal(stderr)
	}
	whole := filepath.Join(t.TempDir(), "x.npz")
	if status, _, stderr := call(append(quick, "-epochs", "3", "-out", whole, "-quiet")...); status != 0 {
		t.Fatal(stderr)
	}
	sameBytes(t, out, whole)

	if err := os.WriteFile(log, []byte("no log\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	oneLine(t, log+": line 1: want one JSON object", "-data", data, "-resume", "-out", out)
}
