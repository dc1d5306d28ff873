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
	height, width := a.Dims()
	side := math.Sqrt(float64(height * width))
	a = widen(a, int(side/4))
	rows, cols := a.Dims()
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
	digit, err := choose(patches(ink, threshold), height, width)
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

// border returns the first and the last row and column.
func border(a *mat.Dense) []float64 {
	rows, cols := a.Dims()
	return slices.Concat(mat.Row(nil, 0, a), mat.Row(nil, rows-1, a), mat.Col(nil, 0, a), mat.Col(nil, cols-1, a))
}

// widen adds a margin of the border's median to a picture with a flat border,
// so that a digit cut out tightly has background around it.
func widen(a *mat.Dense, margin int) *mat.Dense {
	edge := border(a)
	paper, flat := median(edge), 0
	for _, v := range edge {
		if math.Abs(v-paper) < 0.04 {
			flat++
		}
	}
	if 2*flat < len(edge) {
		return a
	}
	rows, cols := a.Dims()
	wide := mat.NewDense(rows+2*margin, cols+2*margin, nil)
	wide.Apply(func(_, _ int, _ float64) float64 { return paper }, wide)
	wide.Slice(margin, margin+rows, margin, margin+cols).(*mat.Dense).Copy(a)
	return wide
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

// patch is connected ink, along sides or corners of pixels.
type patch struct {
	pixels []image.Point
	box    image.Rectangle
}

// patches returns the connected pixels with at least threshold of ink.
func patches(ink *mat.Dense, threshold float64) []patch {
	rows, cols := ink.Dims()
	seen := make([]bool, rows*cols)
	var all []patch
	for i := range seen {
		var p patch
		add := func(area image.Rectangle) {
			area = area.Intersect(image.Rect(0, 0, cols, rows))
			for y := area.Min.Y; y < area.Max.Y; y++ {
				for x := area.Min.X; x < area.Max.X; x++ {
					if k := y*cols + x; !seen[k] && ink.At(y, x) >= threshold {
						seen[k] = true
						p.pixels = append(p.pixels, image.Pt(x, y))
						p.box = p.box.Union(image.Rect(x, y, x+1, y+1))
					}
				}
			}
		}
		add(image.Rect(i%cols, i/cols, i%cols+1, i/cols+1))
		for k := 0; k < len(p.pixels); k++ {
			at := p.pixels[k]
			add(image.Rect(at.X-1, at.Y-1, at.X+2, at.Y+2))
		}
		if len(p.pixels) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// choose returns the patches of the digit: it drops rules, underlines and dirt.
func choose(all []patch, rows, cols int) ([]patch, error) {
	thin := max(1, math.Sqrt(float64(rows*cols))/40)
	all = slices.DeleteFunc(all, func(p patch) bool { // rules run from edge to edge, perhaps at an angle
		n, w, h := float64(len(p.pixels)), p.box.Dx(), p.box.Dy()
		return w >= cols-2 && n <= thin*float64(cols) && 5*h <= w || h >= rows-2 && n <= thin*float64(rows) && 5*w <= h
	})
	if len(all) == 0 {
		return nil, ErrNoInk
	}
	digit := slices.MaxFunc(all, func(p, q patch) int { return len(p.pixels) - len(q.pixels) })
	all = slices.DeleteFunc(all, func(p patch) bool {
		dirt := 20*len(p.pixels) < len(digit.pixels)
		underline := p.box.Min.Y >= digit.box.Max.Y && p.box.Dx() >= digit.box.Dx() && float64(p.box.Dy()) <= 2*thin
		return dirt || underline
	})
	for _, p := range all {
		overlap := min(p.box.Max.X, digit.box.Max.X) - max(p.box.Min.X, digit.box.Min.X)
		switch {
		case len(all) > mostPatches:
			return nil, ErrFilled
		case (p.box.Dx() >= cols-2) != (p.box.Dy() >= rows-2): // a line from edge to edge that touches the digit
			return nil, ErrFrame
		case p.box == digit.box:
		case 5*overlap <= min(p.box.Dx(), digit.box.Dx()) && 2*p.box.Dy() >= digit.box.Dy():
			return nil, ErrSeveral
		case p.box.In(digit.box.Inset(1)) && 4*p.box.Dy() >= digit.box.Dy(), digit.box.In(p.box.Inset(1)):
			return nil, ErrFrame
		}
	}
	return all, nil
}

// Bounds that all images of MNIST keep.
const (
	mostPatches = 10  // pieces of a digit; MNIST has up to 7
	mostFilled  = 0.9 // share of the box that has ink
	mostAligned = 0.9 // share of each of the four sides that has ink within 2 pixels
	mostRuns    = 4.5 // strokes that cross a row and a column, on average
)

// checkBox returns an error if ink, scaled to boxSize, is not that of a digit.
// It accepts every slim box: a 1 may fill it.
func checkBox(ink *mat.Dense) error {
	rows, cols := ink.Dims()
	if 2*cols < rows {
		return nil
	}
	least := mat.Max(ink) / 4
	inked, runs, aligned := 0, 0.0, 1.0
	for range 4 {
		rows, cols := ink.Dims()
		side := 0
		for j := range cols {
			if ink.At(0, j) > least || ink.At(min(1, rows-1), j) > least {
				side++
			}
			for i := range rows {
				if ink.At(i, j) <= least {
					continue
				}
				inked++
				if i == 0 || ink.At(i-1, j) <= least {
					runs += 1 / float64(cols)
				}
			}
		}
		aligned = min(aligned, float64(side)/float64(cols))
		ink = turn(ink, 6)
	}
	switch {
	case float64(inked) > 4*mostFilled*float64(rows*cols), runs > 2*mostRuns: // each of four turns counts
		return ErrFilled
	case aligned > mostAligned:
		return ErrFrame
	}
	return nil
}
