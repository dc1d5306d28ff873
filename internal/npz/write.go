package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
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
		// NumPy writes size and checksum in front of the content, for readers
		// that do not read the zip file's directory. So does Write.
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

// encode returns data as an npy file of version 1.0. The elements start at a
// multiple of 64 bytes, as the format wants.
func encode(data any) []byte {
	descr, shape, elements := "<f8", "", data
	switch data := data.(type) {
	case []byte:
		descr, shape = "|u1", fmt.Sprintf("(%d,)", len(data))
	case []float64:
		shape = fmt.Sprintf("(%d,)", len(data))
	case *mat.Dense:
		rows, columns := data.Dims()
		shape, elements = fmt.Sprintf("(%d, %d)", rows, columns), mat.DenseCopyOf(data).RawMatrix().Data
	default:
		panic(fmt.Sprintf("npz: Write of %T, want *mat.Dense, []float64 or []byte", data))
	}
	dictionary := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	const before, newline = len(magic) + 4, 1
	padding := 64 - (before+len(dictionary)+newline)%64
	file := binary.LittleEndian.AppendUint16([]byte(magic+"\x01\x00"), uint16(len(dictionary)+padding+newline))
	file = append(file, dictionary+strings.Repeat(" ", padding)+"\n"...)
	file, err := binary.Append(file, binary.LittleEndian, elements)
	if err != nil {
		panic(err) // only for other types
	}
	return file
}
