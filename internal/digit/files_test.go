package digit

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
)

// Files that Go's encoders do not write.

const markerSOF0, markerSOS, markerAPP1 = 0xc0, 0xda, 0xe1

// header is a PNG header's fields after the size.
type header struct{ depth, colour, interlace byte }

// rawPNG returns a PNG file with the given header and n bytes of zeros for
// pixels.
func rawPNG(t testing.TB, width, height uint32, h header, n int64) []byte {
	t.Helper()
	var file, pixels bytes.Buffer
	chunk := func(name string, body []byte) {
		body = append([]byte(name), body...)
		binary.Write(&file, binary.BigEndian, uint32(len(body)-4))
		file.Write(body)
		binary.Write(&file, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	z := zlib.NewWriter(&pixels)
	if _, err := io.CopyN(z, zeros{}, n); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	file.WriteString("\x89PNG\r\n\x1a\n")
	chunk("IHDR", append(size, h.depth, h.colour, 0, 0, h.interlace))
	chunk("IDAT", pixels.Bytes())
	chunk("IEND", nil)
	return file.Bytes()
}

// zeros is an endless file of them.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// rawJPEG returns a picture of one brightness, in a channel for each letter of
// channels, with more scans of a progressive picture that add nothing.
func rawJPEG(sof byte, width, height uint16, channels string, more int) []byte {
	var file bytes.Buffer
	segment := func(marker byte, body ...byte) {
		file.Write([]byte{0xff, marker})
		binary.Write(&file, binary.BigEndian, uint16(len(body)+2))
		file.Write(body)
	}
	file.WriteString("\xff\xd8")
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(len(channels))}
	scan := []byte{byte(len(channels))}
	for _, c := range []byte(channels) {
		frame = append(frame, c, 0x11, 0)
		scan = append(scan, c, 0x00)
	}
	segment(sof, frame...)

	// Huffman tables of one code of one bit: no difference to the block
	// before; and the end of this block, or of this and the 16383 + 16384
	// blocks that follow.
	counts := append([]byte{1}, make([]byte, 15)...)
	segment(0xc4, append(append([]byte{0x00}, counts...), 0)...)
	end, last := byte(0), byte(63)
	if sof != markerSOF0 {
		end, last = 0xe0, 0
	}
	segment(0xc4, append(append([]byte{0x10}, counts...), end)...)

	blocks := (int(width) + 7) / 8 * ((int(height) + 7) / 8)
	segment(markerSOS, append(scan, 0, last, 0)...)
	file.Write(make([]byte, len(channels)*blocks/4+1))
	for range more {
		segment(markerSOS, 1, channels[0], 0x00, 1, 63, 0)
		file.Write(make([]byte, 2*(blocks/16384+1)))
	}
	file.WriteString("\xff\xd9")
	return file.Bytes()
}

// progressiveJPEG returns a grey progressive picture of one brightness.
func progressiveJPEG(width, height uint16, more int) []byte {
	return rawJPEG(0xc2, width, height, "Y", more)
}

// withExif returns a JPEG or PNG file with Exif data that gives the orientation.
func withExif(file []byte, order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8) // the directory's offset
	tiff = order.AppendUint16(tiff, 2) // its entries
	for _, entry := range []struct{ tag, value uint16 }{{0x0100, 77}, {0x0112, orientation}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, entry.tag), 3) // a 16-bit number
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, entry.value), 0)
	}
	if bytes.HasPrefix(file, []byte("\x89PNG")) {
		chunk := append([]byte("eXIf"), tiff...)
		chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk))
		const header = 8 + 8 + 13 + 4
		return bytes.Join([][]byte{file[:header], binary.BigEndian.AppendUint32(nil, uint32(len(tiff))), chunk, file[header:]}, nil)
	}
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, markerAPP1}, uint16(len(body)+2))
	return bytes.Join([][]byte{file[:2], segment, body, file[2:]}, nil)
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func encodeGIF(t testing.TB, frames ...*image.Paletted) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &gif.GIF{Image: frames, Delay: make([]int, len(frames))}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
