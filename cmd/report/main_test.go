package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// call runs the command and returns what it left.
func call(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

// mnist is read once for all tests.
var mnist = sync.OnceValues(func() (sets [2]*dataset.Set, err error) {
	sets[0], sets[1], err = dataset.Load("")
	return sets, err
})

func trainingSet(t *testing.T) *dataset.Set { return mnistSet(t, 0) }
func testSet(t *testing.T) *dataset.Set     { return mnistSet(t, 1) }

func mnistSet(t *testing.T, i int) *dataset.Set {
	t.Helper()
	sets, err := mnist()
	if err != nil {
		t.Fatal(err)
	}
	return sets[i]
}

// save writes the model to a new directory and returns the file's path.
func save(t *testing.T, m *models.Model) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "net.npz")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeLog writes the log of m beside its weights, with some seconds for each
// epoch, and returns their sum.
func writeLog(t *testing.T, m *models.Model, weights string, change func(lines []train.LogLine)) float64 {
	t.Helper()
	meta, err := train.ReadMeta(m)
	if err != nil {
		t.Fatal(err)
	}
	var lines []train.LogLine
	sum := 0.0
	for i, e := range meta.Log {
		lines = append(lines, train.LogLine{Epoch: e, Seconds: 1 + 0.125*float64(i)})
		sum += lines[i].Seconds
	}
	if change != nil {
		change(lines)
	}
	var file bytes.Buffer
	if err := train.WriteLog(&file, lines); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimSuffix(weights, ".npz")+".jsonl", file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return sum
}

// makePage runs the command for weights and returns the page.
func makePage(t *testing.T, weights string, args ...string) (file []byte, page *element) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page.html")
	status, stdout, stderr := call(append([]string{"-weights", weights, "-out", out}, args...)...)
	if want := fmt.Sprintf("wrote %s: open it in a browser\n", out); status != 0 || stdout != want || stderr != "" {
		t.Fatalf("status %d, output %q, errors %q, want %q", status, stdout, stderr, want)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return file, parsePage(t, file)
}

// The page of the net that ships.
func TestPage(t *testing.T) {
	model, set := models.MNIST(), testSet(t)
	weights := save(t, model)
	sum := writeLog(t, model, weights, nil)
	file, page := makePage(t, weights)

	evaluate(model.Net(), set).check(t, page)
	checkTraining(t, page, model, sum)
	checkAlone(t, string(file))
	if len(file) > 1_000_000 {
		t.Errorf("the page has %d bytes, want no more than a million", len(file))
	}

	checkMistakePictures(t, page, set)
	checkUnitPictures(t, page, model.Params)
	checkGradientPictures(t, page)
	checkDifferences(t, page, model.Net(), trainingSet(t), nil)
	for _, img := range page.all("img") {
		img.decode(t)
	}
}

func checkTraining(t *testing.T, page *element, model *models.Model, sum float64) {
	t.Helper()
	meta, err := train.ReadMeta(model)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := page.get(t, "time").words(), fmt.Sprintf("%.1f s", sum); got != want {
		t.Errorf("the time is %q, want %q", got, want)
	}
	rows := page.get(t, "epochs").rows()
	if len(rows) != len(meta.Log) {
		t.Fatalf("the page has %d epochs, want %d", len(rows), len(meta.Log))
	}
	for i, e := range meta.Log {
		want := fmt.Sprintf("[%d %d %.4f %.2f %% %.2f %% %.1f s]", e.Epoch, e.Iteration, e.Loss, 100*e.TrainAcc, 100*e.TestAcc, 1+0.125*float64(i))
		if got := strings.ReplaceAll(fmt.Sprint(rows[i]), ",", ""); got != want {
			t.Errorf("the epoch is %s on the page, want %s", got, want)
		}
	}
	s := meta.Settings
	facts := page.get(t, "facts").words()
	for _, want := range []string{
		fmt.Sprintf("hidden units%v", s.HiddenSizes), fmt.Sprintf("batch size%d", s.BatchSize), fmt.Sprintf("learning rate%v", s.LearningRate),
		"gradient" + s.Gradient, fmt.Sprintf("seed%d", s.Seed),
	} {
		if !strings.Contains(strings.ReplaceAll(facts, " "+want, want), want) {
			t.Errorf("the facts are %q, want %q among them", facts, want)
		}
	}
	if curves := page.get(t, "training").all("figure"); len(curves) != 2 {
		t.Errorf("the page has %d charts, want 2", len(curves))
	}
}

// policy is the page's promise to fetch and run nothing.
const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`

// checkAlone looks for anything that the page would have to fetch or run.
func checkAlone(t *testing.T, file string) {
	t.Helper()
	if !strings.Contains(file, policy) {
		t.Error("the page does not forbid scripts and the network")
	}
	for _, word := range []string{"http:", "https:", "//", "<script", "url(", "@import", "onload", "javascript"} {
		if strings.Contains(withoutPictures(file), word) {
			t.Errorf("the page has %q in it, want it to need nothing else", word)
		}
	}
}

// withoutPictures cuts what is in the pictures out of the page.
func withoutPictures(file string) string {
	parts := strings.Split(file, "base64,")
	for i := 1; i < len(parts); i++ {
		_, parts[i], _ = strings.Cut(parts[i], `"`)
	}
	return strings.Join(parts, "")
}

func checkMistakePictures(t *testing.T, page *element, set *dataset.Set) {
	t.Helper()
	for _, item := range page.get(t, "mistakes").all("li") {
		img := item.all("img")[0].decode(t)
		var index int
		if _, err := fmt.Sscanf(item.all("small")[0].words(), "image %d", &index); err != nil {
			t.Fatal(err)
		}
		for i, v := range set.Images[index] {
			if got := img.(*image.Gray).GrayAt(i%set.Cols, i/set.Cols).Y; got != 255-v {
				t.Fatalf("pixel %d of image %d is %d on the page, want %d", i, index, got, 255-v)
			}
		}
	}
}

// checkUnitPictures compares the paint of each pixel with its weight: red is
// positive, and it is opaque where the legend ends.
func checkUnitPictures(t *testing.T, page *element, p *nn.Params) {
	t.Helper()
	section := page.get(t, "units")
	var limit float64
	if _, err := fmt.Sscanf(section.all("span")[1].words(), "+%g", &limit); err != nil {
		t.Fatal(err)
	}
	items := section.all("li")
	if hidden := p.Sizes()[1]; len(items) != hidden {
		t.Fatalf("the page has %d hidden units, want %d", len(items), hidden)
	}
	for j, item := range items {
		img := item.all("img")[0].decode(t).(*image.Paletted)
		for i := range 784 {
			c := img.At(i%28, i/28)
			red, _, blue, alpha := c.RGBA()
			got := float64(alpha) / 0xffff
			if blue > red {
				got = -got
			}
			want := min(max(p.Layers[0].W.At(i, j)/limit, -1), 1)
			if math.Abs(got-want) > 0.035 { // a shade, and the rounding of the legend
				t.Fatalf("weight %d of unit %d is painted as %.3f of the scale, want %.3f", i, j, got, want)
			}
		}
	}
}

// checkGradientPictures looks that both gradients are painted alike.
func checkGradientPictures(t *testing.T, page *element) {
	t.Helper()
	section := page.get(t, "gradients")
	figures := section.all("figure")
	if len(figures) != 4 || !strings.Contains(figures[2].words(), "× 10⁶") {
		t.Fatalf("the gradient has %d pictures, want both, and their difference × 10⁶ and more", len(figures))
	}
	numerical, backprop := figures[0].all("img")[0].decode(t).(*image.Paletted), figures[1].all("img")[0].decode(t).(*image.Paletted)
	for i, v := range numerical.Pix {
		if d := int(v) - int(backprop.Pix[i]); d < -1 || d > 1 { // a rounding apart
			t.Fatalf("pixel %d of the gradients has shades %d and %d, want the same", i, v, backprop.Pix[i])
		}
	}
}

// checkDifferences compares the table with the gradients of the first images
// of set.
func checkDifferences(t *testing.T, page *element, net *nn.Net, set *dataset.Set, settings *grad.Settings) {
	t.Helper()
	first := make([]int, min(100, set.Len()))
	for i := range first {
		first[i] = i
	}
	var batch dataset.Batch
	set.Gather(&batch, first)
	p := net.Params
	numerical, backprop := nn.NewParams(p.Sizes()...), nn.NewParams(p.Sizes()...)
	new(perturb.Engine).Gradient(numerical, net, batch.X, batch.T, settings)
	net.Gradient(backprop, batch.X, batch.T)

	rows := page.get(t, "differences").rows()
	if len(rows) != 2*len(p.Layers) {
		t.Fatalf("the page compares %d arrays, want %d", len(rows), 2*len(p.Layers))
	}
	begin := 0
	for i, array := range p.Arrays() {
		end := begin + len(array.Data)
		var largest, sum, most float64
		for j := begin; j < end; j++ {
			off := math.Abs(numerical.Vector[j] - backprop.Vector[j])
			largest = math.Max(largest, math.Abs(numerical.Vector[j]))
			sum, most = sum+off, math.Max(most, off)
		}
		norm, gradientNorm := floats.Norm(array.Data, 2), floats.Norm(numerical.Vector[begin:end], 2)
		begin = end
		for k, want := range []float64{norm, gradientNorm, largest, sum / float64(len(array.Data)), most} {
			got, err := strconv.ParseFloat(exponents.Replace(rows[i][2+k]), 64)
			if want := fmt.Sprintf("%.1e", want); err != nil || fmt.Sprintf("%.1e", got) != want {
				t.Errorf("number %d of the gradient of %s is %s on the page, want %s", k, rows[i][0], rows[i][2+k], want)
			}
		}
	}
}

// exponents turns 1.2×10⁻³ to 1.2e-3.
var exponents = strings.NewReplacer("×10", "e", "⁻", "-", "⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4",
	"⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")

// The same weights make the same page.
func TestPageIsReproducible(t *testing.T) {
	dir, m := other(t, 3, 4, 5, 7)
	weights := save(t, m)
	first, _ := makePage(t, weights, "-data", dir)
	second, _ := makePage(t, weights, "-data", dir)
	if !bytes.Equal(first, second) {
		t.Error("the two pages differ")
	}
}

// other writes a data set of rows×cols images to a new directory, and returns
// that with a net of random weights for it.
func other(t *testing.T, rows, cols, classes int, hidden ...int) (dir string, m *models.Model) {
	t.Helper()
	dir = t.TempDir()
	rng := rand.New(rand.NewPCG(3, 4))
	for name, n := range map[string]int{"train": 3 * classes, "t10k": 5 * classes} {
		images, labels := make([]byte, n*rows*cols), make([]byte, n)
		for i := range images {
			images[i] = byte(rng.Uint32())
		}
		for i := range labels {
			labels[i] = byte(i % classes)
		}
		write(t, filepath.Join(dir, name+"-images-idx3-ubyte"), images, n, rows, cols)
		write(t, filepath.Join(dir, name+"-labels-idx1-ubyte"), labels, n)
	}
	std := 1 / math.Sqrt(float64(rows*cols)) // more would make many images alike to the net
	net := nn.New(slices.Concat([]int{rows * cols}, hidden, []int{classes}), nn.Normal(std), rand.NewPCG(5, 6))
	return dir, &models.Model{Params: net.Params}
}

// write writes an IDX file.
func write(t *testing.T, path string, elements []byte, sizes ...int) {
	t.Helper()
	file := []byte{0, 0, 8, byte(len(sizes))}
	for _, n := range sizes {
		file = binary.BigEndian.AppendUint32(file, uint32(n))
	}
	if err := os.WriteFile(path, append(file, elements...), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Nets of other shapes, without a history, as NumPy saves them.
func TestPageOfOtherData(t *testing.T) {
	for _, test := range []struct {
		rows, cols, classes, hidden int
		units                       int // shown
	}{
		{1, 1, 2, 1, 1},
		{3, 5, 20, 30, 30},
		{9, 4, 21, 130, 100},
		{2, 2, 256, 5, 5},
		{150, 200, 2, 4, 2},
		{300, 300, 2, 2, 1},
	} {
		t.Run(fmt.Sprintf("%d×%d-%d-%d", test.rows, test.cols, test.hidden, test.classes), func(t *testing.T) {
			dir, m := other(t, test.rows, test.cols, test.classes, test.hidden)
			_, page := makePage(t, save(t, m), "-data", dir)
			_, set, err := dataset.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			e := evaluate(m.Net(), set)
			e.checkKey(t, page)
			e.checkMistakes(t, page)
			if test.classes <= 20 {
				e.checkConfusion(t, page)
			} else if page.find("confusion") != nil || page.find("common") == nil {
				t.Error("the page has a table of too many classes, want a picture and a list")
			}
			if got := len(page.get(t, "classes").rows()); got != test.classes {
				t.Errorf("the page has %d classes, want %d", got, test.classes)
			}
			if got := len(page.get(t, "units").all("li")); got != test.units {
				t.Errorf("the page has %d hidden units, want %d", got, test.units)
			}
			if got := page.get(t, "training").words(); !strings.Contains(got, "weights alone") {
				t.Errorf("of the training the page says %q, want that there are weights alone", got)
			}
			if page.find("time") != nil {
				t.Error("the page has a time, want none")
			}
		})
	}
}

// A net of three layers shows the units of the first, which do not speak to the
// classes, and the norms of all.
func TestPageOfDeepNet(t *testing.T) {
	dir, m := other(t, 3, 5, 4, 7, 6)
	m.Meta = []byte(`{"settings": {"activation": "relu"}}`)
	_, page := makePage(t, save(t, m), "-data", dir)
	set, test, err := dataset.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	e := evaluate(m.Net(), test)
	e.checkKey(t, page)
	e.checkConfusion(t, page)
	e.checkMistakes(t, page)
	checkDifferences(t, page, m.Net(), set, nil)
	if got := page.all("body")[0].words(); !strings.Contains(got, "is a 15-7-6-4 net with relu units: 188 weights") || strings.Contains(got, "▲") {
		t.Errorf("the page says %.500q", got)
	}
	if got := len(page.get(t, "units").all("li")); got != 7 {
		t.Errorf("the page has %d units, want the 7 of the first layer", got)
	}
}

// What the page says of the time where it is not known.
func TestTimeNotKnown(t *testing.T) {
	dir, m := other(t, 3, 4, 5, 7)
	meta := `{"settings":{"hidden":7,"epochs":2,"limit":0,"batch":5,"lr":0.1,"std":0.01,"gradient":"backprop","formula":"forward","step":0.01,"seed":1},
		"data":"","iteration":6,"log":[{"epoch":1,"iteration":3,"loss":1.5,"train_acc":0.2,"test_acc":0.25},{"epoch":2,"iteration":6,"loss":1.4,"train_acc":0.3,"test_acc":0.35}]}`
	set, _, err := dataset.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	m.Meta, m.Losses = []byte(meta), []float64{2, 1.5, 1, 1.5, 1.4, 1.3}
	for _, test := range []struct {
		name   string
		change func([]train.LogLine)
		want   string
	}{
		{"none", nil, "there is no log beside the weights"},
		{"other", func(lines []train.LogLine) { lines[1].Loss = 3 }, "that of another training"},
		{"lost", func(lines []train.LogLine) { lines[0].Seconds = 0 }, "does not tell it of epoch 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			weights := save(t, m)
			if test.change != nil {
				writeLog(t, m, weights, test.change)
			}
			_, page := makePage(t, weights, "-data", dir)
			if got := page.get(t, "facts").words(); !strings.Contains(got, test.want) {
				t.Errorf("the facts are %q, want %q among them", got, test.want)
			}
			if page.find("time") != nil {
				t.Error("the page has a time, want none")
			}
			if got := page.get(t, "gradients").words(); !strings.Contains(got, "forward, h = 0.01") {
				t.Errorf("of the gradients the page says %q, want the formula and the step of the training", got)
			}
			checkDifferences(t, page, m.Net(), set, &grad.Settings{Formula: grad.Forward, Step: 0.01})
		})
	}
}

// A net without mistakes.
func TestNoMistakes(t *testing.T) {
	dir, m := other(t, 1, 2, 2, 1)
	for name, n := range map[string]int{"train": 2, "t10k": 4} {
		images, labels := make([]byte, 2*n), make([]byte, n)
		for i := range n {
			images[2*i+i%2], labels[i] = 255, byte(i%2)
		}
		write(t, filepath.Join(dir, name+"-images-idx3-ubyte"), images, n, 1, 2)
		write(t, filepath.Join(dir, name+"-labels-idx1-ubyte"), labels, n)
	}
	copy(m.Vector, []float64{-9, 9, 0, -9, 9, 4, -4})
	_, page := makePage(t, save(t, m), "-data", dir)
	if got := page.get(t, "mistakes").words(); !strings.Contains(got, "none of the test images wrong") {
		t.Errorf("of the mistakes the page says %q, want that there are none", got)
	}
	if got := page.get(t, "accuracy").words(); got != "100.00 %" {
		t.Errorf("the accuracy is %q, want 100.00 %%", got)
	}
}

func TestErrors(t *testing.T) {
	dir, m := other(t, 3, 4, 5, 7)
	weights := save(t, m)
	_, large := other(t, 3, 4, 5, 7)
	elsewhere, _ := other(t, 2, 4, 3, 1)
	for i := range large.Vector {
		large.Vector[i] = math.MaxFloat64
	}
	tooLarge := save(t, large)
	lossy := *m
	lossy.Losses = []float64{1, math.NaN()}
	notFinite := save(t, &lossy)
	badLog := save(t, m)
	writeLogLines(t, badLog, "{}\n")
	missing := filepath.Join(t.TempDir(), "missing.npz")

	for _, test := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no weights", []string{"-weights", missing}, 1, missing + ": no such file"},
		{"no training", nil, 1, "runs/mnist.npz: no such file or directory: train a net with cmd/train first, or name a file with -weights"},
		{"no npz", []string{"-weights", "main.go", "-data", dir}, 1, "main.go: "},
		{"other data", []string{"-weights", weights, "-data", elsewhere}, 1, weights + ": the net has 12 inputs and 5 classes, the images have 2×4 = 8 pixels and 3 classes: "},
		{"no data", []string{"-weights", weights, "-data", missing}, 1, missing},
		{"weights too large", []string{"-weights", tooLarge, "-data", dir}, 1, tooLarge + ": the net's answer to test image 0 is not a number"},
		{"loss not finite", []string{"-weights", notFinite, "-data", dir}, 1, notFinite + ": the loss of iteration 2 is NaN"},
		{"bad log", []string{"-weights", badLog, "-data", dir}, 1, ".jsonl: line 1: epoch is 0, want 1"},
		{"no such folder", []string{"-weights", weights, "-data", missing, "-out", filepath.Join(missing, "x.html")}, 1, "x.html: there is no folder"},
		{"no html", []string{"-weights", weights, "-out", weights}, 2, "want a file name that ends in .html"},
		{"arguments", []string{"x.npz"}, 2, `unexpected "x.npz"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := call(test.args...)
			if status != test.status || stdout != "" || !strings.HasPrefix(stderr, "report: ") || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("status %d, output %q, errors %q, want %d and one line with %q", status, stdout, stderr, test.status, test.want)
			}
		})
	}
	if err := filepath.WalkDir(filepath.Dir(weights), func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, ".html") {
			t.Errorf("an error left %s", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Wrong usage is one line, and help is output.
func TestUsage(t *testing.T) {
	if status, stdout, stderr := call("-x"); status != 2 || stdout != "" || stderr != "report: flag provided but not defined: -x: see report -h\n" {
		t.Errorf("-x: status %d, output %q, errors %q", status, stdout, stderr)
	}
	if status, stdout, stderr := call("-h"); status != 0 || !strings.HasPrefix(stdout, "usage: report [flags]\n") || stderr != "" {
		t.Errorf("-h: status %d, output %q, errors %q", status, stdout, stderr)
	}
}

// A log that -resume would refuse is none for the page either, however long it is.
func TestLogOfNothing(t *testing.T) {
	dir, m := other(t, 3, 4, 5, 7)
	m.Meta = []byte(`{"settings":{"hidden":7,"epochs":2000000,"limit":0,"batch":5,"lr":0.1,"std":0.01,"gradient":"backprop","formula":"central","step":0.01,"seed":1},
		"data":"","iteration":0,"log":[{}` + strings.Repeat(",{}", 999_999) + "]}")
	file, page := makePage(t, save(t, m), "-data", dir)
	if len(file) > 1_000_000 {
		t.Errorf("the page has %d bytes", len(file))
	}
	if got := page.get(t, "training").words(); !strings.Contains(got, "its log: epoch 1: epoch is 0, want 1") {
		t.Errorf("of the training the page says %.300q, want what is wrong with its log", got)
	}
}

// A page is not written over what is read, whatever its name, nor over what is
// no page.
func TestOut(t *testing.T) {
	dir, m := other(t, 3, 4, 5, 7)
	weights := save(t, m)
	before, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "w.html")
	if err := os.Symlink(weights, link); err != nil {
		t.Skip(err)
	}
	writeLogLines(t, weights, "")
	log := strings.TrimSuffix(weights, ".npz") + ".jsonl"
	logLink := filepath.Join(t.TempDir(), "l.html")
	if err := os.Symlink(log, logLink); err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(t.TempDir(), "notes.html")
	if err := os.WriteFile(notes, []byte("<p>my notes"), 0o666); err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string]string{
		link:    fmt.Sprintf("report: the page would replace %s, which is to be read: name another file with -out\n", weights),
		logLink: fmt.Sprintf("report: the page would replace %s, which is to be read: name another file with -out\n", log),
		notes:   fmt.Sprintf("report: %s was not written by this command: move it away, or name another file with -out\n", notes),
	} {
		if status, stdout, stderr := call("-weights", weights, "-data", dir, "-out", out); status != 1 || stdout != "" || stderr != want {
			t.Errorf("status %d, output %q, errors %q, want %q", status, stdout, stderr, want)
		}
	}
	named := strings.TrimSuffix(weights, ".npz") + ".html"
	if err := os.Rename(weights, named); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := call("-weights", named, "-data", dir); status != 1 || stderr != fmt.Sprintf("report: the page would replace %s, which is to be read: name another file with -out\n", named) {
		t.Errorf("weights named .html: status %d, errors %q", status, stderr)
	}
	if after, err := os.ReadFile(named); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the weights have changed: %v", err)
	}
	if got, err := os.ReadFile(notes); err != nil || string(got) != "<p>my notes" {
		t.Errorf("the notes are %q, %v", got, err)
	}
	for range 2 { // a page may be written over
		makePageAt(t, named, dir, filepath.Join(filepath.Dir(named), "page.html"))
	}
}

// The names of files cannot change the terminal.
func TestStrangeNames(t *testing.T) {
	dir, m := other(t, 3, 4, 5, 7)
	_, large := other(t, 3, 4, 5, 7)
	for i := range large.Vector {
		large.Vector[i] = math.MaxFloat64
	}
	strange := func(m *models.Model) string {
		path := filepath.Join(t.TempDir(), "a\n\x1b[31m.npz")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	badLog := strange(m)
	writeLogLines(t, badLog, "{}\n")
	for _, weights := range []string{strange(m), strange(large), badLog, badLog + "missing"} {
		_, stdout, stderr := call("-weights", weights, "-data", dir)
		if text := stdout + stderr; strings.Contains(text, "\x1b") || strings.Count(text, "\n") != 1 || !strings.Contains(text, `"/`) {
			t.Errorf("%q: %q", weights, text)
		}
	}
}

// writeLogLines writes a log beside weights.
func writeLogLines(t *testing.T, weights, lines string) {
	t.Helper()
	if err := os.WriteFile(strings.TrimSuffix(weights, ".npz")+".jsonl", []byte(lines), 0o666); err != nil {
		t.Fatal(err)
	}
}

func makePageAt(t *testing.T, weights, dir, out string) {
	t.Helper()
	if status, _, stderr := call("-weights", weights, "-data", dir, "-out", out); status != 0 {
		t.Errorf("status %d, errors %q", status, stderr)
	}
}
