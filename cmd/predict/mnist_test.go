//go:build !race

package main

import (
	"image"
	"sync"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/internal/digit"
	"numgrad/models"
)

// MNIST's images, drawn back at 280 pixels, black on white, lose at most a
// point of accuracy in a sample of 400: a point is 4 images.
func TestMNISTMagnified(t *testing.T) {
	_, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	net := models.MNIST().Net()
	const every = 25 // 1 for all 10,000 images
	var plain, magnified atomic.Int64
	var wg sync.WaitGroup
	for worker := range uint64(2) {
		wg.Go(func() {
			count := func(right *atomic.Int64, i int, img *image.Gray) {
				x := mat.NewDense(1, len(img.Pix), nil)
				for i, v := range img.Pix {
					x.Set(0, i, float64(v)/255)
				}
				if floats.MaxIdx(net.Predict(x).RawRowView(0)) == int(test.Labels[i]) {
					right.Add(1)
				}
			}
			for i := every * int(worker); i < test.Len(); i += 2 * every {
				original := &image.Gray{Pix: test.Images[i], Stride: digit.Size, Rect: image.Rect(0, 0, digit.Size, digit.Size)}
				count(&plain, i, original)
				if seen, err := digit.Normalize(magnify(original, 10)); err == nil {
					count(&magnified, i, seen)
				}
			}
		})
	}
	wg.Wait()
	before, after := float64(plain.Load())*every/100, float64(magnified.Load())*every/100
	t.Logf("accuracy %.1f %% of the originals, %.1f %% of the magnified", before, after)
	if before < 90 {
		t.Errorf("accuracy on the originals is %.1f %%, want a trained net", before)
	}
	if after < before-1 {
		t.Errorf("accuracy %.1f %% of the originals, but %.1f %% of the magnified", before, after)
	}
}

// magnify returns img inverted and n times as large.
func magnify(img *image.Gray, n int) *image.Gray {
	large := image.NewGray(image.Rect(0, 0, n*img.Rect.Dx(), n*img.Rect.Dy()))
	for i := range large.Pix {
		large.Pix[i] = 255 - img.Pix[i/large.Stride/n*img.Stride+i%large.Stride/n]
	}
	return large
}
