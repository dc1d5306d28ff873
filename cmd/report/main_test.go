package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/dataset"
	"numgrad/internal/report"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// call runs the command and returns its status and output.
func call(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

// data writes random images of 3×4 pixels in 5 classes to a new folder.
func data(t *testing.T, seed uint64) (dir string) {
	t.Helper()
	dir = t.TempDir()
	rng := rand.New(rand.NewPCG(seed, 4))
	for _, name := range []string{"train", "t10k"} {
		images := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 3}, 4)
		labels := []byte{0, 0, 8, 1, 0, 0, 0, 20}
		for i := range 20 {
			for range 12 {
				images = append(images, byte(rng.Uint32()))
			}
			labels = append(labels, byte(i%5))
		}
		put(t, filepath.Join(dir, name+"-images-idx3-ubyte"), images)
		put(t, filepath.Join(dir, name+"-labels-idx1-ubyte"), labels)
	}
	return dir
}

func put(t *testing.T, path string, file []byte) {
	t.Helper()
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
}

// training saves a short training on the images in dir, with its log, in the
// folder of that name.
func training(t *testing.T, folder, dir string, transpose bool) {
	t.Helper()
	trainSet, testSet, err := dataset.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if transpose {
		trainSet.Transpose()
		testSet.Transpose()
	}
	settings := train.Book()
	settings.Epochs, settings.BatchSize, settings.HiddenSizes, settings.Transpose = 1, 10, train.Sizes{7}, transpose
	r := train.New(settings, trainSet, testSet, 1)
	for !r.Done() {
		if _, err := r.Step(); err != nil {
			t.Fatal(err)
		}
	}
	model, err := r.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := model.Save(filepath.Join(folder, "weights.npz")); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if err := train.WriteLog(&log, []train.LogLine{{Epoch: r.Log[0], Seconds: 1.5}}); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, "log.jsonl"), log.Bytes())
}

// check runs the command and looks for the page at path.
func check(t *testing.T, path, want string, args ...string) {
	t.Helper()
	status, stdout, stderr := call(args...)
	if status != 0 || stderr != "" || stdout != "wrote "+path+": open it in a browser\n" {
		t.Errorf("%q: status %d, output %q, errors %q, want the page at %s", args, status, stdout, stderr, path)
	}
	if page, err := os.ReadFile(path); err != nil || !bytes.Contains(page, []byte(report.Generator)) || !bytes.Contains(page, []byte(want)) {
		t.Errorf("%q: the page, %d bytes, %v, has no %q", args, len(page), err, want)
	}
}

// The net is the one at -weights, the newest in runs, or the built-in net.
func TestWhichNet(t *testing.T) {
	t.Chdir(t.TempDir())
	check(t, "runs/report.html", "<code>built-in net</code>")
	dir := data(t, 1)
	training(t, "runs/a", dir, false)
	training(t, "runs/b", dir, true)
	check(t, "runs/b/report.html", "<td>1.5 s</td>", "-data", dir)
	check(t, "runs/a/report.html", "<code>runs/a</code>", "-data", dir, "-weights", "runs/a")
	check(t, "runs/a/report.html", "<td>1.5 s</td>", "-data", dir, "-weights", "runs/a/weights.npz") // replaces the page
	check(t, "x.html", "<td>1.5 s</td>", "-data", dir, "-weights", "runs/a", "-out", "x.html")

	net := nn.New([]int{12, 3, 5}, nn.Normal(0.1), rand.NewPCG(1, 2))
	if err := (&models.Model{Params: net.Params}).Save("net.npz"); err != nil {
		t.Fatal(err)
	}
	check(t, "net.html", "without the settings of a training", "-data", dir, "-weights", "net.npz")
}

func TestErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	dir := data(t, 1)
	training(t, "runs/a", dir, false)
	training(t, "badlog", dir, false)
	put(t, "badlog/log.jsonl", []byte("{}\n"))
	training(t, "a\n\x1b[31m", dir, false)
	put(t, "a\n\x1b[31m/log.jsonl", []byte("{}\n"))
	put(t, "notes.html", []byte("<p>my notes"))
	put(t, "sparse.html", nil)
	if err := os.Truncate("sparse.html", 20<<30); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("runs/a/weights.npz", "link.html"); err != nil {
		t.Skip(err)
	}
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-x"}, 2, "flag provided but not defined: -x: see report -h"},
		{[]string{"x.npz"}, 2, `unexpected "x.npz"`},
		{[]string{"-out", "x"}, 2, "want a file name that ends in .html"},
		{[]string{"-weights", "missing"}, 1, "missing: no such file"},
		{[]string{"-weights", "notes.html"}, 1, "notes.html: "},
		{[]string{"-data", data(t, 2)}, 1, "runs/a: the net was trained on other images: give the -data that it was trained on"},
		{[]string{"-data", "missing"}, 1, "missing"},
		{[]string{"-data", dir, "-weights", "badlog"}, 1, "badlog/log.jsonl: line 1"},
		{[]string{"-data", dir, "-weights", "a\n\x1b[31m"}, 1, `"a\n\x1b[31m/log.jsonl": line 1`},
		{[]string{"-data", dir, "-out", "no/x.html"}, 1, "no/x.html: no such file or directory"},
		{[]string{"-data", dir, "-out", "notes.html"}, 1, "notes.html is not a page of this command"},
		{[]string{"-data", dir, "-out", "sparse.html"}, 1, "sparse.html is not a page of this command"},
		{[]string{"-data", dir, "-out", "link.html"}, 1, "link.html is not a page of this command"},
	} {
		status, stdout, stderr := call(test.args...)
		if status != test.status || stdout != "" || !strings.HasPrefix(stderr, "report: ") || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: status %d, output %q, errors %q, want %d and one line with %q", test.args, status, stdout, stderr, test.status, test.want)
		}
	}
	if status, stdout, stderr := call("-h"); status != 0 || !strings.HasPrefix(stdout, "usage: report [flags]\n") || stderr != "" {
		t.Errorf("-h: status %d, output %q, errors %q", status, stdout, stderr)
	}
	filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || strings.HasSuffix(path, "report.html") || strings.HasSuffix(path, ".tmp") {
			t.Errorf("an error left %s, %v", path, err)
		}
		return nil
	})
	if notes, err := os.ReadFile("notes.html"); err != nil || string(notes) != "<p>my notes" {
		t.Errorf("the notes are %q, %v", notes, err)
	}
}

// Chromium shows all pictures of the page, in light and in dark, and has no
// complaints. NUMGRAD_CHROMIUM=1 asks for it; NUMGRAD_SCREENSHOT=FILE keeps a
// picture of the top of the page.
func TestPageInChromium(t *testing.T) {
	if os.Getenv("NUMGRAD_CHROMIUM") == "" {
		t.Skip("NUMGRAD_CHROMIUM is not set")
	}
	shot, err := filepath.Abs(filepath.Join("../..", os.Getenv("NUMGRAD_SCREENSHOT")))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	check(t, "page.html", "<code>built-in net</code>", "-out", "page.html")
	page, err := os.ReadFile("page.html")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("NUMGRAD_SCREENSHOT") != "" {
		chromium(t, "--screenshot="+shot, "--window-size=1280,1430", "page.html")
	}
	// The copy runs a script, which the page itself forbids.
	const look = `<pre id="seen"></pre><script>onload = () => { document.getElementById("seen").textContent =
		[...document.images].filter(i => i.naturalWidth && i.getBoundingClientRect().width > 20).length + " of " + document.images.length +
		", " + (document.documentElement.scrollWidth - innerWidth) + " too wide"; };</script></body>`
	before, after, _ := strings.Cut(string(page), `<meta http-equiv="Content-Security-Policy"`)
	_, after, _ = strings.Cut(after, ">")
	put(t, "seen.html", []byte(strings.Replace(before+after, "</body>", look, 1)))
	for _, args := range [][]string{{"--window-size=500,1000"}, {"--window-size=1400,1000", "--blink-settings=preferredColorScheme=0"}} {
		dom := chromium(t, append(args, "--dump-dom", "seen.html")...)
		if want := ">242 of 242, 0 too wide<"; !strings.Contains(dom, want) { // 2 charts, 40 mistakes, 4·50 units
			_, seen, _ := strings.Cut(dom, `<pre id="seen">`)
			t.Errorf("%q: %.40s, want %s", args, seen, want)
		}
	}
}

// chromium opens a file and returns the browser's output.
func chromium(t *testing.T, args ...string) string {
	t.Helper()
	last := len(args) - 1
	path, err := filepath.Abs(args[last])
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--user-data-dir=" + t.TempDir()}, args[:last]...)
	cmd := exec.CommandContext(t.Context(), "chromium", append(args, fmt.Sprint("file://", path))...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || strings.Contains(stderr.String(), "CONSOLE") {
		t.Fatalf("chromium: %v\n%s", err, &stderr)
	}
	return stdout.String()
}
