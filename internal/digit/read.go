package digit

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"

	"github.com/bep/imagemeta"
	_ "golang.org/x/image/webp"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/internal/input"
)

// Limits on a picture. A baseline JPEG of 24 megapixels passes.
const (
	maxFile   = 24 << 20 // bytes
	maxMemory = 96 << 20 // bytes of the file and of the decoded picture
	maxPixels = 20_000   // in a row or a column
	maxScans  = 100      // of a JPEG file; 10 are usual
	maxSide   = 256      // pixels of the largest square picture that is not shrunk; 4 times that for strips
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
	if errors.Is(err, image.ErrFormat) {
		return nil, notPicture(data)
	}
	var img image.Image
	if err == nil {
		if err := affordable(config, format, data); err != nil {
			return nil, err
		}
		img, _, err = image.Decode(bytes.NewReader(data))
	}
	if err != nil {
		return nil, fmt.Errorf("damaged %s picture: %w", format, err)
	}
	return normalize(img, orientation(data, format))
}

// notPicture returns the error for a file in no known format.
func notPicture(data []byte) error {
	if input.IsHTML(data) {
		return input.ErrHTML
	}
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		switch string(data[8:12]) {
		case "heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif":
			return errors.New("a HEIC or AVIF picture, which predict cannot read: save it as JPEG or PNG (an iPhone takes JPEG with Settings > Camera > Formats > Most Compatible)")
		}
	}
	return errors.New("not a picture in PNG, JPEG, GIF or WebP format")
}

// affordable returns an error if the picture is too large to be decoded.
func affordable(config image.Config, format string, data []byte) error {
	if max(config.Width, config.Height) > maxPixels {
		return fmt.Errorf("the picture has %d×%d pixels, want at most %d in each direction: scale it down first", config.Width, config.Height, maxPixels)
	}
	if format == "jpeg" && bytes.Count(data, []byte("\xff\xda")) > maxScans {
		return fmt.Errorf("the picture has more than %d scans: save it again first", maxScans)
	}
	pixels := float64(config.Width) * float64(config.Height)
	need := float64(len(data)) + pixels*bytesPerPixel(config.ColorModel, format, data)
	if need > maxMemory {
		return fmt.Errorf("the picture has %d×%d pixels, which take %.0f MiB of memory, want at most %d MiB: scale it down first",
			config.Width, config.Height, math.Ceil(need/(1<<20)), maxMemory>>20)
	}
	return nil
}

// bytesPerPixel returns the most memory that the decoders take for a pixel.
func bytesPerPixel(model color.Model, format string, data []byte) float64 {
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
	if format == "png" && data[interlace] != 0 {
		n *= 2 // a picture for each pass, then merged
	}
	// The header of a progressive JPEG: marker, length for 1, 3 or 4 channels,
	// 8 bits a channel. Coded pixels never contain a marker.
	for _, header := range []string{"\xff\xc2\x00\x0b\x08", "\xff\xc2\x00\x11\x08", "\xff\xc2\x00\x14\x08"} {
		if format == "jpeg" && bytes.Contains(data, []byte(header)) {
			return n + 4*4 // all coefficients, of 32 bits, of up to 4 channels
		}
	}
	return n
}

// luminance returns the brightness of a picture, 0 for black to 1 for white,
// [height×width]. It shrinks large pictures: each element is the mean of f×f pixels.
//
// Transparent pixels become white in a dark picture, and black in a light one.
func luminance(img image.Image) *mat.Dense {
	b := img.Bounds()
	side := max(math.Sqrt(float64(b.Dx())*float64(b.Dy())), float64(max(b.Dx(), b.Dy()))/4)
	f := int(math.Ceil(side / maxSide))
	rows, cols := (b.Dy()+f-1)/f, (b.Dx()+f-1)/f
	light := make([]float64, rows*cols)
	alpha := make([]float64, rows*cols)
	white := make([]float64, rows*cols)

	line := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1)) // colours times alpha
	for y := range b.Dy() {
		draw.Draw(line, line.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		for x := range b.Dx() {
			p := line.Pix[4*x:][:4]
			i := y/f*cols + x/f
			// ITU-R BT.601 in integers keeps a flat background flat.
			light[i] += float64(299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]))
			alpha[i] += float64(1000 * int(p[3]))
			white[i] += 255_000
		}
	}
	if floats.Sum(light) <= floats.Sum(alpha)/2 {
		floats.Sub(light, alpha)
		floats.Add(light, white)
	}
	floats.Div(light, white)
	return mat.NewDense(rows, cols, light)
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

// turn returns a picture upright, given its Exif orientation, 1 to 8.
func turn(a *mat.Dense, orientation uint16) *mat.Dense {
	if orientation >= 5 {
		a = mat.DenseCopyOf(a.T())
	}
	rows, cols := a.Dims()
	upright := mat.NewDense(rows, cols, nil)
	upright.Apply(func(i, j int, _ float64) float64 {
		switch orientation {
		case 3, 4, 7, 8:
			i = rows - 1 - i
		}
		switch orientation {
		case 2, 3, 6, 7:
			j = cols - 1 - j
		}
		return a.At(i, j)
	}, upright)
	return upright
}
