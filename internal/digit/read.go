package digit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"

	"github.com/bep/imagemeta"
	_ "golang.org/x/image/webp"

	"numgrad/internal/input"
)

// Limits on a picture. A baseline JPEG of 24 megapixels passes.
const (
	maxFile   = 24 << 20 // bytes
	maxMemory = 96 << 20 // bytes of the file and of the decoded picture
	maxPixels = 20_000   // in a row or a column
	maxScans  = 100      // of a JPEG file; 10 are usual
)

// Read reads a PNG, JPEG, GIF or WebP picture and returns the digit in it as
// [Normalize] does. It turns a picture upright by its Exif orientation, and
// takes the first frame of an animation.
//
// A small file can describe a huge picture. Read checks the header first. It
// refuses a file of more than 24 MiB, a picture of more than 20,000 pixels in
// a direction, and a picture that needs more than 96 MiB together with its
// file: from 24 megapixels (PNG and GIF) or 32 (JPEG), half of that with 16
// bits a channel, and 5 as progressive JPEG.
func Read(r io.Reader) (*image.Gray, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("the file has more than %d MiB, the limit", maxFile>>20)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case errors.Is(err, image.ErrFormat):
		return nil, notPicture(data)
	case err != nil:
		return nil, fmt.Errorf("damaged %s picture: %w", format, err)
	}
	if err := affordable(config, format, data); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("damaged %s picture: %w", format, err)
	}
	return normalize(img, orientation(data, format))
}

// notPicture returns the error for a file in no known format.
func notPicture(data []byte) error {
	switch {
	case input.IsHTML(data):
		return input.ErrHTML
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		switch string(data[8:12]) {
		case "heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif":
			return errors.New("a HEIC or AVIF picture, which predict cannot read: save it as JPEG or PNG (an iPhone takes JPEG with Settings > Camera > Formats > Most Compatible)")
		}
	}
	return errors.New("not a picture in PNG, JPEG, GIF or WebP format")
}

// orientation returns the Exif orientation of a picture, 1 to 8. It returns 1
// if there is none, or if the Exif data is damaged.
func orientation(data []byte, format string) uint16 {
	formats := map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP}
	if formats[format] == 0 {
		return 1
	}
	found := uint16(1)
	imagemeta.Decode(imagemeta.Options{
		R:           bytes.NewReader(data),
		ImageFormat: formats[format],
		Sources:     imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return t.Tag == "Orientation" && t.Namespace == "IFD0"
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				found = v
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}

// affordable returns an error if the picture is too large to be decoded.
func affordable(config image.Config, format string, data []byte) error {
	if max(config.Width, config.Height) > maxPixels {
		return fmt.Errorf("the picture has %d×%d pixels, want at most %d in each direction: scale it down first", config.Width, config.Height, maxPixels)
	}
	scans, progressive := 0, false
	if format == "jpeg" {
		if scans, progressive = scanJPEG(data); scans > maxScans {
			return fmt.Errorf("the picture has more than %d scans: save it again first", maxScans)
		}
	}
	pixels := float64(config.Width) * float64(config.Height)
	need := float64(len(data)) + pixels*bytesPerPixel(config.ColorModel, format, progressive, data)
	if need > maxMemory {
		return fmt.Errorf("the picture has %d×%d pixels, which take %.0f MiB of memory, want at most %d MiB: scale it down first",
			config.Width, config.Height, math.Ceil(need/(1<<20)), maxMemory>>20)
	}
	return nil
}

// bytesPerPixel returns the most memory that the decoders take for a pixel.
func bytesPerPixel(model color.Model, format string, progressive bool, data []byte) float64 {
	n := 4.0
	switch {
	case model == color.RGBA64Model, model == color.NRGBA64Model, model == color.CMYKModel:
		n = 8
	case model == color.RGBAModel && format == "jpeg", format == "webp":
		n = 8 // decoded in another form, then copied
	case model == color.YCbCrModel:
		n = 3
	}
	const interlace = 8 + 8 + 12 // offset in a PNG file, whose first chunk is the header
	switch {
	case format == "png" && len(data) > interlace && data[interlace] != 0:
		n *= 2 // a picture for each pass, then merged
	case progressive:
		n += 4 * 4 // all coefficients, of 32 bits, of up to 4 channels
	}
	return n
}

// scanJPEG walks the segments of a JPEG file, and returns the number of scans
// and whether the file may be progressive. Where the file departs from the
// standard, it counts every marker of a scan that may follow.
func scanJPEG(data []byte) (scans int, progressive bool) {
	const sof0, sof1, rst0, eoi, sos = 0xc0, 0xc1, 0xd0, 0xd9, 0xda
	progressive = true
	for data = data[2:]; len(data) >= 4; {
		marker := data[1]
		switch {
		case data[0] != 0xff && scans > 0, data[0] == 0xff && (marker == 0 || marker >= rst0 && marker < eoi) && scans > 0:
			next := bytes.IndexByte(data[1:], 0xff) // coded pixels
			if next < 0 {
				return scans, progressive
			}
			data = data[1+next:]
			continue
		case data[0] == 0xff && marker == eoi:
			return scans, progressive
		}
		end := 2 + int(binary.BigEndian.Uint16(data[2:]))
		if data[0] != 0xff || marker < sof0 || marker >= rst0 && marker < eoi || end < 4 || end > len(data) {
			return scans + bytes.Count(data, []byte{0xff, sos}), true
		}
		switch marker {
		case sof0, sof1:
			progressive = false
		case sos:
			scans++
		}
		data = data[end:]
	}
	return scans, progressive
}
