package digit

import (
	"image"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// findInk returns the ink of the digit, 0 to 1, in the smallest box around it.
//
// The background is a grey closing, which removes dark strokes and follows
// uneven light and shadows, smoothed by a box filter. Ink is the share of the
// background's light that is missing.
func findInk(a *mat.Dense) (*mat.Dense, error) {
	rows, cols := a.Dims()
	side := math.Sqrt(float64(rows * cols))
	a, picture := widen(a, int(side/4))
	rows, cols = a.Dims()
	negative := mat.NewDense(rows, cols, nil)
	negative.Apply(func(_, _ int, v float64) float64 { return 1 - v }, a)
	if !darkInk(a, negative) {
		a = negative
	}
	window := max(3, int(side/6))
	background := filter(filter(filter(a, window, floats.Max), window, floats.Min), window, mean)
	ink := mat.NewDense(rows, cols, nil)
	ink.Apply(func(i, j int, v float64) float64 {
		paper := background.At(i, j)
		return max(0, (paper-v)/max(0.01, paper))
	}, a)

	const least = 0.08 // ink below it is noise or paper
	threshold := max(least, halfway(ink.RawMatrix().Data))
	digit, err := choose(patches(ink, threshold), picture)
	if err != nil {
		return nil, err
	}

	// Pixels near the digit keep their grey levels, for smooth edges.
	near := mat.NewDense(rows, cols, nil)
	var levels []float64
	for _, p := range digit {
		for _, at := range p.pixels {
			near.Set(at.Y, at.X, 1)
			levels = append(levels, ink.At(at.Y, at.X))
		}
	}
	near = filter(near, 1+2*max(1, int(side/60)), floats.Max)
	slices.Sort(levels)
	full := stat.Quantile(0.95, stat.Empirical, levels, nil)
	var box image.Rectangle
	ink.Apply(func(i, j int, v float64) float64 {
		if near.At(i, j) == 0 || v < 0.3*threshold {
			return 0
		}
		box = box.Union(image.Rect(j, i, j+1, i+1))
		return min(1, v/full)
	}, ink)
	return mat.DenseCopyOf(ink.Slice(box.Min.Y, box.Max.Y, box.Min.X, box.Max.X)), nil
}

// darkInk reports whether the ink in a is darker than its surroundings. If that
// is not clear, the border of the picture counts as background.
func darkInk(a, negative *mat.Dense) bool {
	dark, light := darkness(a), darkness(negative)
	if max(dark, light) > 3*min(dark, light) {
		return dark > light
	}
	return mean(border(a)) >= mean(a.RawMatrix().Data)
}

// border returns the pixels at the edges, clockwise.
func border(a *mat.Dense) []float64 {
	rows, cols := a.Dims()
	bottom, left := mat.Row(nil, rows-1, a), mat.Col(nil, 0, a)
	slices.Reverse(bottom)
	slices.Reverse(left)
	return slices.Concat(mat.Row(nil, 0, a), mat.Col(nil, cols-1, a), bottom, left)
}

// widen adds a margin to a picture on flat paper, so that a digit cut out
// tightly has background around it. It returns the place of the old picture.
func widen(a *mat.Dense, margin int) (wide *mat.Dense, picture image.Rectangle) {
	rows, cols := a.Dims()
	ring := border(a)
	paper := median(ring)
	window := max(1, len(ring)*7/10) // of a median, which ink on the edges does not move, but a shadow does
	twice := slices.Concat(ring, ring)
	for i := range ring {
		if math.Abs(median(twice[i:i+window])-paper) > 0.01 {
			return a, image.Rect(0, 0, cols, rows)
		}
	}
	wide = mat.NewDense(rows+2*margin, cols+2*margin, nil)
	wide.Apply(func(_, _ int, _ float64) float64 { return paper }, wide)
	picture = image.Rect(margin, margin, margin+cols, margin+rows)
	wide.Slice(margin, margin+rows, margin, margin+cols).(*mat.Dense).Copy(a)
	return wide, picture
}

// darkness returns how much darker than its surroundings the dark part of a
// picture is: the sum of the squares of log ratios to the local median, on at
// most 64×64 pixels.
func darkness(a *mat.Dense) float64 {
	const side, floor = 64, 0.1 // the floor keeps white lines in the negative from counting as light ink
	rows, cols := a.Dims()
	f := max(1, math.Sqrt(float64(rows*cols))/side)
	a = resize(a, max(1, int(float64(rows)/f)), max(1, int(float64(cols)/f)))
	around := filter(a, side/3, median).RawMatrix().Data
	sum := 0.0
	for i, v := range a.RawMatrix().Data {
		d := min(0, math.Log((v+floor)/(around[i]+floor)))
		sum += d * d
	}
	return sum
}

func mean(v []float64) float64 { return floats.Sum(v) / float64(len(v)) }

func median(v []float64) float64 { return slices.Sorted(slices.Values(v))[len(v)/2] }

// filter applies f to the window of the given width around each pixel, first
// along the rows and then along the columns. Windows end at the edges.
func filter(a *mat.Dense, width int, f func([]float64) float64) *mat.Dense {
	for range 2 {
		rows, cols := a.Dims()
		b := mat.NewDense(cols, rows, nil)
		for i := range rows {
			row := a.RawRowView(i)
			for j := range cols {
				b.Set(j, i, f(row[max(0, j-width/2):min(cols, j+width-width/2)]))
			}
		}
		a = b
	}
	return a
}

// halfway returns the threshold in the middle between the mean of the values
// below it and the mean of those above it (Ridler and Calvard, "Picture
// thresholding using an iterative selection method", 1978). It starts at half
// the darkest ink: from there it separates ink from rules, not rules from paper.
func halfway(ink []float64) float64 {
	sorted := slices.Sorted(slices.Values(ink))
	threshold := sorted[len(sorted)*999/1000] / 2 // above it, a thousandth is dirt
	for range 50 {
		k, _ := slices.BinarySearch(sorted, threshold)
		if k == 0 || k == len(sorted) {
			break
		}
		next := (mean(sorted[:k]) + mean(sorted[k:])) / 2
		if next == threshold {
			break
		}
		threshold = next
	}
	return threshold
}
