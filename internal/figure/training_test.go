package figure_test

import (
	"bytes"
	"flag"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"runtime"
	"testing"

	"numgrad/internal/figure"
	"numgrad/models"
	"numgrad/train"
)

var update = flag.Bool("update", false, "write docs/curves.png")

// A training can stop at any time, even before its first step.
func TestTraining(t *testing.T) {
	for _, test := range []struct{ n, epochs int }{{0, 0}, {1, 0}, {100_000, 30}} {
		losses, trainAcc, testAcc := make([]float64, test.n), make([]float64, test.epochs), make([]float64, test.epochs)
		for i := range losses {
			losses[i] = 2.3 * math.Exp(-float64(i)/100)
		}
		for i := range trainAcc {
			trainAcc[i], testAcc[i] = 1-0.5/float64(i+1), 1-0.6/float64(i+1)
		}
		var file bytes.Buffer
		if err := figure.Training(&file, losses, trainAcc, testAcc); err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		if img, err := png.Decode(&file); err != nil || len(img.ColorModel().(color.Palette)) < 10 {
			t.Errorf("%+v: no picture with ten colours, %v", test, err)
		}
	}
	if err := figure.Training(io.Discard, []float64{1, math.NaN()}, nil, nil); err == nil {
		t.Error("a loss of NaN is drawn")
	}
}

// docs/curves.png shows the training of the built-in net.
func TestCurvesInDocs(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the figure was drawn on amd64; a fused multiply-add moves some of its pixels")
	}
	model := models.MNIST()
	meta, err := train.ReadMeta(model)
	if err != nil {
		t.Fatal(err)
	}
	var trainAcc, testAcc []float64
	for _, e := range meta.Log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	var got bytes.Buffer
	if err := figure.Training(&got, model.Losses, trainAcc, testAcc); err != nil {
		t.Fatal(err)
	}
	const file = "../../docs/curves.png"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is out of date (%v): run make figures", file, err)
	}
}
