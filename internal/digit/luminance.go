package digit

import (
	"image"
	"image/draw"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// maxSide is the most rows or columns that are worked on: enough for a digit
// that is a twentieth of the picture, and averaging takes noise away.
const maxSide = 1024

// luminance returns the brightness of a picture, 0 for black to 1 for white,
// [height×width], or if it is larger than maxSide the means of squares of f×f
// pixels, where the last row and column count more than once to fill a square.
//
// Where the picture is transparent, there is white behind what is dark on the
// whole, and black behind what is light.
func luminance(img image.Image) *mat.Dense {
	b := img.Bounds()
	f := (max(b.Dx(), b.Dy()) + maxSide - 1) / maxSide
	rows, cols := (b.Dy()+f-1)/f, (b.Dx()+f-1)/f
	light := make([]float64, rows*cols)
	alpha := make([]float64, rows*cols)

	line := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1)) // colours times alpha
	for y := range b.Dy() {
		draw.Draw(line, line.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		down := times(y, b.Dy(), rows*f)
		for x := range b.Dx() {
			p := line.Pix[4*x:][:4]
			i := y/f*cols + x/f
			n := down * times(x, b.Dx(), cols*f)
			// ITU-R BT.601, as color.GrayModel, in whole numbers: a flat
			// background comes out flat.
			light[i] += float64(n * (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])))
			alpha[i] += float64(n * 1000 * int(p[3]))
		}
	}

	white := float64(255_000 * f * f)
	if floats.Sum(light) <= floats.Sum(alpha)/2 {
		floats.Sub(light, alpha)
		floats.AddConst(white, light)
	}
	floats.Scale(1/white, light)
	return mat.NewDense(rows, cols, light)
}

// times returns how often line i of n counts where the last one fills up to all.
func times(i, n, all int) int {
	if i == n-1 {
		return all - n + 1
	}
	return 1
}
