package npz

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"
)

// part is an entry of a zip file that a test makes, with what its directory
// says of it.
type part struct {
	name             string
	content          []byte // as it is in the file
	method           uint16
	crc              uint32
	compressed, size uint64
}

// stored is an entry as np.savez makes it.
func stored(name string, content []byte) part {
	n := uint64(len(content))
	return part{name, content, zip.Store, crc32.ChecksumIEEE(content), n, n}
}

// deflated is an entry as np.savez_compressed makes it.
func deflated(name string, content []byte) part {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		panic(err)
	}
	w.Write(content)
	w.Close()
	return part{name, b.Bytes(), zip.Deflate, crc32.ChecksumIEEE(content), uint64(b.Len()), uint64(len(content))}
}

// zipOf makes a zip file of parts, also of such as contradict themselves.
func zipOf(parts ...part) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		entry, err := w.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: p.method, CRC32: p.crc,
			CompressedSize64: p.compressed, UncompressedSize64: p.size,
		})
		if err != nil {
			panic(err)
		}
		entry.Write(p.content)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const magic = "\x93NUMPY"

// npyOf makes an npy file of version 1.0.
func npyOf(dictionary string, data []byte) []byte {
	file := []byte(magic + "\x01\x00")
	file = binary.LittleEndian.AppendUint16(file, uint16(len(dictionary)+1))
	return append(append(append(file, dictionary...), '\n'), data...)
}

// npyFile makes one of a type and shape.
func npyFile(descr, shape string, data []byte) []byte {
	return npyOf(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape), data)
}

// readBytes opens the bytes of a file and reads array x of it as floats.
func readBytes(file []byte) ([]float64, []int, error) {
	f, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, nil, err
	}
	return f.Floats("x")
}

func TestMadeFiles(t *testing.T) {
	content := npyFile("<f8", "(3,)", make([]byte, 24))
	for name, p := range map[string]part{"stored": stored("x.npy", content), "deflated": deflated("x.npy", content)} {
		data, shape, err := readBytes(zipOf(p))
		if err != nil || len(data) != 3 || len(shape) != 1 || shape[0] != 3 {
			t.Errorf("%s: got %v of shape %v, %v", name, data, shape, err)
		}
	}
}
