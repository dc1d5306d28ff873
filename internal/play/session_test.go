package play

import (
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"numgrad/dataset"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// mnist is the beginning of MNIST's test images, as training and as test set,
// with IDX files.
var mnist = sync.OnceValue(func() (m struct {
	train, test           *dataset.Set
	trainFiles, testFiles [][]byte
}) {
	dir, err := dataset.Locate()
	start := func(name string, header, size int) []byte {
		f, openErr := os.Open(filepath.Join(dir, name))
		r, gzipErr := gzip.NewReader(f)
		file := make([]byte, header+700*size)
		_, readErr := io.ReadFull(r, file)
		err = errors.Join(err, openErr, gzipErr, readErr)
		binary.BigEndian.PutUint32(file[4:], 700)
		return file
	}
	m.trainFiles = [][]byte{start("t10k-images-idx3-ubyte.gz", 16, 784), start("t10k-labels-idx1-ubyte.gz", 8, 1)}
	set, readErr := dataset.Read(m.trainFiles[0], m.trainFiles[1])
	if err = errors.Join(err, readErr); err != nil {
		panic(err)
	}
	m.train, m.test = set, set.Limit(100)
	images, labels := m.test.IDX()
	m.testFiles = [][]byte{images, labels}
	return m
})

// loaded returns a session with its images.
func loaded(t *testing.T) *Session {
	t.Helper()
	s, m := New(), mnist()
	if err := cmp.Or(s.loadTrain(m.trainFiles), s.loadTest(m.testFiles)); err != nil {
		t.Fatal(err)
	}
	return s
}

// drawing returns a polyline of a round pen on a canvas of 280×280 pixels.
func drawing(points ...[2]float64) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 280, 280))
	for k := 1; k < len(points); k++ {
		a, b := points[k-1], points[k]
		for i := range 280 * 280 {
			x, y := float64(i%280), float64(i/280)
			dx, dy := b[0]-a[0], b[1]-a[1]
			along := min(max(((x-a[0])*dx+(y-a[1])*dy)/(dx*dx+dy*dy), 0), 1)
			if math.Hypot(x-a[0]-along*dx, y-a[1]-along*dy) < 11 {
				img.Pix[4*i+3] = 255
			}
		}
	}
	return img.Pix
}

func TestDraw(t *testing.T) {
	s := New()
	for want, points := range map[int][][2]float64{
		1: {{150, 50}, {135, 230}},
		7: {{80, 60}, {200, 60}, {120, 230}},
	} {
		answer, err := s.draw(drawing(points...), 280)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Digit != want || answer.Probabilities[want] < 0.8 || len(answer.Seen) != 784 {
			t.Errorf("%d is answered with %d, %.2f", want, answer.Digit, answer.Probabilities)
		}
	}
	if _, err := s.draw(make([]byte, 90), 7); err == nil {
		t.Error("a drawing of no whole rows is taken")
	}
}

func TestTest(t *testing.T) {
	s := New()
	if _, err := s.test(0); err == nil {
		t.Error("a test image before there are any")
	}
	s = loaded(t)
	for index, want := range map[int][2]int{0: {0, 7}, 99: {99, 9}, 100: {0, 7}, -1: {99, 9}} {
		got, err := s.test(index)
		if err != nil || got.Index != want[0] || got.Label != want[1] || got.Digit != want[1] {
			t.Errorf("test image %d: %d, a %d, answered with %d, %v", index, got.Index, got.Label, got.Digit, err)
		}
	}
}

// textbook returns the mean loss and the accuracy of the first 100 images of a
// set, by plain loops.
func textbook(images *dataset.Set, p *nn.Params) (loss, accuracy float64) {
	for n, pixels := range images.Images[:100] {
		z := make([]float64, len(pixels))
		for i, v := range pixels {
			z[i] = float64(v) / 255
		}
		for l, layer := range p.Layers {
			a := slices.Clone(layer.B)
			for i, v := range z {
				for j, w := range layer.W.RawRowView(i) {
					a[j] += v * w
				}
			}
			if l == 0 {
				for j := range a {
					a[j] = 1 / (1 + math.Exp(-a[j]))
				}
			}
			z = a
		}
		label := int(images.Labels[n])
		if slices.Index(z, slices.Max(z)) == label {
			accuracy += 0.01
		}
		total := 0.0
		for _, v := range z {
			total += math.Exp(v)
		}
		loss += (math.Log(total) - z[label]) / 100
	}
	return loss, accuracy
}

func TestNudge(t *testing.T) {
	s := loaded(t)
	w, err := s.steepest()
	if err != nil {
		t.Fatal(err)
	}
	images := mnist().train
	p := models.MNIST().Params
	moved := func(by float64) *nn.Params {
		moved := p.Clone()
		moved.Layers[0].W.Set(w.Row, w.Column, moved.Layers[0].W.At(w.Row, w.Column)+by)
		return moved
	}
	at := func(by float64) float64 {
		loss, _ := textbook(images, moved(by))
		return loss
	}
	n, err := s.nudge(w, 1e-2, 20, 1e9)
	if err != nil {
		t.Fatal(err)
	}
	_, accuracy := textbook(images, p)
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"w", n.Value, p.Layers[0].W.At(w.Row, w.Column)},
		{"L(w)", n.Loss, at(0)},
		{"L(w+s)", n.Moved, at(20)},
		{"accuracy", n.Accuracy, accuracy},
		{"L(w+h)", n.Plus, at(0.01)},
		{"L(w-h)", n.Minus, at(-0.01)},
		{"numerical", n.Numerical, (n.Plus - n.Minus) / 0.02},
	} {
		if !(math.Abs(test.got-test.want) < 1e-13) {
			t.Errorf("%s is %v, want %v", test.name, test.got, test.want)
		}
	}
	zeros := p.Clone() // a net that answers 0 to each image
	zeros.Layers[1].B[0] += 20
	_, accuracy = textbook(images, zeros)
	if n, err = s.nudge(weight{"b2", 0, 0}, 1e-2, 20, 0); err != nil || !near(n.MovedAccuracy, accuracy, 1e-13) || near(n.Accuracy, accuracy, 0.5) {
		t.Errorf("b2 + 20 has the accuracy %v, and %v without, %v, want %v", n.MovedAccuracy, n.Accuracy, err, accuracy)
	}
	// Rounding makes the error smallest near the book's h.
	if n, err = s.nudge(w, 1e-4, 0, 1e9); err != nil || n.Backprop == 0 || !(math.Abs(n.Numerical/n.Backprop-1) < 1e-7) {
		t.Errorf("numerical %v, backprop %v, %v", n.Numerical, n.Backprop, err)
	}
	if n, err = s.nudge(w, 1e-50, 0, 1e9); err != nil || n.Numerical != 0 || n.Plus != n.Loss {
		t.Errorf("at the book's 1e-50: %+v, %v, want no difference of the losses", n, err)
	}
	if e := n.Errors; len(e) != 18 || e[17] != math.Abs(n.Backprop) || !(e[0] > 10*e[4]) || !(e[14] > 10*e[4]) {
		t.Errorf("errors %.1e, want the smallest in the middle", e)
	}
	for most := 1; most < 4; most++ { // the curve grows with each call
		if n, err = s.nudge(w, 0.125, 0, 0); err != nil || len(n.Curve) != most || n.Done {
			t.Fatalf("call %d: %d points, done %v, %v", most, len(n.Curve), n.Done, err)
		}
	}
	if n, err = s.nudge(w, 0.25, 0, 1e9); err != nil || len(n.Curve) != 81 {
		t.Fatalf("a curve of %d points, %v", len(n.Curve), err)
	}
	for k := 0; k < 81; k += 20 {
		if want := at(-0.5+float64(k)/80) - at(0); !(math.Abs(n.Curve[k]-want) < 1e-13) {
			t.Errorf("point %d of the curve is %v, want %v", k, n.Curve[k], want)
		}
	}
}

// The cache never returns results of another weight, h or net.
func TestNudgeKnown(t *testing.T) {
	s := loaded(t)
	check := func(what string, w weight, exponent int) {
		t.Helper()
		n, err := s.nudge(w, math.Pow10(-exponent), 0, 1e9)
		if err != nil {
			t.Fatal(err)
		}
		if n.Curve[60] != n.Plus-n.Loss || n.Errors[exponent] != math.Abs(n.Numerical-n.Backprop) {
			t.Errorf("%s: L(w+h) - L(w) is %v, in the curve %v; the error in its curve is %v, want %v",
				what, n.Plus-n.Loss, n.Curve[60], n.Errors[exponent], n.Numerical-n.Backprop)
		}
	}
	if err := s.begin(5, 0.1, 1e-4); err != nil {
		t.Fatal(err)
	}
	w, other := weight{Array: "b2", Column: 3}, weight{Array: "b2", Column: 4}
	check("at first", w, 2)
	check("another h", w, 3)
	check("another weight", other, 3)
	if _, err := s.train(3, 1e9); err != nil {
		t.Fatal(err)
	}
	check("after a training", other, 3)
	call(t, s, `{"call": "builtIn"}`)
	check("another net", other, 3)
}

// The weights of a nudge have the names and places of the book.
func TestWeights(t *testing.T) {
	s := loaded(t)
	l := models.MNIST().Layers
	for w, want := range map[weight]float64{{"W1", 783, 49}: l[0].W.At(783, 49), {"W1", 400, 7}: l[0].W.At(400, 7), {"b1", 0, 49}: l[0].B[49], {"W2", 49, 9}: l[1].W.At(49, 9), {"b2", 0, 9}: l[1].B[9]} {
		if n, err := s.nudge(w, 1e-4, 0, 0); err != nil || n.Value != want {
			t.Errorf("%v is %v, %v, want %v", w, n.Value, err, want)
		}
	}
	for _, w := range []weight{{"W1", 784, 0}, {"W1", 0, 50}, {"b1", 1, 0}, {"b2", 0, -1}, {"W3", 0, 0}, {"", 0, 0}} {
		if _, err := s.nudge(w, 1e-4, 0, 0); err == nil {
			t.Errorf("there is a weight %v", w)
		}
	}
}

func TestAll(t *testing.T) {
	s := loaded(t)
	all, err := s.all(1e-4, 3)
	if err != nil {
		t.Fatal(err)
	}
	if all.Weights != 39760 || all.Losses != 79520 || len(all.Picture) != 784 || !(all.Deviation < 1e-9) || !(all.Textbook > all.Milliseconds) {
		t.Errorf("%+v", all)
	}
	if all.Rounded != 0 {
		t.Errorf("1e-4 vanishes in %d weights", all.Rounded)
	}
	// The textbook's subtraction finds zero where h vanishes, and the engine does not.
	if all, err = s.all(1e-50, 3); err != nil || all.Rounded != 39760 || !(all.Limit > 1e-6) || !(all.Deviation < 1e-9) {
		t.Errorf("at 1e-50: %d weights are rounded, the largest derivative is %v, %v", all.Rounded, all.Limit, err)
	}
	zeros, err := s.textbook(1e-50, 3, 780, 1e9)
	if err != nil || !slices.Equal(zeros, make([]float64, 4)) {
		t.Errorf("the textbook's derivatives at 1e-50 are %v, %v", zeros, err)
	}
	some, err := s.textbook(1e-4, 3, 300, 0)
	if n, err2 := s.nudge(weight{Array: "W1", Row: 300, Column: 3}, 1e-4, 0, 1e9); err != nil || err2 != nil || !slices.Equal(some, []float64{n.Numerical}) {
		t.Errorf("the textbook's derivative is %v, %v, want %v", some, err, n.Numerical)
	}
	for _, unit := range []int{-1, 50} {
		if _, err := s.all(1e-4, unit); err == nil {
			t.Errorf("hidden unit %d of 50 is taken", unit)
		}
	}
	for _, h := range []float64{0, -1, math.Inf(1), math.NaN()} {
		if _, err := s.all(h, 0); err == nil {
			t.Errorf("h = %v is taken", h)
		}
	}
}

// The page trains and saves as cmd/train does.
func TestTrain(t *testing.T) {
	s := loaded(t)
	if _, err := s.train(1, 1e9); err == nil {
		t.Error("a step without a training")
	}
	if _, err := s.save(); err == nil {
		t.Error("a file without a training")
	}
	if err := s.begin(0, 0.1, 1e-4); err == nil {
		t.Error("a net without hidden units begins")
	}
	if err := s.begin(20, 0.2, 1e-3); err != nil {
		t.Fatal(err)
	}
	var losses []float64
	var p progress
	for _, steps := range []int{1, 50, 200} {
		var err error
		if p, err = s.train(steps, 1e9); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, p.Losses...)
	}

	trainSet, testSet := mnist().train, mnist().test
	settings := train.Book()
	settings.HiddenSizes, settings.LearningRate, settings.Step = train.Sizes{20}, 0.2, 1e-3
	want := train.New(settings, trainSet, testSet, 2)
	for range 100 { // where the last call looks at the accuracy
		if _, err := want.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(losses, want.Losses) {
		t.Errorf("%d losses differ from the training's %d", len(losses), len(want.Losses))
	}
	if p.Iteration != 100 || p.Iterations != 17*7 || p.Accuracy != want.Accuracy(testSet) || p.Evaluated != 100*2*15910 || p.Done {
		t.Errorf("%+v", p)
	}
	file, err := s.save()
	if err != nil {
		t.Fatal(err)
	}
	model, err := want.Model()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "want.npz")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	if saved, err := os.ReadFile(path); err != nil || string(saved) != string(file) {
		t.Errorf("the file of the page has %d bytes, cmd/train's has %d others, %v", len(file), len(saved), err)
	}

	// The trained net is the current one until the built-in net comes back.
	if pictures := s.pictures(0); pictures.Units != 20 || pictures.Weights != 15910 || len(pictures.W1) != 20*784 {
		t.Errorf("pictures of %d units, %d weights", pictures.Units, pictures.Weights)
	}
	call(t, s, `{"call": "builtIn"}`)
	if pictures := s.pictures(0); pictures.Units != 50 || len(pictures.Ink) != 784 {
		t.Errorf("pictures of %d units", pictures.Units)
	}
	if _, err := s.save(); err == nil {
		t.Error("the abandoned training is saved")
	}
}

// A large net has pictures of its first units, and of any single unit.
func TestPictures(t *testing.T) {
	s := loaded(t)
	if err := s.begin(120, 0.1, 1e-4); err != nil {
		t.Fatal(err)
	}
	p := s.pictures(99)
	if p.Units != 120 || len(p.W1) != 100*784 || !slices.Equal(p.Unit, p.W1[99*784:]) {
		t.Errorf("%d pictures of %d units", len(p.W1)/784, p.Units)
	}
	if last := s.pictures(119).Unit; len(last) != 784 || slices.Equal(last, p.Unit) || !slices.Equal(last, s.pictures(500).Unit) {
		t.Error("the last unit is not shown")
	}
}

// Images that the net cannot answer are an error of one line, and not loaded.
func TestLoadFaults(t *testing.T) {
	m := mnist()
	images, labels := m.trainFiles[0], m.trainFiles[1]
	letters, _, err := dataset.Load("../../dataset/testdata/letters")
	if err != nil {
		t.Fatal(err)
	}
	letterImages, letterLabels := letters.IDX()
	fewImages, fewLabels := m.train.Limit(99).IDX()
	for name, files := range map[string][][]byte{
		"no file":         {nil, labels},
		"labels of test":  {images, m.testFiles[1]},
		"exchanged files": {labels, images},
		"part of a file":  {images[:1000], labels},
		"letters":         {letterImages, letterLabels},
		"99 images":       {fewImages, fewLabels},
	} {
		s := New()
		if err := s.loadTrain(files); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want an error of one line", name, err)
		}
		if err := s.begin(50, 0.1, 1e-4); err == nil {
			t.Errorf("%s: a training begins after it", name)
		}
	}
}

// A training that leaves the finite numbers says so, and the built-in net is
// back.
func TestDiverged(t *testing.T) {
	s := loaded(t)
	if err := s.begin(5, 1e308, 1e-4); err != nil {
		t.Fatal(err)
	}
	p, err := s.train(100, 1e9)
	if err != nil || !p.Diverged || !p.Done {
		t.Fatalf("%+v, %v, want a training that diverges", p, err)
	}
	if pictures := s.pictures(0); pictures.Units != 50 {
		t.Errorf("after it, the net has %d units", pictures.Units)
	}
}

func TestCall(t *testing.T) {
	s := New()
	for request, want := range map[string]string{
		`{`:                                `malformed request: unexpected end of JSON input`,
		`{"call": "nudge", "row": 3.5}`:    `malformed request: json: cannot unmarshal number 3.5`,
		`{"call": "fly"}`:                  `request for "fly", want one of all, begin, builtIn,`,
		`{"call": "draw", "width": 280}`:   `request for draw with 0 byte arrays, want 1`,
		`{"call": "nudge", "h": 1e-4}`:     `the net has no weights named ""`,
		`{"call": "train", "steps": 1}`:    `no training has begun`,
		`{"call": "map"}`:                  `there is no function ""`,
		`{"call": "descend", "h": 1}`:      `the descent has no start`,
		`{"call": "place", "function": 7}`: `malformed request`,
	} {
		var answer struct{ Reply, Error string }
		if err := json.Unmarshal([]byte(s.Call(request)), &answer); err != nil || !strings.HasPrefix(answer.Error, want) || answer.Reply != "" {
			t.Errorf("%s: %+v, %v, want %q", request, answer, err, want)
		}
	}
	block := make([]byte, 4*280*280)
	for i := range 100 * 100 {
		block[4*(280*(90+i/100)+90+i%100)+3] = 255
	}
	if got := s.Call(`{"call": "draw", "width": 280}`, make([]byte, 4*280*280)); got != `{"reply":{"digit":0,"probabilities":null,"seen":null,"trouble":"empty"}}` {
		t.Errorf("an empty drawing is answered with %s", got)
	}
	if got := s.Call(`{"call": "draw", "width": 280}`, block); !strings.Contains(got, `"trouble":"f`) {
		t.Errorf("a block is answered with %s", got)
	}
}

// call sends a request without an answer.
func call(t *testing.T, s *Session, request string) {
	t.Helper()
	if got := s.Call(request); got != `{"reply":null}` {
		t.Fatalf("%s: %s", request, got)
	}
}
