package digit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadFormats(t *testing.T) {
	img := seven(color.White, color.Black)
	want := normalized(t, img)
	frame := func(paper, ink color.Color) *image.Paletted {
		p := image.NewPaletted(img.Rect, color.Palette{color.White, color.Black})
		draw.Draw(p, p.Rect, seven(paper, ink), image.Point{}, draw.Src)
		return p
	}
	deep := image.NewNRGBA64(img.Rect)
	draw.Draw(deep, deep.Rect, img, image.Point{}, draw.Src)
	blank := image.NewPaletted(img.Rect, color.Palette{color.White})

	tests := []struct {
		name string
		file []byte
		near int // grey levels
	}{
		{"PNG", encodePNG(t, img), 0},
		{"PNG, 16 bits", encodePNG(t, deep), 0},
		{"PNG with a palette", encodePNG(t, frame(color.White, color.Black)), 0},
		{"GIF", encodeGIF(t, frame(color.White, color.Black)), 0},
		{"animated GIF", encodeGIF(t, frame(color.White, color.Black), blank, blank), 0},
		{"JPEG", encodeJPEG(t, img), 12},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Read(iotest.OneByteReader(bytes.NewReader(test.file)))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, got, want, test.near)
		})
	}
}

// Exif 2.3 says of each orientation on which side of the scene the first row
// of the stored picture is, and on which its first column.
func TestReadOrientation(t *testing.T) {
	scene := seven(color.White, color.Black)
	want := normalized(t, scene)
	w, h := scene.Rect.Dx(), scene.Rect.Dy()
	for i, sides := range []struct{ row, column string }{
		{"top", "left"}, {"top", "right"}, {"bottom", "right"}, {"bottom", "left"},
		{"left", "top"}, {"right", "top"}, {"right", "bottom"}, {"left", "bottom"},
	} {
		orientation := uint16(i + 1)
		stored := image.NewNRGBA(image.Rect(0, 0, w, h))
		if orientation >= 5 {
			stored.Rect = image.Rect(0, 0, h, w)
			stored.Stride = 4 * h
		}
		for row := range stored.Rect.Dy() {
			for column := range stored.Rect.Dx() {
				var x, y int
				for side, n := range map[string]int{sides.row: row, sides.column: column} {
					switch side {
					case "left":
						x = n
					case "right":
						x = w - 1 - n
					case "top":
						y = n
					case "bottom":
						y = h - 1 - n
					}
				}
				stored.Set(column, row, scene.At(x, y))
			}
		}
		for format, file := range map[string][]byte{"JPEG": encodeJPEG(t, stored), "PNG": encodePNG(t, stored)} {
			for mark, order := range map[string]binary.AppendByteOrder{"II": binary.LittleEndian, "MM": binary.BigEndian} {
				got, err := Read(bytes.NewReader(withExif(file, order, mark, orientation)))
				if err != nil {
					t.Fatal(err)
				}
				if far := farthest(got, want); far > 30 {
					t.Errorf("%s, orientation %d, %s: off by %d grey levels, want at most 30", format, orientation, mark, far)
				}
			}
		}
	}
}

func TestReadErrors(t *testing.T) {
	file := encodePNG(t, seven(color.White, color.Black))
	photo := encodeJPEG(t, seven(color.White, color.Black))
	tests := []struct {
		name string
		file []byte
		want string // in the error
	}{
		{"empty", nil, "not a picture in PNG, JPEG, GIF or WebP format"},
		{"web page", []byte("<!DOCTYPE html><html>"), "is a web page"},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "a HEIC or AVIF picture"},
		{"text", []byte("seven"), "not a picture in PNG, JPEG, GIF or WebP format"},
		{"PNG, signature alone", file[:8], "damaged png picture"},
		{"PNG, truncated", file[:len(file)/2], "damaged png picture"},
		{"JPEG, truncated", photo[:len(photo)*2/3], "damaged jpeg picture"},
		{"GIF, header alone", []byte("GIF89a\x10\x00\x10\x00\x00\x00\x00;"), "damaged gif picture"},
		{"PNG of 0×0", rawPNG(t, 0, 0, header{depth: 8}, 0), "damaged png picture"},
		{"GIF of 0×0", []byte("GIF89a\x00\x00\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x4c\x01\x00;"), ""},
		{"JPEG of 0×0", progressiveJPEG(0, 0, 0), ""},
		{"bomb: PNG", rawPNG(t, 60000, 60000, header{depth: 8}, 0), "60000×60000 pixels"},
		{"bomb: PNG, largest size", rawPNG(t, 1<<31-1, 1<<31-1, header{depth: 1}, 0), ""},
		{"bomb: PNG of 1×16,000,000", rawPNG(t, 1, 16_000_000, header{depth: 8}, 32_000_000), "1×16000000 pixels, want at most 20000 in each direction"},
		{"bomb: PNG, 16 bits", rawPNG(t, 3600, 3600, header{depth: 16, colour: 6}, 0), "want at most 96 MiB"},
		{"bomb: PNG, interlaced", rawPNG(t, 3600, 3600, header{depth: 8, interlace: 1}, 0), "want at most 96 MiB"},
		{"bomb: JPEG", progressiveJPEG(65535, 65535, 0)[:500], "65535×65535 pixels"},
		{"bomb: progressive JPEG", progressiveJPEG(2400, 2400, 0), "want at most 96 MiB"},
		{"bomb: JPEG, hidden header", insert(progressiveJPEG(2400, 2400, 0), hidden), "want at most 96 MiB"},
		{"bomb: JPEG, RGB", rawJPEG(markerSOF0, 3600, 3600, "RGB", 0), "want at most 96 MiB"},
		{"bomb: JPEG, CMYK", rawJPEG(markerSOF0, 3600, 3600, "CMYK", 0), "want at most 96 MiB"},
		{"bomb: scans", progressiveJPEG(500, 500, 1000), "more than 100 scans"},
		{"bomb: GIF", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x4c\x01\x00;"), "65535×65535 pixels"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(bytes.NewReader(test.file))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, test.want)
			}
			limit := uint64(1<<20 + 4*len(test.file))
			if used := after.TotalAlloc - before.TotalAlloc; used > limit {
				t.Errorf("allocated %d bytes, want at most %d", used, limit)
			}
		})
	}
}

// The largest pictures that are read stay under 128 MiB. The pixels of the PNG
// pictures, for which there is room at once, break off.
func TestReadMemory(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want string // in the error
	}{
		{"PNG, 8 bits", rawPNG(t, 4990, 4990, header{depth: 8, colour: 2}, 1<<20), "damaged png picture"},
		{"PNG, 16 bits", rawPNG(t, 3530, 3530, header{depth: 16, colour: 6}, 1<<20), "damaged png picture"},
		{"JPEG, progressive", progressiveJPEG(2150, 2150, 9), ErrNoInk.Error()},
		{"JPEG, CMYK", insert(rawJPEG(markerSOF0, 300, 200, "CMYK", 0), adobe), ErrNoInk.Error()},
		{"JPEG, RGB", rawJPEG(markerSOF0, 300, 200, "RGB", 0), ErrNoInk.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(bytes.NewReader(test.file))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			// All that is allocated, as if nothing were collected.
			if used := after.TotalAlloc - before.TotalAlloc; used > 128<<20 {
				t.Errorf("allocated %d MiB, want at most 128", used>>20)
			}
		})
	}
}

func TestReadEndless(t *testing.T) {
	_, err := Read(io.MultiReader(bytes.NewReader(encodePNG(t, seven(color.White, color.Black))), zeros{}))
	if err == nil || !strings.Contains(err.Error(), "more than 24 MiB") {
		t.Errorf("error %v, want that the file has more than 24 MiB", err)
	}
	broken := errors.New("disk on fire")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// insert returns a JPEG file with more bytes after its first marker.
func insert(file []byte, more string) []byte {
	return bytes.Join([][]byte{file[:2], []byte(more), file[2:]}, nil)
}

// hidden is a marker without a segment, then a comment. Whoever takes the
// comment's marker for the length of a segment, lands at the comment's end, on
// what looks like the header of a baseline picture.
var hidden = "\xff\xd0" + "\xff\xfe\xff\xff" + strings.Repeat(".", 65530) + "\xff\xc0\x00"

// adobe is the segment without which four channels have no meaning.
const adobe = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"

// compare fails the test if a pixel of got is farther from want than near.
func compare(t *testing.T, got, want *image.Gray, near int) {
	t.Helper()
	if far := farthest(got, want); far > near {
		t.Errorf("off by %d grey levels, want at most %d", far, near)
	}
}

// farthest returns the largest difference of a pixel.
func farthest(a, b *image.Gray) int {
	far := 0
	for p, v := range a.Pix {
		d := int(v) - int(b.Pix[p])
		far = max(far, d, -d)
	}
	return far
}
