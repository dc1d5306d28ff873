package digit

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"testing"
)

// Whatever a file has in it, it is refused, or it is an image in the form of
// MNIST.
func FuzzRead(f *testing.F) {
	img := seven(color.White, color.Black)
	small := image.NewPaletted(image.Rect(0, 0, 12, 15), color.Palette{color.White, color.Black, color.Transparent})
	draw.Draw(small, image.Rect(3, 3, 9, 5), image.Black, image.Point{}, draw.Src)
	photo := encodeJPEG(f, img)
	for _, file := range [][]byte{
		encodePNG(f, img),
		encodePNG(f, small),
		encodeGIF(f, small, small),
		photo,
		withExif(photo, binary.LittleEndian, "II", 6),
		withExif(photo, binary.BigEndian, "MM", 3),
		progressiveJPEG(40, 30, 2),
		rawPNG(f, 9, 9, header{depth: 16, colour: 6}, 9*(8*9+1)),
		rawPNG(f, 60000, 60000, header{depth: 8}, 0),
	} {
		f.Add(file)
		f.Add(file[:len(file)/2])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		if again, err := Normalize(got); err == nil && again.Rect != got.Rect {
			t.Errorf("the result, taken for a picture, is of size %v", again.Rect)
		}
		full := uint8(0)
		for _, v := range got.Pix {
			full = max(full, v)
		}
		if got.Rect != image.Rect(0, 0, Size, Size) || full == 0 {
			t.Errorf("result of size %v with values up to %d, want 28×28 with ink", got.Rect, full)
		}
	})
}
