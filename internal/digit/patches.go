package digit

import (
	"image"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

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

// rule reports whether a patch runs across the picture from edge to edge and is
// thin at both edges: a ruled line, or a digit on a line.
func (p patch) rule(picture image.Rectangle, thin float64) bool {
	deep := max(2, int(2*thin))
	inside := picture.Inset(1)
	ends := func(a, b image.Rectangle, touches bool) bool {
		inA, inB := 0, 0
		for _, at := range p.pixels {
			if at.In(a) {
				inA++
			}
			if at.In(b) {
				inB++
			}
		}
		return touches && float64(max(inA, inB)) <= thin*float64(deep)
	}
	left, right, top, bottom := picture, picture, picture, picture
	left.Max.X, right.Min.X = left.Min.X+deep, right.Max.X-deep
	top.Max.Y, bottom.Min.Y = top.Min.Y+deep, bottom.Max.Y-deep
	return ends(left, right, p.box.Min.X <= inside.Min.X && p.box.Max.X >= inside.Max.X) ||
		ends(top, bottom, p.box.Min.Y <= inside.Min.Y && p.box.Max.Y >= inside.Max.Y)
}

// choose returns the patches of the digit: it drops rules, underlines and dirt.
func choose(all []patch, picture image.Rectangle) ([]patch, error) {
	thin := max(1, math.Sqrt(float64(picture.Dx()*picture.Dy()))/40)
	all = slices.DeleteFunc(all, func(p patch) bool {
		return float64(len(p.pixels)) <= thin*float64(max(p.box.Dx(), p.box.Dy())) && p.rule(picture, thin)
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
		case p.rule(picture, thin):
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
	mostAligned = 0.9 // share of the box's sides that has ink within 2 pixels
	mostStrokes = 4.5 // strokes that cross a row and a column, on average
)

// checkBox returns an error if ink, scaled to boxSize, is not that of a digit.
// It accepts every slim box: a 1 may fill it.
func checkBox(ink *mat.Dense) error {
	rows, cols := ink.Dims()
	if 2*cols < rows {
		return nil
	}
	least := mat.Max(ink) / 4
	on := func(i, j int) float64 {
		if i >= 0 && j >= 0 && i < rows && j < cols && ink.At(i, j) > least {
			return 1
		}
		return 0
	}
	filled, strokes, aligned := 0.0, 0.0, 0.0
	for i := range rows {
		aligned += max(on(i, 0), on(i, 1)) + max(on(i, cols-1), on(i, cols-2))
		for j := range cols {
			filled += on(i, j)
			strokes += on(i, j) * ((1-on(i-1, j))/float64(cols) + (1-on(i, j-1))/float64(rows))
		}
	}
	for j := range cols {
		aligned += max(on(0, j), on(1, j)) + max(on(rows-1, j), on(rows-2, j))
	}
	switch {
	case filled > mostFilled*float64(rows*cols), strokes > mostStrokes:
		return ErrFilled
	case aligned > mostAligned*2*float64(rows+cols):
		return ErrFrame
	}
	return nil
}
