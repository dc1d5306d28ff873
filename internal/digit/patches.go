package digit

import (
	"image"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// patch is ink that hangs together, along sides or corners of pixels.
type patch struct {
	pixels int
	box    image.Rectangle
}

// patches returns the patches of what is at least threshold in ink, a whole
// matrix, no slice of one.
func patches(ink *mat.Dense, threshold float64) []patch {
	rows, cols := ink.Dims()
	field := image.Rect(0, 0, cols, rows)
	levels := ink.RawMatrix().Data
	seen := make([]bool, len(levels))
	var todo []image.Point // seen ink whose neighbours are not

	see := func(area image.Rectangle) {
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; x++ {
				if i := y*cols + x; levels[i] >= threshold && !seen[i] {
					seen[i] = true
					todo = append(todo, image.Pt(x, y))
				}
			}
		}
	}

	var found []patch
	for i, v := range levels {
		if v < threshold || seen[i] {
			continue
		}
		var p patch
		see(square(image.Pt(i%cols, i/cols), 0))
		for len(todo) > 0 {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			p.pixels++
			p.box = p.box.Union(square(at, 0))
			see(square(at, 1).Intersect(field))
		}
		found = append(found, p)
	}
	return found
}

// square returns the pixels at most r rows and columns away from p.
func square(p image.Point, r int) image.Rectangle {
	return image.Rect(p.X-r, p.Y-r, p.X+r+1, p.Y+r+1)
}

// clean returns the patches but dirt: those of less than a share dirt of the
// largest one's pixels.
func clean(all []patch, dirt float64) []patch {
	least := dirt * float64(largest(all).pixels)
	return slices.DeleteFunc(all, func(p patch) bool { return float64(p.pixels) < least })
}

// around returns the box around the patches.
func around(all []patch) image.Rectangle {
	var box image.Rectangle
	for _, p := range all {
		box = box.Union(p.box)
	}
	return box
}
