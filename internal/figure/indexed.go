package figure

import (
	"cmp"
	"image"
	"image/color"
	"maps"
	"slices"
)

// indexed returns img with no more than 256 colours, those that it has most
// of, and the nearest of them where it has another. A plot has few, and some
// thousand mixtures of them at the edges of its lines; its PNG becomes three
// times smaller, and looks the same.
func indexed(img image.Image) *image.Paletted {
	bounds := img.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	count := map[color.RGBA]int{}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			count[at(x, y)]++
		}
	}
	byCount := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := make(color.Palette, min(256, len(byCount)))
	for i := range palette {
		palette[i] = byCount[i]
	}
	index := map[color.RGBA]uint8{}
	for _, c := range byCount {
		index[c] = uint8(palette.Index(c))
	}

	small := image.NewPaletted(bounds, palette)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			small.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return small
}
