package report

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"
)

func TestScale(t *testing.T) {
	s := scale{limit: 2}
	for _, test := range []struct {
		v    float64
		want color.NRGBA
	}{
		{0, color.NRGBA{200, 45, 25, 0}},
		{2, color.NRGBA{200, 45, 25, 255}},
		{-2, color.NRGBA{0, 90, 180, 255}},
		{1e9, color.NRGBA{200, 45, 25, 255}},
		{math.Inf(-1), color.NRGBA{0, 90, 180, 255}},
	} {
		if got := palette[s.index(test.v)]; got != test.want {
			t.Errorf("%v is painted %v, want %v", test.v, got, test.want)
		}
	}
	for i := range 2*shades + 1 {
		v := 2 * (float64(i)/shades - 1)
		if got := s.index(v); int(got) != i {
			t.Errorf("%v has shade %d, want %d", v, got, i)
		}
	}
	if got := (scale{}).index(0); got != shades {
		t.Errorf("zero on a scale of nothing has shade %d, want %d", got, shades)
	}
}

func TestMosaic(t *testing.T) {
	var tiles []*image.Paletted
	for i := range 3 {
		tiles = append(tiles, scale{3}.tile([]float64{float64(i), float64(i)}, 2))
	}
	got := mosaic(tiles).(*image.Paletted)
	shade := func(v float64) uint8 { return scale{3}.index(v) }
	a, b, c, r := shade(0), shade(1), shade(2), uint8(rule)
	want := []uint8{
		r, r, r, r, r, r, r, r, r, r,
		r, a, a, r, b, b, r, c, c, r,
		r, r, r, r, r, r, r, r, r, r,
	}
	if fmt.Sprint(got.Pix) != fmt.Sprint(want) || got.Rect.Dx() != 10 {
		t.Errorf("the mosaic is %v, want %v", got.Pix, want)
	}
	if size := mosaic(append(tiles, tiles[:2]...)).Bounds().Size(); size != image.Pt(13, 5) {
		t.Errorf("a mosaic of 5 tiles of 2×1 has %v pixels, want 4 in a row, 13×5", size)
	}
}
