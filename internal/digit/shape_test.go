package digit

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"
)

// A picture without a digit gets an error.
func TestNoDigit(t *testing.T) {
	black, white := color.Color(color.Black), color.Color(color.White)
	seven := seven(white, black)
	b := seven.Bounds()
	beside := paint(2*b.Dx(), b.Dy(), white)
	draw.Draw(beside, b, seven, image.Point{}, draw.Src)
	draw.Draw(beside, b.Add(image.Pt(b.Dx(), 0)), seven, image.Point{}, draw.Src)

	frame := func(img draw.Image, r image.Rectangle, width int) {
		for _, side := range []image.Rectangle{
			{r.Min, image.Pt(r.Max.X, r.Min.Y+width)}, {image.Pt(r.Min.X, r.Max.Y-width), r.Max},
			{r.Min, image.Pt(r.Min.X+width, r.Max.Y)}, {image.Pt(r.Max.X-width, r.Min.Y), r.Max},
		} {
			draw.Draw(img, side, image.Black, image.Point{}, draw.Src)
		}
	}
	framed := paint(b.Dx()+20, b.Dy()+20, white)
	draw.Draw(framed, b.Add(image.Pt(10, 10)), seven, image.Point{}, draw.Src)
	ring := paint(b.Dx()+200, b.Dy()+200, white)
	draw.Draw(ring, b.Add(image.Pt(100, 100)), seven, image.Point{}, draw.Src)
	for p := range ring.Rect.Dx() * ring.Rect.Dy() {
		x, y := p%ring.Rect.Dx(), p/ring.Rect.Dx()
		if r := math.Hypot(float64(x-ring.Rect.Dx()/2), float64(y-ring.Rect.Dy()/2)); math.Abs(r-float64(ring.Rect.Dx())/2+5) < 2 {
			ring.Set(x, y, black)
		}
	}
	empty, edge := paint(100, 120, white), paint(100, 120, white)
	frame(framed, framed.Rect.Inset(3), 2)
	frame(empty, image.Rect(10, 10, 90, 110), 1)
	frame(edge, edge.Rect, 5)
	draw.Draw(edge, image.Rect(40, 30, 60, 90), image.Black, image.Point{}, draw.Src)

	noise := func(side int, level func(rng *rand.Rand) float64) image.Image {
		img, rng := image.NewGray(image.Rect(0, 0, side, side)), rand.New(rand.NewPCG(1, 2))
		for i := range img.Pix {
			img.Pix[i] = uint8(min(max(level(rng), 0), 255))
		}
		return img
	}
	paper := func(rng *rand.Rand) float64 { return 200 + 5*rng.NormFloat64() }
	uniform := func(rng *rand.Rand) float64 { return 256 * rng.Float64() }
	binary := func(rng *rand.Rand) float64 { return float64(255 * rng.IntN(2)) }
	normal := func(rng *rand.Rand) float64 { return 128 + 40*rng.NormFloat64() }
	salt := func(rng *rand.Rand) float64 { return float64(255 * max(0, rng.IntN(10)-8)) }

	for _, test := range []struct {
		name string
		img  image.Image
		want []error
	}{
		{"77", beside, []error{ErrSeveral}},
		{"frame", framed, []error{ErrFrame}},
		{"ring", ring, []error{ErrFrame}},
		{"empty frame", empty, []error{ErrFrame}},
		{"frame at the edge", edge, []error{ErrFrame, ErrFilled}},
		{"block", block(), []error{ErrFilled, ErrFrame}},
		{"noisy paper", noise(250, paper), []error{ErrFilled, ErrNoInk}},
		{"uniform noise", noise(200, uniform), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"binary noise", noise(200, binary), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"normal noise", noise(200, normal), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"salt", noise(200, salt), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"uniform noise of 28×28", noise(28, uniform), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"binary noise of 28×28", noise(28, binary), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"normal noise of 28×28", noise(28, normal), []error{ErrFilled, ErrSeveral, ErrNoInk}},
		{"salt of 28×28", noise(28, salt), []error{ErrFilled, ErrSeveral, ErrNoInk}},
	} {
		for format, file := range map[string][]byte{"PNG": encodePNG(t, test.img), "JPEG": encodeJPEG(t, test.img)} {
			_, err := Read(bytes.NewReader(file))
			if err == nil || !errors.Is(errors.Join(test.want...), err) {
				t.Errorf("%s, as %s: error %v, want one of %v", test.name, format, err, test.want)
			}
		}
	}
}

func block() image.Image {
	img := paint(50, 50, color.White)
	draw.Draw(img, image.Rect(10, 10, 40, 40), image.Black, image.Point{}, draw.Src)
	return img
}
