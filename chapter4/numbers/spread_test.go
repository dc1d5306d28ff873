package numbers

import (
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat"

	"numgrad/chapter4"
	"numgrad/dataset"
	"numgrad/train"
)

// The accuracies of eight trainings, each from a seed of its own, have the
// standard deviations that the rows say. It takes a minute or two.
func TestSpreadLong(t *testing.T) {
	if os.Getenv("NUMGRAD_LONG") == "" {
		t.Skip("NUMGRAD_LONG is not set")
	}
	images, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	trainAcc, testAcc := make([][]float64, len(spreads)), make([][]float64, len(spreads))
	for seed := uint64(1); seed <= 8; seed++ {
		settings := train.Book()
		settings.Seed, settings.Epochs = seed, spreads[len(spreads)-1].epoch
		run, err := chapter4.TrainNeuralNet(settings, images, test, func(train.Epoch) {})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range spreads {
			e := run.Log[s.epoch-1]
			trainAcc[i], testAcc[i] = append(trainAcc[i], e.TrainAcc), append(testAcc[i], e.TestAcc)
		}
	}
	for i, s := range spreads {
		got := math.Max(stat.StdDev(trainAcc[i], nil), stat.StdDev(testAcc[i], nil))
		if got > s.deviation || got < 0.9*s.deviation {
			t.Errorf("epoch %d: standard deviation %v, the rows say %v", s.epoch, got, s.deviation)
		}
	}
}
