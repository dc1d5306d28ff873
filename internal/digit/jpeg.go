package digit

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// JPEG markers (ITU-T T.81, table B.1).
const (
	markerSOF0 = 0xc0 // start of frame: baseline
	markerSOF1 = 0xc1 // start of frame: extended sequential
	markerRST0 = 0xd0 // the first of those without a segment
	markerEOI  = 0xd9 // the last of those
	markerSOS  = 0xda // start of scan
	markerAPP1 = 0xe1 // where cameras write Exif
)

// segments yields the marker and the body of each segment before the first
// scan of a JPEG file. It ends early where a file departs from the standard.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		data = data[min(2, len(data)):] // the start of image
		for len(data) >= 4 && data[0] == 0xff {
			marker, end := data[1], 2+int(binary.BigEndian.Uint16(data[2:]))
			bare := marker < markerSOF0 || marker >= markerRST0 && marker <= markerEOI
			if bare || marker == markerSOS || end < 4 || end > len(data) || !yield(marker, data[4:end]) {
				return
			}
			data = data[end:]
		}
	}
}

// sequential reports whether a JPEG file certainly is not progressive.
func sequential(data []byte) bool {
	for marker := range segments(data) {
		if marker == markerSOF0 || marker == markerSOF1 {
			return true
		}
	}
	return false
}

// orientation returns how the camera was held, 1 to 8, as the Exif data of a
// JPEG file says (Exif 2.3, tag 0x0112), or 1, upright, if it says nothing.
func orientation(data []byte) int {
	for marker, body := range segments(data) {
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && marker == markerAPP1 {
			return tiffOrientation(tiff)
		}
	}
	return 1
}

// tiffOrientation looks for the tag in the first directory of a TIFF file: a
// count, then entries of 12 bytes, each a tag, a type, a count and a value.
func tiffOrientation(tiff []byte) int {
	const tagOrientation = 0x0112
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	start := uint64(order.Uint32(tiff[4:]))
	if start+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == tagOrientation {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
		}
		entries = entries[12:]
	}
	return 1
}
