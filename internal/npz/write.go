package npz

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"hash"
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
		if err := writeEntry(archive, a); err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeEntry writes the size and the checksum in front of the content, as NumPy
// does, for readers that do not look them up in the zip file's directory. The
// content is encoded twice, which takes no memory.
func writeEntry(archive *zip.Writer, a Array) error {
	m := measure{Hash32: crc32.NewIEEE()}
	if err := encode(&m, a.Data); err != nil {
		return err
	}
	entry, err := archive.CreateRaw(&zip.FileHeader{
		Name:               a.Name + ".npy",
		CreatorVersion:     20,
		ReaderVersion:      20,    // 2.0 of the zip format
		Flags:              0x800, // the name is UTF-8
		Method:             zip.Store,
		CRC32:              m.Sum32(),
		CompressedSize64:   m.size,
		UncompressedSize64: m.size,
	})
	if err != nil {
		return err
	}
	return encode(entry, a.Data)
}

// measure finds the size and the checksum of what is written to it.
type measure struct {
	hash.Hash32
	size uint64
}

func (m *measure) Write(p []byte) (int, error) {
	m.size += uint64(len(p))
	return m.Hash32.Write(p)
}

// encode writes an npy file.
func encode(w io.Writer, data any) error {
	file := bufio.NewWriter(w)
	switch data := data.(type) {
	case []byte:
		file.Write(npyHeader("|u1", fmt.Sprintf("(%d,)", len(data))))
		file.Write(data)
	case []float64:
		file.Write(npyHeader("<f8", fmt.Sprintf("(%d,)", len(data))))
		writeFloats(file, data)
	case *mat.Dense:
		rows, columns := data.Dims()
		file.Write(npyHeader("<f8", fmt.Sprintf("(%d, %d)", rows, columns)))
		for i := range rows {
			writeFloats(file, data.RawRowView(i))
		}
	default:
		panic(fmt.Sprintf("npz: Write of %T, want *mat.Dense, []float64 or []byte", data))
	}
	return file.Flush() // which returns the first error
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

func writeFloats(file *bufio.Writer, values []float64) {
	for _, v := range values {
		file.Write(binary.LittleEndian.AppendUint64(file.AvailableBuffer(), math.Float64bits(v)))
	}
}
