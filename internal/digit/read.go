package digit

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"
)

// What a picture may cost. A phone's 12-megapixel photograph passes.
const (
	maxFile   = 24 << 20 // bytes
	maxMemory = 64 << 20 // bytes of the file and of the decoded picture
	maxPixels = 20_000   // in a row or a column
	maxScans  = 100      // of a JPEG file, where 10 are usual
)

// Read reads a PNG, JPEG or GIF picture and returns the digit in it as
// [Normalize] does. Of an animation it takes the first frame, and a photograph
// it turns upright if the camera noted how it was held (Exif).
//
// A small file can stand for a huge picture. Read looks at the header first, and
// refuses a file of more than 24 MiB, a picture of more than 20,000 pixels in a
// direction, and one that would take more than 64 MiB with its file: above some
// 16 million pixels, half of that with 16 bits a channel, a fifth of it as
// progressive JPEG.
func Read(r io.Reader) (*image.Gray, error) {
	img, format, err := decode(r)
	if err != nil {
		return nil, err
	}
	if format == "jpeg" {
		return normalize(img, jpegTraces)
	}
	return normalize(img, exactTraces)
}

func decode(r io.Reader) (image.Image, string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, "", err
	}
	if len(data) > maxFile {
		return nil, "", fmt.Errorf("the file has more than %d MiB, the most that is read", maxFile>>20)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return nil, "", errors.New("not a picture in PNG, JPEG or GIF format")
	}
	if err != nil {
		return nil, "", fmt.Errorf("damaged %s picture: %w", format, err)
	}
	if err := affordable(config, format, data); err != nil {
		return nil, "", err
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", fmt.Errorf("damaged %s picture: %w", format, err)
	}
	if format == "jpeg" {
		img = turn(img, orientation(data))
	}
	return img, format, nil
}

// affordable returns an error if the picture is too large to be decoded.
func affordable(config image.Config, format string, data []byte) error {
	if max(config.Width, config.Height) > maxPixels {
		return fmt.Errorf("the picture has %d×%d pixels, want at most %d in each direction: scale it down first", config.Width, config.Height, maxPixels)
	}
	pixels := float64(config.Width) * float64(config.Height)
	if need := float64(len(data)) + pixels*bytesPerPixel(config.ColorModel, format, data); need > maxMemory {
		return fmt.Errorf("the picture has %d×%d pixels, which take %.0f MiB of memory, want at most %d MiB: scale it down first",
			config.Width, config.Height, math.Ceil(need/(1<<20)), maxMemory>>20)
	}
	if format == "jpeg" && bytes.Count(data, []byte{0xff, markerSOS}) > maxScans {
		return fmt.Errorf("the picture has more than %d scans: save it again first", maxScans)
	}
	return nil
}

// bytesPerPixel returns the most memory that Go's decoders take for a pixel.
func bytesPerPixel(model color.Model, format string, data []byte) float64 {
	n := 4.0
	switch {
	case model == color.RGBA64Model, model == color.NRGBA64Model, model == color.CMYKModel:
		n = 8
	case model == color.RGBAModel && format == "jpeg":
		n = 8 // decoded as if it were YCbCr, then copied
	}
	switch {
	case format == "png" && interlaced(data):
		n *= 2 // a picture for each pass, which is then merged
	case format == "jpeg" && !sequential(data):
		n += 4 * 4 // all coefficients, of 32 bits, of up to 4 channels
	}
	return n
}

// interlaced reports whether a PNG file is, by the last byte of its header
// chunk, which is always the first.
func interlaced(data []byte) bool {
	const offset = 8 + 8 + 12 // signature; chunk's length and type; the fields before
	return len(data) > offset && data[offset] != 0
}
