// Package digit finds the handwritten digit in a picture and brings it to the
// form of MNIST, so that a net trained on MNIST can name it.
//
// MNIST's authors scaled black and white images to fit in a 20×20 box, kept
// the aspect ratio, used grey levels for anti-aliasing, and put the box in a
// 28×28 field with the centre of mass at the centre. In the 60,000 training
// images, the box is tight in all but 13, the centre of mass is in the pixel
// of row 14 and column 14 in all but 2, and the largest grey level is 254 or 255.
package digit

import (
	"errors"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/gonum/mat"
)

const (
	Size    = 28 // height and width of an MNIST image, in pixels
	boxSize = 20 // larger side of the digit in it
)

// Reasons for rejecting a picture.
var (
	ErrNoInk   = errors.New("no ink found: nothing stands out from the background")
	ErrSeveral = errors.New("several shapes side by side, want one digit: cut the picture")
	ErrFrame   = errors.New("a frame or a line through the digit: cut it off")
	ErrFilled  = errors.New("noise or a block without background, want a digit")
)

// Normalize returns the digit in img in the form of MNIST: 28×28 pixels, 0 for
// the background to 255 for ink. The digit may be dark on light or light on
// dark, of any size, anywhere in the picture, on plain, ruled or squared paper,
// in uneven light. It must be upright, and must not touch other ink.
//
// The error is nil, [ErrNoInk], [ErrSeveral], [ErrFrame] or [ErrFilled].
func Normalize(img image.Image) (*image.Gray, error) { return normalize(img, 1) }

// normalize is Normalize for a picture with an Exif orientation.
func normalize(img image.Image, orientation uint16) (*image.Gray, error) {
	if img.Bounds().Empty() {
		return nil, ErrNoInk
	}
	ink, err := findInk(turn(luminance(img), orientation))
	if err != nil {
		return nil, err
	}
	rows, cols := ink.Dims()
	scale := boxSize / float64(max(rows, cols))
	scaled := func(n int) int { return max(1, int(math.Round(scale*float64(n)))) }
	box := resize(ink, scaled(rows), scaled(cols))
	if err := checkBox(box); err != nil {
		return nil, err
	}
	return center(box), nil
}

// resize scales a to rows×cols pixels by area.
func resize(a mat.Matrix, rows, cols int) *mat.Dense {
	m, n := a.Dims()
	var half, small mat.Dense
	half.Mul(averaging(rows, m), a)
	small.Mul(&half, averaging(cols, n).T())
	return &small
}

// averaging returns the matrix [n×m] that scales m pixels to n: each row holds
// the share of each old pixel in a new one.
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

// center puts the ink in a field of MNIST's size, with the centre of mass in
// the pixel of row 14 and column 14, and stretches it to 255. It cuts off ink
// outside the field.
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
