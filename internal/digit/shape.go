package digit

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// Why what is in a picture is not taken for a digit.
var (
	ErrSeveral = errors.New("several shapes side by side, want one digit: cut the picture")
	ErrFrame   = errors.New("a frame, want a digit without one: cut it off")
	ErrFilled  = errors.New("noise or a block without background, want a digit")
)

// Bounds that no image of MNIST passes, but for 8 of 10,000 in the case of
// several shapes: of those, each has a part beside it that is half as high.
const (
	mostFilled  = 0.9 // share of a box that a digit fills
	mostAligned = 0.9 // share of each of the four sides that it has ink along
	mostPieces  = 10  // shapes more than holes, or holes more than shapes; MNIST has up to 7
)

// several reports whether, of the patches, two as high as digits of one number
// stand side by side.
func several(all []patch) bool {
	main := largest(all)
	for _, p := range all {
		overlap := min(p.box.Max.X, main.box.Max.X) - max(p.box.Min.X, main.box.Min.X)
		if p != main && 5*overlap <= min(p.box.Dx(), main.box.Dx()) && 2*p.box.Dy() >= main.box.Dy() {
			return true
		}
	}
	return false
}

// framed reports whether one of the patches has another inside that is large
// enough for a digit.
func framed(all []patch) bool {
	main := largest(all)
	for _, p := range all {
		if p.box.In(main.box.Inset(1)) && 4*p.box.Dy() >= main.box.Dy() {
			return true
		}
	}
	return false
}

func largest(all []patch) patch {
	var main patch
	for _, p := range all {
		if p.pixels > main.pixels {
			main = p
		}
	}
	return main
}

// aligned returns the least share of the four sides of ink that has ink along
// it: in a tenth of the rows or columns from there.
func aligned(ink *mat.Dense) float64 {
	rows, cols := ink.Dims()
	deep := func(n int) int { return max(1, (n+5)/10) }
	share := func(lines, depth int, at func(line, d int) float64) float64 {
		n := 0
		for line := range lines {
			for d := range depth {
				if at(line, d) > 0 {
					n++
					break
				}
			}
		}
		return float64(n) / float64(lines)
	}
	return min(
		share(cols, deep(rows), func(x, d int) float64 { return ink.At(d, x) }),
		share(cols, deep(rows), func(x, d int) float64 { return ink.At(rows-1-d, x) }),
		share(rows, deep(cols), func(y, d int) float64 { return ink.At(y, d) }),
		share(rows, deep(cols), func(y, d int) float64 { return ink.At(y, cols-1-d) }),
	)
}

// inked returns, for ink scaled to MNIST's size, whether a pixel has a quarter
// of the darkest one's ink or more. There is none outside.
func inked(ink *mat.Dense) func(y, x int) bool {
	rows, cols := ink.Dims()
	least := mat.Max(ink) / 4
	return func(y, x int) bool { return y >= 0 && x >= 0 && y < rows && x < cols && ink.At(y, x) > least }
}

// filled returns the share of inked pixels.
func filled(ink *mat.Dense) float64 {
	rows, cols := ink.Dims()
	on, n := inked(ink), 0
	for i := range rows * cols {
		if on(i/cols, i%cols) {
			n++
		}
	}
	return float64(n) / float64(rows*cols)
}

// euler returns the number of shapes less that of their holes, from the squares
// of four pixels: those with one inked, three inked, and two across (Gray,
// "Local properties of binary images in two dimensions", 1971).
func euler(ink *mat.Dense) int {
	rows, cols := ink.Dims()
	on, sum := inked(ink), 0
	for y := range rows + 1 {
		for x := range cols + 1 {
			square := [4]bool{on(y-1, x-1), on(y-1, x), on(y, x), on(y, x-1)}
			n := 0
			for _, inked := range square {
				if inked {
					n++
				}
			}
			switch {
			case n == 1:
				sum++
			case n == 3:
				sum--
			case n == 2 && square[0] == square[2]:
				sum -= 2
			}
		}
	}
	return sum / 4
}

// checkBox returns an error if ink, cut to its box, is not that of a digit. A
// slim box, as that of a 1, is for all shapes.
func checkBox(ink, scaled *mat.Dense) error {
	rows, cols := ink.Dims()
	switch {
	case 2*cols < rows:
		return nil
	case filled(scaled) > mostFilled, max(euler(scaled), -euler(scaled)) > mostPieces:
		return ErrFilled
	case aligned(ink) > mostAligned:
		return ErrFrame
	}
	return nil
}
