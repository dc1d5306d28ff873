package train_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/nn"
	"numgrad/train"
)

// shapes are settings of nets from two to four layers.
func shapes() []train.Settings {
	he, xavier := train.Std{Rule: "he"}, train.Std{Rule: "xavier"}
	var all []train.Settings
	for _, shape := range []struct {
		sizes      train.Sizes
		activation nn.Activation
		std        train.Std
	}{
		{train.Sizes{4}, nn.Sigmoid, train.Std{Value: 0.5}},
		{train.Sizes{6, 5}, nn.Sigmoid, xavier},
		{train.Sizes{6, 5, 4}, nn.Sigmoid, xavier},
		{train.Sizes{6}, nn.ReLU, he},
		{train.Sizes{7, 6}, nn.ReLU, he},
		{train.Sizes{7, 6, 5}, nn.ReLU, he},
	} {
		s := small()
		s.HiddenSizes, s.Activation, s.WeightInitStd = shape.sizes, shape.activation, shape.std
		if s.Activation == nn.ReLU {
			s.LearningRate = 0.1
		}
		all = append(all, s)
	}
	return all
}

func name(s train.Settings) string { return fmt.Sprint(s.HiddenSizes, s.Activation) }

// The three methods end with nearly the same weights, and any number of workers
// with the same bits. If a ReLU has its kink between w − h and w + h, the finite
// difference is not the derivative, but the two numerical methods agree: h is
// large enough for that to happen.
func TestSameTraining(t *testing.T) {
	images, test := stripes(40, 1), stripes(10, 2)
	for _, s := range shapes() {
		t.Run(name(s), func(t *testing.T) {
			with := func(gradient string, workers int) *train.Training {
				s.Gradient = gradient
				return finish(t, train.New(s, images, test, workers))
			}
			off := func(a, b *train.Training) float64 {
				return floats.Distance(a.Net.Vector, b.Net.Vector, math.Inf(1))
			}
			if s.Activation == nn.ReLU {
				s.Step = 1e-2
			}
			want := with(train.Numerical, 1)
			if want.Net.Activation != s.Activation {
				t.Errorf("the units are %s", want.Net.Activation)
			}
			for workers := 2; workers <= 4; workers++ {
				if got := with(train.Numerical, workers); !slices.Equal(got.Net.Vector, want.Net.Vector) {
					t.Errorf("%d workers: other weights", workers)
				}
			}
			inPlace := with(train.InPlace, 2)
			if d := off(inPlace, want); d > 1e-9 {
				t.Errorf("in place: %v from the weights of the engine", d)
			}
			backprop := with(train.Backprop, 2)
			switch d := off(backprop, want); {
			case s.Activation == nn.Sigmoid && d > 1e-6:
				t.Errorf("backprop: %v from the weights of the engine", d)
			case s.Activation == nn.ReLU && d < 1e-6:
				t.Errorf("backprop: %v from the weights of the engine: this training meets no kink", d)
			}
		})
	}
}

// A numerical step allocates nothing once its lists have their full length. There
// is one worker, because a second one may allocate its lists in any step. Without
// slices.Grow, the list of losses would grow in these steps.
func TestStepAllocates(t *testing.T) {
	images, test := stripes(4000, 1), stripes(10, 2)
	for _, s := range shapes() {
		r := train.New(s, images, test, 1)
		step := func() {
			if _, err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
		for range 190 {
			step()
		}
		fifty := func() {
			for range 50 {
				step()
			}
		}
		most := 0.0
		if s.Activation == nn.ReLU {
			most = 20 // lists of kinks grow if a batch has more than any before
		}
		if n := testing.AllocsPerRun(1, fifty); n > most {
			t.Errorf("%s: %v allocations in 50 steps, want at most %v", name(s), n, most)
		}
		if r.Iteration >= r.IterationsPerEpoch() {
			t.Fatal("the epoch has ended: its accuracies may allocate")
		}
	}
}

// The mean loss in the log is summed in the order of the steps, with the same bits
// on every machine.
func TestMeanLoss(t *testing.T) {
	r := finish(t, train.New(small(), stripes(200, 1), stripes(10, 2), 1))
	sum := 0.0
	for _, l := range r.Losses[:25] {
		sum += l
	}
	if got := r.Log[0].Loss; got != sum/25 {
		t.Errorf("mean loss %v, want %v", got, sum/25)
	}
}

// A training that would be too large is refused with the setting at fault.
func TestCheckSize(t *testing.T) {
	images := stripes(200, 1)
	if err := small().CheckSize(images); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(s *train.Settings){
		"hidden is 1000000000000, want a net of at most 20 million weights: it would have 1.3e+13":    func(s *train.Settings) { s.HiddenSizes = train.Sizes{1e12} },
		"hidden is 1000000000000000000,1000000000000000000, want a net of at most 20 million weights": func(s *train.Settings) { s.HiddenSizes = train.Sizes{1e18, 1e18} },
		"batch is 201, want at most 200, the number of training images":                               func(s *train.Settings) { s.BatchSize = 201 },
		"batch is 200, want at most 50 images for a net of 1000003 units":                             func(s *train.Settings) { s.BatchSize, s.HiddenSizes = 200, train.Sizes{1e6} },
	} {
		s := small()
		spoil(&s)
		if err := s.CheckSize(images); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// New draws the initial weights with the standard deviation of the settings.
func TestInitialWeights(t *testing.T) {
	images := stripes(20, 1)
	for _, test := range []struct {
		std  train.Std
		want func(inputs int) float64
	}{
		{train.Std{Value: 0.3}, nn.Normal(0.3)},
		{train.Std{Rule: "he"}, nn.He},
		{train.Std{Rule: "xavier"}, nn.Xavier},
	} {
		s := small()
		s.HiddenSizes, s.WeightInitStd = train.Sizes{7, 6}, test.std
		got, want := train.New(s, images, images, 1).Net, nn.New([]int{9, 7, 6, 3}, test.want, rand.NewPCG(s.Seed, 0))
		if !slices.Equal(got.Vector, want.Vector) {
			t.Errorf("%v: other weights than nn.New draws", test.std)
		}
	}
}

// NewFrom trains as New does from the same weights, and refuses a net for other
// images.
func TestNewFrom(t *testing.T) {
	images, test := stripes(20, 1), stripes(10, 2)
	want := finish(t, train.New(small(), images, test, 1))
	initial := train.New(small(), images, test, 1).Net.Params
	s := small()
	s.HiddenSizes, s.WeightInitStd = train.Sizes{99}, train.Std{Rule: "he"} // the net's own count
	r, err := train.NewFrom(initial, s, images, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, r); !slices.Equal(got.Net.Vector, want.Net.Vector) {
		t.Error("it ends with other weights than from the same weights drawn by New")
	}
	deep := slices.Concat([]int{9}, slices.Repeat([]int{4}, 201), []int{3})
	for want, sizes := range map[string][]int{
		"a net of 9-4-5 has 9 inputs and 5 classes, want 9 and 3 as the images have": {9, 4, 5},
		"hidden is a list of 201 layers, want 1 to 200 layers":                       deep,
	} {
		if _, err := train.NewFrom(nn.NewParams(sizes...), s, images, test, 1); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
