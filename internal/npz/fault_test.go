package npz

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fault is a file that must be refused.
type fault struct {
	name string
	file []byte
	want string // the error, which goes on with what zip says if it ends in ": "
}

func faults() []fault {
	good := npyFile("<f8", "(3,)", make([]byte, 24))
	one := func(content []byte) []byte { return zipOf(stored("x.npy", content)) }
	with := func(p part, change func(*part)) []byte {
		change(&p)
		return zipOf(p)
	}
	dict := func(text string) []byte { return one(npyOf(text, make([]byte, 24))) }
	whole := one(good)

	// The second entry of the directory leads to the bytes of the first.
	shared := zipOf(stored("x.npy", good), stored("y.npy", good))
	second := bytes.LastIndex(shared, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(shared[second+42:], 0)

	within := stored("x.npy", good)
	within.compressed += 60
	within.size += 60

	list := []fault{
		{"no bytes", nil, `not an npz file: it starts with "", want a zip file as np.savez makes it`},
		{"text", []byte("<!DOCTYPE html>"), `not an npz file: it starts with "<!DOCT", want a zip file as np.savez makes it`},
		{"an npy file", good, "a single array (.npy), want a file of named arrays (.npz): np.savez makes one"},
		{"half a zip file", whole[:len(whole)/2], "a broken zip file, perhaps cut off: "},
		{"no start", whole[1:], `array "x" is not where the zip file's directory says: `},
		{"one within the other", zipOf(within, stored("y.npy", good)), `arrays "x" and "y" overlap`},
		{"two at one place", shared, `arrays "x" and "y" overlap`},
		{"a file of another kind", zipOf(stored("x.txt", good)), `holds "x.txt", which is no array: want names that end in .npy`},
		{"the same name twice", zipOf(stored("x.npy", good), stored("x.npy", good)), `holds the array "x" twice`},
		{"longer than the file", with(stored("x.npy", good), func(p *part) { p.compressed = 1 << 20 }),
			`array "x": the zip file's directory says 1048576 bytes from byte 35 on, the file has 200: cut off`},
		{"longer than any file", with(stored("x.npy", good), func(p *part) { p.compressed = 1<<64 - 1 }),
			`array "x": the zip file's directory says 18446744073709551615 bytes from byte 35 on, the file has 228: cut off`},
		{"CRC", with(stored("x.npy", good), func(p *part) { p.crc++ }),
			`array "x" is damaged: its bytes are not those of its checksum: zip: checksum error`},
		{"CRC of zero", with(stored("x.npy", good), func(p *part) { p.crc = 0 }),
			`array "x" is damaged: its bytes are not those of its checksum: zip: checksum error`},
		{"CRC of deflated", with(deflated("x.npy", good), func(p *part) { p.crc++ }),
			`array "x" is damaged: its bytes are not those of its checksum: zip: checksum error`},
		{"compressed by bzip2", with(stored("x.npy", good), func(p *part) { p.method = 12 }),
			`array "x" is compressed by method 12, want 0 (np.savez) or 8 (np.savez_compressed): zip: unsupported compression algorithm`},
		{"not deflated", with(stored("x.npy", good), func(p *part) { p.method = 8 }), `array "x" ends within its header`},
		{"half of deflated", with(deflated("x.npy", good), func(p *part) { p.compressed, p.content = 30, p.content[:30] }),
			`array "x" ends within its header`},
		{"noise", with(deflated("x.npy", good), func(p *part) { p.content[0] |= 6 }), `array "x" is damaged: flate: corrupt input before offset 1`},
		{"more than its entry", with(stored("x.npy", npyFile("<f8", "(4,)", make([]byte, 24))), func(p *part) { p.size += 8 }),
			`array "x" is damaged: it ends before the size that the zip file's directory gives: unexpected EOF`},
		{"less than its entry", with(stored("x.npy", npyFile("<f8", "(2,)", make([]byte, 24))), func(p *part) { p.size -= 8 }),
			`array "x" is damaged: it goes on after the size that the zip file's directory gives: zip: not a valid zip file`},
		{"a bomb, or a lie, of a terabyte", with(deflated("x.npy", npyFile("|u1", "(1099511627776,)", nil)), func(p *part) { p.size += 1 << 40 }),
			`array "x" expands from 84 bytes to 1099511627856, more than 100 times: want less, or np.savez, which does not compress`},

		{"no npy file", one([]byte("hello, world")), `array "x" starts with "hello,", want "\x93NUMPY"`},
		{"an empty entry", one(nil), `array "x" ends within its header`},
		{"version 1.1", one([]byte(magic + "\x01\x01" + "\x00\x00")), `array "x" has version 1.1 of the npy format, want 1.0, 2.0 or 3.0`},
		{"version 4", one([]byte(magic + "\x04\x00" + "\x00\x00")), `array "x" has version 4.0 of the npy format, want 1.0, 2.0 or 3.0`},
		{"version 0", one([]byte(magic + "\x00\x00" + "\x00\x00")), `array "x" has version 0.0 of the npy format, want 1.0, 2.0 or 3.0`},
		{"half a length", one([]byte(magic + "\x02\x00" + "\x10\x00")), `array "x" ends within its header`},
		{"a header of 4 GiB", one([]byte(magic + "\x02\x00" + "\xff\xff\xff\xff")), `array "x" has a header of 4294967295 bytes, want at most 10000`},
		{"half a header", one(good[:20]), `array "x" ends within its header`},
		{"no dictionary", dict("()"), `array "x" has the header "()\n", want {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`},
		{"no shape", dict("{'descr': '<f8', 'fortran_order': False, }"),
			`array "x" has the header "{'descr': '<f8', 'fortran_order': False, }\n", want {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`},
		{"order of 1", dict("{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}"),
			`array "x" has the header "{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}\n", want {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`},
	}
	for _, shape := range []string{"(3)", "(-3,)", "(-1, -3)", "(3.0,)", "(three,)", "(,)", "(3,,)", "(99999999999999999999,)"} {
		list = append(list, fault{"shape " + shape, one(npyFile("<f8", shape, make([]byte, 24))),
			`array "x" has the shape "` + shape + `", want the size of each dimension, 0 or more`})
	}
	for shape, want := range map[string]string{
		"(4,)":                        `has shape (4,), 32 bytes, but holds 24`,
		"(2,)":                        `has shape (2,), 16 bytes, but holds 24`,
		"()":                          `has shape (), 8 bytes, but holds 24`,
		"(0, 3)":                      `has shape (0, 3), 0 bytes, but holds 24`,
		"(134217728, 1)":              `has shape (134217728, 1), 1073741824 bytes, but holds 24`,
		"(4611686018427387904, 4, 3)": `has shape (4611686018427387904, 4, 3), more than there can be`, // 0 in 64 bits
		"(6148914691236517206, 1)":    `has shape (6148914691236517206, 1), more than there can be`,    // 3·8 more than 2⁶⁴
		"(0, 4611686018427387904, 4)": `has shape (0, 4611686018427387904, 4), more than there can be`,
	} {
		list = append(list, fault{"shape " + shape, one(npyFile("<f8", shape, make([]byte, 24))), `array "x" ` + want})
	}
	for descr, want := range map[string]string{
		"|f8": `the type "|f8"`, "f8": `the type "f8"`, "=f8": `the type "=f8"`, "<": `the type "<"`, "": `the type "''"`,
		"|O": "", "<f16": `the type "<f16"`, "<i8": "int64", "<f4": "",
	} {
		text := `array "x" holds ` + want + `, want float32 or float64`
		switch descr {
		case "|O":
			text = `array "x" holds Python objects, a pickle, which is never read: want float32 or float64`
		case "<f4":
			text = `array "x" has shape (3,), 12 bytes, but holds 24`
		}
		list = append(list, fault{"type " + descr, one(npyFile(descr, "(3,)", make([]byte, 24))), text})
	}
	return list
}

func TestFaults(t *testing.T) {
	for _, test := range faults() {
		_, _, err := readBytes(test.file)
		got := errorText(err)
		switch {
		case err == nil:
			t.Errorf("%s: no error", test.name)
		case strings.HasSuffix(test.want, ": "):
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("%s:\ngot  %s\nwant %s…", test.name, got, test.want)
			}
		case got != test.want:
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
		if strings.Contains(got, "\n") {
			t.Errorf("%s: more than one line: %s", test.name, got)
		}
	}
}

// The path is in front of each error, once.
func TestErrorsNameTheFile(t *testing.T) {
	folder := t.TempDir()
	for _, test := range faults() {
		path := filepath.Join(folder, "case.npz")
		if err := os.WriteFile(path, test.file, 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			_, _, err = f.Floats("x")
			f.Close()
		}
		if got := errorText(err); strings.Count(got, path) != 1 || !strings.HasPrefix(got, path+": ") {
			t.Errorf("%s: %s does not start with %s, or goes on with it", test.name, got, path)
		}
	}
	for _, path := range []string{folder, filepath.Join(folder, "missing.npz")} {
		if _, err := Open(path); err == nil || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
