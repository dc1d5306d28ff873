package train_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/nn"
	"numgrad/train"
)

// replayed returns initial weights, and mini-batches of 10 of 40 images.
func replayed(steps int) (initial *nn.Params, batches [][]int) {
	random := rand.New(rand.NewPCG(5, 0))
	for range steps {
		batch := make([]int, 10)
		for i := range batch {
			batch[i] = random.IntN(40)
		}
		batches = append(batches, batch)
	}
	return nn.NewTwoLayer(9, 6, 3, 1, rand.NewPCG(7, 0)).Params, batches
}

// A replay computes the lists of the book's loop, which this test contains.
func TestReplay(t *testing.T) {
	const steps = 21
	images, test := stripes(40, 1), stripes(20, 2)
	initial, batches := replayed(steps)
	net := &nn.Net{Params: initial.Clone()}
	s := train.Book()
	s.LearningRate = 1
	r, err := train.NewReplay(initial, batches, s, images, test, 2)
	if err != nil {
		t.Fatal(err)
	}

	accuracy := func(set *dataset.Set) float64 {
		all := make([]int, set.Len())
		for i := range all {
			all[i] = i
		}
		var batch dataset.Batch
		set.Gather(&batch, all)
		return net.Accuracy(batch.X, batch.T)
	}
	var trainAcc, testAcc []float64
	var batch dataset.Batch
	gradient := nn.NewParams(net.Sizes()...)
	for i := range steps {
		images.Gather(&batch, batches[i])
		net.BookLoss = false
		net.Gradient(gradient, batch.X, batch.T)
		floats.AddScaled(net.Vector, -1, gradient.Vector)
		if i%4 == 0 {
			trainAcc, testAcc = append(trainAcc, accuracy(images)), append(testAcc, accuracy(test))
		}

		measured, err := r.Step()
		if err != nil {
			t.Fatal(err)
		}
		net.BookLoss = true
		if got, want := r.TrainLoss[i], net.Loss(batch.X, batch.T); math.Abs(got-want) > 1e-9 {
			t.Errorf("step %d: loss %v, want %v", i, got, want)
		}
		if measured != (i%4 == 0) || r.Done() != (i == steps-1) {
			t.Errorf("step %d: measured %v, done %v", i, measured, r.Done())
		}
	}
	if !floats.Equal(r.TrainAcc, trainAcc) || !floats.Equal(r.TestAcc, testAcc) || trainAcc[0] == trainAcc[5] {
		t.Errorf("accuracies %v, %v, want %v, %v, which change", r.TrainAcc, r.TestAcc, trainAcc, testAcc)
	}
	if !floats.EqualApprox(r.Net().Vector, net.Vector, 1e-8) {
		t.Errorf("the weights are %v, want %v", r.Net().Vector, net.Vector)
	}
}

// 40 images in batches of 16 are 2.5 steps per epoch. The accuracies are measured
// where i % 2.5 == 0, as in Python.
func TestReplayFraction(t *testing.T) {
	initial, batches := replayed(12)
	for i := range batches {
		batches[i] = append(batches[i], batches[i][:6]...)
	}
	r, err := train.NewReplay(initial, batches, train.Book(), stripes(40, 1), stripes(20, 2), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; !r.Done(); i++ {
		if measured, err := r.Step(); err != nil || measured != (i%5 == 0) {
			t.Errorf("step %d: measured %v, %v", i, measured, err)
		}
	}
}

func TestReplayErrors(t *testing.T) {
	for _, test := range []struct {
		index, limit int
		want         string
	}{
		{-1, 0, "batches[2,9] is -1, want the index of an image, from 0 to 39"},
		{40, 0, "batches[2,9] is 40, want"},
		{30, 30, "is 3"}, // whichever is first
	} {
		initial, batches := replayed(3)
		batches[2][9] = test.index
		s := train.Book()
		s.Limit = test.limit
		if _, err := train.NewReplay(initial, batches, s, stripes(40, 1), stripes(20, 2), 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("index %d of %d images: error %v, want %s", test.index, test.limit, err, test.want)
		}
	}
	_, batches := replayed(3)
	if _, err := train.NewReplay(nn.NewParams(8, 6, 3), batches, train.Book(), stripes(40, 1), stripes(20, 2), 1); err == nil {
		t.Error("a net for images of 8 pixels is no error")
	}
}
