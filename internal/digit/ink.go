package digit

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

const (
	leastContrast = 8.0 / 255 // of ink that is taken for ink
	clearOfNoise  = 6         // standard deviations of the paper's noise
	largestDirt   = 1.0 / 30  // of the largest patch of ink, in a photograph
)

// Traces of ink that are not taken for ink in a drawing, as a share of its
// contrast.
const (
	exactTraces = 1.0 / 32 // in PNG and GIF pictures
	jpegTraces  = 1.0 / 10 // in JPEG pictures, which have waves around a stroke
)

// findInk returns how much ink, 0 to 1, is at each point of the box around it in
// a picture's luminance. It works in the memory of the picture. The error, if
// there is no ink, or not that of one digit, is one of the package's.
//
// Ink is on the side of the paper's brightness, darker or lighter, to which
// the picture is skewed. A drawing, whose border is flat to the bit, keeps its
// grey levels, and its box leaves out only traces. In a photograph, ink is what
// passes a threshold half-way between paper and ink: MNIST was made from black
// and white scans. It rises from 0 at half the threshold to 1 at one and a half,
// which leaves strokes their smooth edges. Small patches are dirt.
func findInk(picture *mat.Dense, traces float64) (*mat.Dense, error) {
	paper := findPaper(picture)
	paper.subtract(picture)
	levels := picture.RawMatrix().Data
	skew := 0.0
	for _, v := range levels {
		skew += v * v * v
	}
	if skew < 0 {
		floats.Scale(-1, levels)
	}

	contrast := floats.Max(levels)
	if contrast < leastContrast {
		return nil, ErrNoInk
	}
	threshold, zero, one, dirt := traces*contrast, 0.0, contrast, 0.0
	if paper.noise > 0 {
		threshold = max(halfway(levels, contrast), clearOfNoise*paper.noise)
		zero, one, dirt = threshold/2, threshold*3/2, largestDirt
	}
	all := clean(patches(picture, threshold), dirt)
	switch {
	case len(all) == 0:
		return nil, ErrNoInk
	case several(all):
		return nil, ErrSeveral
	case framed(all):
		return nil, ErrFrame
	}
	box := around(all)
	ink := picture.Slice(box.Min.Y, box.Max.Y, box.Min.X, box.Max.X).(*mat.Dense)
	for y := range box.Dy() {
		row := ink.RawRowView(y)
		for x, v := range row {
			row[x] = min(max((v-zero)/(one-zero), 0), 1)
		}
	}
	return ink, nil
}

// halfway returns the threshold in the middle between the mean of what is
// under it and the mean of what is over it (Ridler and Calvard, "Picture
// thresholding using an iterative selection method", 1978).
func halfway(ink []float64, contrast float64) float64 {
	threshold := contrast / 2
	for range 50 {
		var under, over, nUnder, nOver float64
		for _, v := range ink {
			if v > threshold {
				over += v
				nOver++
			} else {
				under += v
				nUnder++
			}
		}
		next := (under/nUnder + over/nOver) / 2
		if math.Abs(next-threshold) < contrast/1000 {
			break
		}
		threshold = next
	}
	return threshold
}
