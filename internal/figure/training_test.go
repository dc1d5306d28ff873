package figure_test

import (
	"bytes"
	"flag"
	"image/png"
	"math"
	"os"
	"runtime"
	"testing"

	"numgrad/internal/figure"
	"numgrad/models"
	"numgrad/train"
)

var update = flag.Bool("update", false, "write docs/curves.png")

// curves returns n losses, and accuracies of some epochs.
func curves(n, epochs int) (losses, trainAcc, testAcc []float64) {
	for i := range n {
		losses = append(losses, 2.3*math.Exp(-float64(i)/100))
	}
	for i := range epochs {
		trainAcc = append(trainAcc, 1-0.5/float64(i+1))
		testAcc = append(testAcc, 1-0.6/float64(i+1))
	}
	return losses, trainAcc, testAcc
}

// A training can be stopped at any time, also before its first step.
func TestTraining(t *testing.T) {
	for _, test := range []struct{ n, epochs int }{{0, 0}, {1, 0}, {1, 1}, {5, 0}, {600, 1}, {1200, 2}, {3000, 30}} {
		losses, trainAcc, testAcc := curves(test.n, test.epochs)
		var file bytes.Buffer
		if err := figure.Training(&file, losses, trainAcc, testAcc); err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		img, err := png.Decode(&file)
		if err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		colours := map[[3]uint32]bool{}
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, _ := img.At(x, y).RGBA()
				colours[[3]uint32{r, g, b}] = true
			}
		}
		if len(colours) < 10 {
			t.Errorf("%+v: %d colours, it is blank", test, len(colours))
		}
	}
}

// The curves in docs are those of the trained net that ships, as drawn now.
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
		t.Errorf("%s is not what is drawn now (%v): run make figures", file, err)
	}
}
