package digit

import (
	"errors"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Size is the height and the width of an image of MNIST, in pixels.
const Size = 28

// boxSize is the height or the width, whichever is larger, of the digit in it.
const boxSize = 20

// ErrNoInk says that nothing in a picture stands out from its background.
var ErrNoInk = errors.New("no ink found: nothing stands out from the background")

// Normalize returns the digit in img in the form of MNIST: 28×28 pixels, 0 for
// the background to 255 for ink. The digit may be dark on light or light on
// dark, of any size, anywhere in the picture, and the light need not be even;
// but it must be upright, the only thing in the picture, and with background
// around it.
//
// The error is nil, or one of [ErrNoInk], [ErrSeveral], [ErrFrame] and [ErrFilled].
func Normalize(img image.Image) (*image.Gray, error) {
	return normalize(img, exactTraces)
}

func normalize(img image.Image, traces float64) (*image.Gray, error) {
	if img.Bounds().Empty() {
		return nil, ErrNoInk
	}
	ink, err := findInk(luminance(img), traces)
	if err != nil {
		return nil, err
	}
	scaled := fit(ink)
	if err := checkBox(ink, scaled); err != nil {
		return nil, err
	}
	return center(scaled), nil
}

// fit scales a so that its longer side has boxSize pixels.
func fit(a mat.Matrix) *mat.Dense {
	rows, cols := a.Dims()
	scale := boxSize / float64(max(rows, cols))
	scaled := func(n int) int { return max(1, int(math.Round(scale*float64(n)))) }
	var half, small mat.Dense
	half.Mul(averaging(scaled(rows), rows), a)
	small.Mul(&half, averaging(scaled(cols), cols).T())
	return &small
}

// averaging returns the matrix [n×m] that scales m pixels to n, by area: each
// pixel of the result is the mean of what it covers of the original ones.
func averaging(n, m int) *mat.Dense {
	a := mat.NewDense(n, m, nil)
	covered := float64(m) / float64(n)
	for i := range n {
		from, to := float64(i)*covered, float64(i+1)*covered
		for j := int(from); j < m && float64(j) < to; j++ {
			overlap := min(to, float64(j+1)) - max(from, float64(j))
			a.Set(i, j, overlap/covered)
		}
	}
	return a
}

// center puts the ink in an image of MNIST's size, moved by whole pixels so
// that the pixel with its centre of mass is the one in the middle, and
// stretches it to 255. What does not fit is cut off.
func center(ink *mat.Dense) *image.Gray {
	rows, cols := ink.Dims()
	var mass, massX, massY float64
	for y := range rows {
		for x, v := range ink.RawRowView(y) {
			mass += v
			massX += v * (float64(x) + 0.5)
			massY += v * (float64(y) + 0.5)
		}
	}
	left, top := Size/2-int(massX/mass), Size/2-int(massY/mass)

	field := image.NewGray(image.Rect(0, 0, Size, Size))
	full := mat.Max(ink)
	for y := range rows {
		for x := range cols {
			level := math.Round(255 * ink.At(y, x) / full)
			field.SetGray(left+x, top+y, color.Gray{Y: uint8(level)})
		}
	}
	return field
}
