package digit

import (
	"image"
	"image/color"
)

// turned shows a picture as its Exif orientation asks for: transposed, then
// with the columns or the rows of the original taken from their end.
type turned struct {
	image.Image
	transpose, flipX, flipY bool
}

// turn returns img upright, given its Exif orientation, 1 to 8.
func turn(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	t := turned{Image: img, transpose: orientation >= 5}
	switch orientation {
	case 2, 8:
		t.flipX = true
	case 4, 6:
		t.flipY = true
	case 3, 7:
		t.flipX, t.flipY = true, true
	}
	return t
}

// Bounds is the size of the turned picture.
func (t turned) Bounds() image.Rectangle {
	size := t.Image.Bounds().Size()
	if t.transpose {
		size.X, size.Y = size.Y, size.X
	}
	return image.Rectangle{Max: size}
}

// At is the pixel that comes to (x, y).
func (t turned) At(x, y int) color.Color {
	if t.transpose {
		x, y = y, x
	}
	b := t.Image.Bounds()
	if t.flipX {
		x = b.Dx() - 1 - x
	}
	if t.flipY {
		y = b.Dy() - 1 - y
	}
	return t.Image.At(b.Min.X+x, b.Min.Y+y)
}
