package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// sheet is a picture of ink on paper: how much ink, 0 to 1, is at each pixel.
type sheet struct {
	w, h int
	ink  []float64
}

// printed is a digit in a font, with numerals height pixels high, turned by degrees
// clockwise and centred at (x, y) of a sheet of w×h pixels.
func printed(t testing.TB, ttf []byte, digit int, w, h int, x, y, height, degrees float64) sheet {
	t.Helper()
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	var buf sfnt.Buffer
	glyph, err := parsed.GlyphIndex(&buf, rune('0'+digit))
	if err != nil {
		t.Fatal(err)
	}
	const ppem = 1000
	segments, err := parsed.LoadGlyph(&buf, glyph, fixed.I(ppem), nil)
	if err != nil {
		t.Fatal(err)
	}
	bounds, _, err := parsed.GlyphBounds(&buf, glyph, fixed.I(ppem), font.HintingNone)
	if err != nil {
		t.Fatal(err)
	}
	number := func(v fixed.Int26_6) float64 { return float64(v) / 64 }
	scale := height / number(bounds.Max.Y-bounds.Min.Y)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	midX, midY := number(bounds.Min.X+bounds.Max.X)/2, number(bounds.Min.Y+bounds.Max.Y)/2
	place := func(p fixed.Point26_6) f64.Vec2 {
		u, v := scale*(number(p.X)-midX), scale*(number(p.Y)-midY)
		return f64.Vec2{x + cos*u - sin*v, y + sin*u + cos*v}
	}

	z := vector.NewRasterizer(w, h)
	for _, s := range segments {
		var p [3][2]float32
		for i, arg := range s.Args {
			v := place(arg)
			p[i] = [2]float32{float32(v[0]), float32(v[1])}
		}
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.ClosePath()
			z.MoveTo(p[0][0], p[0][1])
		case sfnt.SegmentOpLineTo:
			z.LineTo(p[0][0], p[0][1])
		case sfnt.SegmentOpQuadTo:
			z.QuadTo(p[0][0], p[0][1], p[1][0], p[1][1])
		case sfnt.SegmentOpCubeTo:
			z.CubeTo(p[0][0], p[0][1], p[1][0], p[1][1], p[2][0], p[2][1])
		}
	}
	z.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, w, h))
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	s := sheet{w: w, h: h, ink: make([]float64, w*h)}
	for i, a := range mask.Pix {
		s.ink[i] = float64(a) / 255
	}
	return s
}

// gray is the sheet with the given grey levels for paper and ink.
func (s sheet) gray(paper, ink float64) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, s.w, s.h))
	for i, v := range s.ink {
		img.Pix[i] = level(paper + v*(ink-paper))
	}
	return img
}

// transparent is the sheet in one colour on nothing.
func (s sheet) transparent(ink color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	for i, v := range s.ink {
		ink.A = level(255 * v)
		img.SetNRGBA(i%s.w, i/s.w, ink)
	}
	return img
}

// photograph is the sheet as a camera sees it: light that falls from left to
// right to the given share, darker corners, noise of so many grey levels, and
// specks of dirt.
func (s sheet) photograph(rng *rand.Rand, share, noise float64, specks int) *image.Gray {
	img := s.gray(200, 50)
	for i, v := range img.Pix {
		x, y := float64(i%s.w)/float64(s.w), float64(i/s.w)/float64(s.h)
		light := 1 - (1-share)*x - 0.2*((x-0.5)*(x-0.5)+(y-0.5)*(y-0.5))
		img.Pix[i] = level(float64(v)*light + noise*rng.NormFloat64())
	}
	for range specks {
		img.Pix[rng.IntN(len(img.Pix))] = 10
	}
	return img
}

func level(v float64) uint8 { return uint8(math.Round(min(max(v, 0), 255))) }
