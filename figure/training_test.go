package figure_test

import (
	"bytes"
	"image/png"
	"math"
	"testing"

	"numgrad/figure"
)

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
		var first, second bytes.Buffer
		if err := figure.Training(&first, losses, trainAcc, testAcc); err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		if err := figure.Training(&second, losses, trainAcc, testAcc); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%+v: drawn again, it has other bytes (%v)", test, err)
		}
		img, err := png.Decode(&first)
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
