package digit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// paper is the background's brightness: a plane, since light often comes from
// one side, and how far the picture's border is off it.
type paper struct {
	level          float64 // in the middle
	acrossX, downY float64 // from the left edge to the right, from top to bottom
	noise          float64 // standard deviation
}

// subtract takes the paper's brightness from a picture's.
func (p paper) subtract(picture *mat.Dense) {
	rows, cols := picture.Dims()
	across := make([]float64, cols)
	for j := range across {
		across[j] = p.acrossX * fromMiddle(j, cols)
	}
	for i := range rows {
		row := picture.RawRowView(i)
		floats.Sub(row, across)
		floats.AddConst(-p.level-p.downY*fromMiddle(i, rows), row)
	}
}

// fromMiddle returns where the kth of n is, from -1/2 for the first to 1/2 for
// the last.
func fromMiddle(k, n int) float64 { return float64(k)/float64(max(1, n-1)) - 0.5 }

// findPaper takes the border of a picture for background. It is either flat,
// of the border's median, or a plane through the medians of the four edges,
// whichever is closer to most of the border: a digit may touch it.
func findPaper(picture *mat.Dense) paper {
	top, bottom, left, right := edges(picture)
	flat := paper{level: median(slices.Concat(top, bottom, left, right))}
	t, b, l, r := median(top), median(bottom), median(left), median(right)
	tilted := paper{level: (t + b + l + r) / 4, acrossX: r - l, downY: b - t}

	for _, p := range []*paper{&flat, &tilted} {
		rest := mat.DenseCopyOf(picture)
		p.subtract(rest)
		top, bottom, left, right := edges(rest)
		off := slices.Concat(top, bottom, left, right)
		for i, v := range off {
			off[i] = math.Abs(v)
		}
		// 1.4826 times the median absolute deviation estimates the standard
		// deviation of normal noise, whatever less than half the border does.
		p.noise = 1.4826 * median(off)
	}
	if tilted.noise < flat.noise {
		return tilted
	}
	return flat
}

// edges returns the first and the last row and the first and the last column.
func edges(picture *mat.Dense) (top, bottom, left, right []float64) {
	rows, cols := picture.Dims()
	return mat.Row(nil, 0, picture), mat.Row(nil, rows-1, picture),
		mat.Col(nil, 0, picture), mat.Col(nil, cols-1, picture)
}

// median returns the lower median of v, a value that is in v.
func median(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	return sorted[(len(sorted)-1)/2]
}
