package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// An Array is an array to be written.
type Array struct {
	Name string
	Data any // *mat.Dense [r×c], []float64 [n] or []byte [n]
}

// Write writes arrays as an npz file, in float64 or uint8, not compressed.
// Equal arrays give equal bytes. It panics if the data are of another type.
func Write(w io.Writer, arrays ...Array) error {
	archive := zip.NewWriter(w)
	for _, a := range arrays {
		content := encode(a.Data)
		// Size and checksum stand in front of the content, as NumPy writes them,
		// for readers that do not look into the zip file's directory.
		entry, err := archive.CreateRaw(&zip.FileHeader{
			Name:               a.Name + ".npy",
			CreatorVersion:     20,
			ReaderVersion:      20,    // 2.0 of the zip format
			Flags:              0x800, // the name is UTF-8
			Method:             zip.Store,
			CRC32:              crc32.ChecksumIEEE(content),
			CompressedSize64:   uint64(len(content)),
			UncompressedSize64: uint64(len(content)),
		})
		if err != nil {
			return err
		}
		if _, err := entry.Write(content); err != nil {
			return err
		}
	}
	return archive.Close()
}

// encode returns data as an npy file.
func encode(data any) []byte {
	switch data := data.(type) {
	case []byte:
		return append(npyHeader("|u1", fmt.Sprintf("(%d,)", len(data)), len(data)), data...)
	case []float64:
		return appendFloats(npyHeader("<f8", fmt.Sprintf("(%d,)", len(data)), 8*len(data)), data)
	case *mat.Dense:
		rows, columns := data.Dims()
		file := npyHeader("<f8", fmt.Sprintf("(%d, %d)", rows, columns), 8*rows*columns)
		for i := range rows {
			file = appendFloats(file, data.RawRowView(i))
		}
		return file
	}
	panic(fmt.Sprintf("npz: Write of %T, want *mat.Dense, []float64 or []byte", data))
}

// npyHeader returns a header of version 1.0, with capacity for the data. The
// data start at a multiple of 64 bytes, as the format wants.
func npyHeader(descr, shape string, dataSize int) []byte {
	dictionary := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	const before, newline = len(magic) + 4, 1
	padding := (64 - (before+len(dictionary)+newline)%64) % 64
	length := len(dictionary) + padding + newline
	file := append(make([]byte, 0, before+length+dataSize), magic+"\x01\x00"...)
	file = binary.LittleEndian.AppendUint16(file, uint16(length))
	return append(file, dictionary+strings.Repeat(" ", padding)+"\n"...)
}

func appendFloats(file []byte, values []float64) []byte {
	for _, v := range values {
		file = binary.LittleEndian.AppendUint64(file, math.Float64bits(v))
	}
	return file
}
