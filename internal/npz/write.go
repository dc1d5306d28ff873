package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"codeberg.org/sbinet/npyio/npy"
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
		if err := writeEntry(archive, a.Name+".npy", encode(a.Data)); err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeEntry writes the size and the checksum in front of the content, as NumPy
// does, for readers that do not look them up in the zip file's directory.
func writeEntry(archive *zip.Writer, name string, content []byte) error {
	size := uint64(len(content))
	entry, err := archive.CreateRaw(&zip.FileHeader{
		Name:               name,
		CreatorVersion:     20,
		ReaderVersion:      20,    // 2.0 of the zip format
		Flags:              0x800, // the name is UTF-8
		Method:             zip.Store,
		CRC32:              crc32.ChecksumIEEE(content),
		CompressedSize64:   size,
		UncompressedSize64: size,
	})
	if err != nil {
		return err
	}
	_, err = entry.Write(content)
	return err
}

// encode returns an npy file.
func encode(data any) []byte {
	switch data := data.(type) {
	case []byte:
		return append(npyHeader("|u1", fmt.Sprintf("(%d,)", len(data))), data...)
	case []float64:
		return appendFloats(npyHeader("<f8", fmt.Sprintf("(%d,)", len(data))), data)
	case *mat.Dense:
		rows, columns := data.Dims()
		file := npyHeader("<f8", fmt.Sprintf("(%d, %d)", rows, columns))
		for i := range rows {
			file = appendFloats(file, data.RawRowView(i))
		}
		return file
	}
	panic(fmt.Sprintf("npz: Write of %T, want *mat.Dense, []float64 or []byte", data))
}

// npyHeader returns a header of version 1.0. The data after it start at a
// multiple of 64 bytes, as the format wants and npyio does not have it.
func npyHeader(descr, shape string) []byte {
	dictionary := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	const before, newline = len(npy.Magic) + 4, 1
	padding := (64 - (before+len(dictionary)+newline)%64) % 64
	file := append(npy.Magic[:len(npy.Magic):len(npy.Magic)], 1, 0)
	file = binary.LittleEndian.AppendUint16(file, uint16(len(dictionary)+padding+newline))
	return append(file, dictionary+strings.Repeat(" ", padding)+"\n"...)
}

func appendFloats(file []byte, values []float64) []byte {
	for _, v := range values {
		file = binary.LittleEndian.AppendUint64(file, math.Float64bits(v))
	}
	return file
}
