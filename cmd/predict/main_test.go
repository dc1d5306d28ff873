package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"

	"numgrad/internal/digit"
	"numgrad/models"
	"numgrad/nn"
)

// call runs the command and returns what it left.
func call(stdin io.Reader, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, stdin, &out, &errs)
	return status, out.String(), errs.String()
}

// save writes a picture in the format of the name's extension, and returns its path.
func save(t *testing.T, name string, img image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	switch filepath.Ext(name) {
	case ".png":
		err = png.Encode(f, img)
	case ".gif":
		err = gif.Encode(f, img, nil)
	case ".jpg":
		err = jpeg.Encode(f, img, &jpeg.Options{Quality: 80})
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// The net that ships reads what people may come with.
func TestDigits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	bold := func(digit, w, h int, x, y, height, degrees float64) sheet {
		return printed(t, gobold.TTF, digit, w, h, x, y, height, degrees)
	}
	italic := func(digit, w, h int, x, y, height, degrees float64) sheet {
		return printed(t, goitalic.TTF, digit, w, h, x, y, height, degrees)
	}
	tests := []struct {
		name  string // and the format
		img   image.Image
		digit int
	}{
		{"plain.png", italic(0, 200, 200, 100, 100, 120, 0).gray(255, 0), 0},
		{"tiny.png", bold(1, 16, 16, 8, 8, 11, 0).gray(255, 0), 1},
		{"huge.png", bold(2, 2000, 2400, 1000, 1200, 1700, 0).gray(255, 0), 2},
		{"off-centre.gif", bold(3, 400, 300, 350, 250, 60, 0).gray(255, 0), 3},
		{"light-on-dark.jpg", italic(4, 240, 320, 120, 160, 200, 0).gray(10, 240), 4},
		{"turned.png", bold(5, 200, 200, 100, 100, 120, 10).gray(255, 0), 5},
		{"turned-back.png", bold(6, 200, 200, 100, 100, 120, -10).gray(255, 0), 6},
		{"pale.jpg", bold(7, 200, 200, 100, 100, 120, 0).gray(230, 170), 7},
		{"black-on-nothing.png", bold(8, 200, 200, 100, 100, 120, 0).transparent(color.NRGBA{0, 0, 0, 255}), 8},
		{"white-on-nothing.png", bold(9, 200, 200, 100, 100, 120, -5).transparent(color.NRGBA{255, 255, 255, 255}), 9},
		{"photograph.jpg", bold(3, 800, 600, 300, 280, 250, 5).photograph(rng, 0.6, 5, 0), 3},
		{"dirty-photograph.jpg", italic(7, 800, 600, 500, 300, 300, -5).photograph(rng, 0.8, 3, 15), 7},
		{"phone.jpg", italic(2, 2016, 1512, 1250, 650, 300, 5).photograph(rng, 0.7, 6, 30), 2},
		{"strip.png", bold(5, 1200, 60, 900, 30, 40, 0).gray(0, 255), 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := save(t, test.name, test.img)
			status, stdout, stderr := call(nil, "-quiet", path)
			if want := fmt.Sprintf("%s: %d (", path, test.digit); status != 0 || !strings.HasPrefix(stdout, want) || stderr != "" {
				t.Errorf("status %d, output %q, errors %q, want %q", status, stdout, stderr, want)
			}
		})
	}
}

// The net answers rightly on ruled and squared paper, with an underline, in
// uneven light, with a shadow's edge, on coloured paper, for a small digit, and
// for a picture to turn. The file NAME_D holds the digit D.
func TestKindsOfPictures(t *testing.T) {
	files, err := filepath.Glob("testdata/*_[0-9].*")
	if err != nil || len(files) != 26 {
		t.Fatalf("%d pictures, error %v, want 26", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, filepath.Ext(file))
		status, stdout, stderr := call(nil, "-quiet", file)
		if want := file + ": " + name[len(name)-1:] + " ("; status != 0 || !strings.HasPrefix(stdout, want) {
			t.Errorf("status %d, output %q, errors %q, want %q", status, stdout, stderr, want)
		}
	}
}

// An answer below 60 % is marked.
func TestNotSure(t *testing.T) {
	weak := filepath.Join(t.TempDir(), "weights.npz")
	if err := (&models.Model{Params: nn.NewParams(784, 3, 10)}).Save(weak); err != nil { // 10 % each
		t.Fatal(err)
	}
	if _, stdout, _ := call(nil, "-quiet", "-weights", weak, "testdata/lined_2.png"); !strings.HasSuffix(stdout, "(10.0 %, not sure)\n") {
		t.Errorf("output %q, want \"not sure\"", stdout)
	}
	if _, stdout, _ := call(nil, "-json", "-weights", filepath.Dir(weak), "testdata/lined_2.png"); !strings.HasSuffix(stdout, `"sure":false}`+"\n") {
		t.Errorf("output %q, want sure to be false", stdout)
	}
}

func TestText(t *testing.T) {
	seen := image.NewGray(image.Rect(0, 0, digit.Size, digit.Size))
	draw.Draw(seen, image.Rect(12, 5, 16, 24), image.White, image.Point{}, draw.Src)
	draw.Draw(seen, image.Rect(12, 22, 16, 24), image.NewUniform(color.Gray{Y: 70}), image.Point{}, draw.Src)
	var got strings.Builder
	err := writePicture(&got, &answer{
		File:          "one.png",
		Digit:         1,
		Sure:          true,
		Probabilities: []float64{0.0004, 0.75, 0, 0, 0.05, 0, 0, 0.1996, 0, 0},
		seen:          seen,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"one.png: 1 (75.0 %)",
		"",
		"",
		"            ▄▄▄▄              0                                  0.0 %",
		"            ████              1 ███████████████████████         75.0 %",
		"            ████              2                                  0.0 %",
		"            ████              3                                  0.0 %",
		"            ████              4 ██                               5.0 %",
		"            ████              5                                  0.0 %",
		"            ████              6                                  0.0 %",
		"            ████              7 ██████                          20.0 %",
		"            ████              8                                  0.0 %",
		"            ░░░░              9                                  0.0 %",
		"", "", "",
	}, "\n")
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestJSON(t *testing.T) {
	one := save(t, "one.png", printed(t, gobold.TTF, 1, 50, 50, 25, 25, 30, 0).gray(255, 0))
	seven := save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0))
	status, stdout, stderr := call(nil, "-json", one, seven)
	if status != 0 || stderr != "" || strings.Count(stdout, "\n") != 2 {
		t.Fatalf("status %d, output %q, errors %q, want two lines", status, stdout, stderr)
	}
	lines := json.NewDecoder(strings.NewReader(stdout))
	lines.DisallowUnknownFields()
	for _, want := range []struct {
		file  string
		digit int
	}{{one, 1}, {seven, 7}} {
		var got struct {
			File          string
			Digit         int
			Probabilities []float64
			Sure          bool
		}
		if err := lines.Decode(&got); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range got.Probabilities {
			sum += p
		}
		if got.File != want.file || got.Digit != want.digit || len(got.Probabilities) != 10 || math.Abs(sum-1) > 1e-9 {
			t.Errorf("got %+v, want file %q, digit %d and ten probabilities with the sum 1", got, want.file, want.digit)
		}
	}
}

// One bad file is a line, and the others are answered.
func TestBadFiles(t *testing.T) {
	good := save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0))
	blank := save(t, "blank.png", image.NewGray(image.Rect(0, 0, 9, 9)))
	text := filepath.Join(t.TempDir(), "text.png")
	if err := os.WriteFile(text, []byte("seven"), 0o644); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.png")

	status, stdout, stderr := call(nil, "-quiet", text, good, missing, blank, t.TempDir(), good)
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	if status != 1 || strings.Count(stdout, ": 7 (") != 2 || len(lines) != 4 {
		t.Fatalf("status %d, output %q, errors %q, want status 1, two answers and four errors", status, stdout, stderr)
	}
	for i, want := range []string{
		"predict: " + text + ": not a picture in PNG, JPEG, GIF or WebP format",
		"predict: " + missing + ": no such file or directory",
		"predict: " + blank + ": no ink found: nothing stands out from the background",
		"is not a regular file",
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("error %q, want %q", lines[i], want)
		}
	}
}

func TestStandardInput(t *testing.T) {
	file, err := os.Open(save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	status, stdout, stderr := call(file, "-")
	if status != 0 || !strings.HasPrefix(stdout, "-: 7 (") || strings.Count(stdout, "\n") != 15 || stderr != "" {
		t.Errorf("status %d, output %q, errors %q, want a 7 with its picture", status, stdout, stderr)
	}
	if strings.Contains(stdout, "\x1b") {
		t.Errorf("the output %q has escape sequences", stdout)
	}
}

func TestWeights(t *testing.T) {
	seven := save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0))
	saved := func(params *nn.Params) string {
		path := filepath.Join(t.TempDir(), "weights.npz")
		if err := (&models.Model{Params: params}).Save(path); err != nil {
			t.Fatal(err)
		}
		return path
	}

	// A net that says 4 to everything.
	four := nn.NewParams(784, 3, 10)
	four.Layers[1].B[4] = 5
	if status, stdout, stderr := call(nil, "-quiet", "-weights", saved(four), seven); status != 0 || !strings.Contains(stdout, ": 4 (") {
		t.Errorf("status %d, output %q, errors %q, want the 4 of the weights", status, stdout, stderr)
	}

	small := saved(nn.NewParams(64, 3, 10))
	want := "predict: " + small + ": the net takes 64 inputs, want the 784 pixels of 28×28"
	if status, stdout, stderr := call(nil, "-weights", small, seven); status != 1 || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("status %d, output %q, errors %q, want %q", status, stdout, stderr, want)
	}

	large := nn.NewParams(784, 3, 10)
	for i := range large.Vector {
		large.Vector[i] = math.MaxFloat64
	}
	want = "predict: " + seven + ": the net's answer is not a number: its weights are too large\n"
	if status, stdout, stderr := call(nil, "-weights", saved(large), seven); status != 1 || stdout != "" || stderr != want {
		t.Errorf("status %d, output %q, errors %q, want %q", status, stdout, stderr, want)
	}

	missing := filepath.Join(t.TempDir(), "missing.npz")
	if status, stdout, stderr := call(nil, "-weights", missing, seven); status != 1 || stdout != "" || strings.Count(stderr, missing) != 1 {
		t.Errorf("status %d, output %q, errors %q, want one line that names the file once", status, stdout, stderr)
	}
}

// Wrong usage is one line, and help is output.
func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "predict: no picture given: name one or more files, or - for standard input\n"},
		{[]string{"-quiet", "-json", "x.png"}, "predict: -quiet and -json are both given: choose one\n"},
		{[]string{"x.png", "-loud"}, "predict: flag provided but not defined: -loud: see predict -h\n"},
	} {
		if status, stdout, stderr := call(nil, test.args...); status != 2 || stdout != "" || stderr != test.want {
			t.Errorf("%q: status %d, output %q, errors %q, want status 2 and %q", test.args, status, stdout, stderr, test.want)
		}
	}
	if status, stdout, stderr := call(nil, "-h"); status != 0 || !strings.HasPrefix(stdout, "usage: predict [flags] picture...\n") || stderr != "" {
		t.Errorf("-h: status %d, output %q, errors %q, want the usage as output", status, stdout, stderr)
	}
}

// A flag may follow the pictures.
func TestFlagAfterPicture(t *testing.T) {
	path := save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0))
	status, stdout, stderr := call(nil, path, "-quiet", path)
	if status != 0 || strings.Count(stdout, path+": 7 (") != 2 || strings.Count(stdout, "\n") != 2 || stderr != "" {
		t.Errorf("status %d, output %q, errors %q, want two lines", status, stdout, stderr)
	}
}

// What is no digit is told, and not answered.
func TestNoDigit(t *testing.T) {
	four := printed(t, gobold.TTF, 4, 200, 150, 50, 75, 100, 0)
	for i, v := range printed(t, gobold.TTF, 2, 200, 150, 145, 75, 100, 0).ink {
		four.ink[i] = max(four.ink[i], v)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	noise := image.NewGray(image.Rect(0, 0, 200, 200))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rng.Uint32())
	}
	frame := printed(t, gobold.TTF, 3, 200, 200, 100, 100, 100, 0).gray(255, 0)
	for i := 10; i < 190; i++ {
		for _, p := range []image.Point{{i, 10}, {i, 190}, {10, i}, {190, i}} {
			frame.SetGray(p.X, p.Y, color.Gray{})
		}
	}
	for name, test := range map[string]struct {
		img  image.Image
		want string
	}{
		"42.png":    {four.gray(255, 0), "several shapes side by side, want one digit"},
		"photo.jpg": {four.photograph(rng, 0.8, 3, 10), "several shapes side by side, want one digit"},
		"noise.png": {noise, "noise or a block"},
		"frame.png": {frame, "a frame or a line"},
	} {
		path := save(t, name, test.img)
		status, stdout, stderr := call(nil, path)
		if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "predict: "+path+": "+test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d, output %q, errors %q, want status 1 and %q", name, status, stdout, stderr, test.want)
		}
	}
}

// The name of a file cannot change the terminal, or look like another answer.
func TestStrangeName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a\x1b[2J\nb.png: 7 (100.0 %)")
	img := save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0))
	if _, _, stderr := call(nil, path); strings.Contains(stderr, "\x1b") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("a missing file: errors %q", stderr)
	}
	if err := os.Rename(img, path); err != nil {
		t.Skip(err)
	}
	weights := filepath.Join(t.TempDir(), "a\x1b[2J\n.npz")
	if err := (&models.Model{Params: nn.NewParams(64, 3, 10)}).Save(weights); err != nil {
		t.Fatal(err)
	}
	if _, _, stderr := call(nil, "-weights", weights, path); strings.Contains(stderr, "\x1b") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("weights of another net: errors %q", stderr)
	}
	if status, stdout, stderr := call(nil, "-quiet", path); status != 0 || stdout[0] != '"' || strings.Contains(stdout, "\x1b") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("status %d, output %q, errors %q", status, stdout, stderr)
	}
}

// The bars of ten classes and more line up.
func TestBars(t *testing.T) {
	lines := bars([]float64{0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0})
	for _, line := range lines {
		if !strings.HasPrefix(line[2:], " ") || utf8.RuneCountInString(line) != utf8.RuneCountInString(lines[0]) {
			t.Errorf("the bars do not line up:\n%s", strings.Join(lines, "\n"))
			break
		}
	}
}

// What cannot be written is an error.
func TestFullDisk(t *testing.T) {
	seven := save(t, "seven.png", printed(t, gobold.TTF, 7, 50, 50, 25, 25, 30, 0).gray(255, 0))
	var stderr bytes.Buffer
	if status := run([]string{seven}, nil, full{}, &stderr); status != 1 || !strings.Contains(stderr.String(), "no space") {
		t.Errorf("status %d, errors %q, want status 1 and the cause", status, stderr.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }
