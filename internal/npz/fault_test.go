package npz

import (
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

	within := stored("x.npy", good)
	within.compressed += 60
	within.size += 60

	list := []fault{
		{"no bytes", nil, `not an npz file: it starts with "", want a zip file as np.savez makes it`},
		{"text", []byte("<!DOCTYPE html>"), `not an npz file: it starts with "<!DOCT", want a zip file as np.savez makes it`},
		{"an npy file", good, "a single array (.npy), want a file of named arrays (.npz): np.savez makes one"},
		{"half a zip file", whole[:len(whole)/2], "a broken zip file, perhaps cut off: "},
		{"no start", whole[1:], `array "x" is not where the zip file's directory says: `},
		{"one within the other", zipOf(within, stored("y.npy", good)), `array "x" has shape [3], 24 bytes, but holds 84`},
		{"a file of another kind", zipOf(stored("x.txt", good)), `holds "x.txt", which is no array: want names that end in .npy`},
		{"the same name twice", zipOf(stored("x.npy", good), stored("x.npy", good)), `holds the array "x" twice`},
		{"longer than the file", with(stored("x.npy", good), func(p *part) { p.compressed = 1 << 20 }),
			`array "x" is damaged: the zip file's directory gives another size: zip: not a valid zip file`},
		{"longer than any file", with(stored("x.npy", good), func(p *part) { p.compressed = 1<<64 - 1 }),
			`array "x" is damaged: the zip file's directory gives another size: zip: not a valid zip file`},
		{"CRC", with(stored("x.npy", good), func(p *part) { p.crc++ }),
			`array "x" is damaged: its bytes are not those of its checksum: zip: checksum error`},
		{"CRC of zero", with(stored("x.npy", good), func(p *part) { p.crc = 0 }),
			`array "x" is damaged: its bytes are not those of its checksum: zip: checksum error`},
		{"CRC of deflated", with(deflated("x.npy", good), func(p *part) { p.crc++ }),
			`array "x" is damaged: its bytes are not those of its checksum: zip: checksum error`},
		{"compressed by bzip2", with(stored("x.npy", good), func(p *part) { p.method = 12 }),
			`array "x" is compressed as neither np.savez nor np.savez_compressed does it: zip: unsupported compression algorithm`},
		{"not deflated", with(stored("x.npy", good), func(p *part) { p.method = 8 }),
			`array "x" is damaged: it ends before the size that the zip file's directory gives: unexpected EOF`},
		{"half of deflated", with(deflated("x.npy", good), func(p *part) { p.compressed, p.content = 30, p.content[:30] }),
			`array "x" is damaged: it ends before the size that the zip file's directory gives: unexpected EOF`},
		{"noise", with(deflated("x.npy", good), func(p *part) { p.content[0] |= 6 }), `array "x" is damaged: flate: corrupt input before offset 1`},
		{"more than its entry", with(stored("x.npy", npyFile("<f8", "(4,)", make([]byte, 24))), func(p *part) { p.size += 8 }),
			`array "x" is damaged: it ends before the size that the zip file's directory gives: unexpected EOF`},
		{"less than its entry", with(stored("x.npy", npyFile("<f8", "(2,)", make([]byte, 24))), func(p *part) { p.size -= 8 }),
			`array "x" is damaged: the zip file's directory gives another size: zip: not a valid zip file`},
		{"a bomb, or a lie, of a terabyte", with(deflated("x.npy", npyFile("|u1", "(1099511627776,)", nil)), func(p *part) { p.size += 1 << 40 }),
			`array "x" is damaged: it ends before the size that the zip file's directory gives: unexpected EOF`},

		{"no npy file", one([]byte("hello, world")), `array "x" has no header that is read here: npy: not a valid NumPy file format`},
		{"an empty entry", one(nil), `array "x" ends within its header`},
		{"version 1.1", one([]byte(magic + "\x01\x01" + "\x00\x00" + "\x00\x00")),
			`array "x" has no header that is read here: it is not like {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`},
		{"version 4", one([]byte(magic + "\x04\x00" + "\x00\x00" + "\x00\x00")), `array "x" has no header that is read here: npy: invalid major version number (4)`},
		{"version 0", one([]byte(magic + "\x00\x00" + "\x00\x00" + "\x00\x00")), `array "x" has no header that is read here: npy: invalid major version number (0)`},
		{"half a length", one([]byte(magic + "\x02\x00" + "\x10\x00")), `array "x" ends within its header`},
		{"a header of 4 GiB", one([]byte(magic + "\x02\x00" + "\xff\xff\xff\xff")), `array "x" has a header of 4294967307 bytes, want at most 10000`},
		{"half a header", one(good[:20]), `array "x" ends within its header`},
		{"no dictionary", dict("()"), `array "x" has no header that is read here: npy: invalid dictionary format`},
		{"no shape", dict("{'descr': '<f8', 'fortran_order': False, }"),
			`array "x" has no header that is read here: npy: invalid dictionary format`},
		{"order of 1", dict("{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}"),
			`array "x" has no header that is read here: npy: invalid 'fortran_order' value (1)`},
	}
	for shape, want := range map[string]string{
		"(3.0,)":                  `strconv.Atoi: parsing "3.0": invalid syntax`,
		"(three,)":                `strconv.Atoi: parsing "three": invalid syntax`,
		"(99999999999999999999,)": `strconv.Atoi: parsing "99999999999999999999": value out of range`,
	} {
		list = append(list, fault{"shape " + shape, one(npyFile("<f8", shape, make([]byte, 24))), `array "x" has no header that is read here: ` + want})
	}
	for shape, want := range map[string]string{
		"(-3,)":                       `has shape [-3], want the size of each dimension, 0 or more`,
		"(-1, -3)":                    `has shape [-1 -3], want the size of each dimension, 0 or more`,
		"(4,)":                        `has shape [4], 32 bytes, but holds 24`,
		"(2,)":                        `has shape [2], 16 bytes, but holds 24`,
		"()":                          `has shape [], 8 bytes, but holds 24`,
		"(0, 3)":                      `has shape [0 3], 0 bytes, but holds 24`,
		"(134217728, 1)":              `has shape [134217728 1], 1073741824 bytes, but holds 24`,
		"(4611686018427387904, 4, 3)": `has shape [4611686018427387904 4 3], 442721857769029238784 bytes, but holds 24`, // 0 in 64 bits
		"(6148914691236517206, 1)":    `has shape [6148914691236517206 1], 49191317529892134912 bytes, but holds 24`,    // 3·8 more than 2⁶⁴
		"(0, 4611686018427387904, 4)": `has shape [0 4611686018427387904 4], 0 bytes, but holds 24`,
	} {
		list = append(list, fault{"shape " + shape, one(npyFile("<f8", shape, make([]byte, 24))), `array "x" ` + want})
	}
	for descr, want := range map[string]string{
		"|f8": `the type "|f8"`, "f8": `the type "f8"`, "=f8": `the type "=f8"`, "<": `the type "<"`, "": `the type ""`,
		"|O": "", "<f16": `the type "<f16"`, "<i8": "int64", "<f4": "",
	} {
		text := `array "x" holds ` + want + `, want float32 or float64`
		switch descr {
		case "|O":
			text = `array "x" holds object, want float32 or float64`
		case "<f4":
			text = `array "x" has shape [3], 12 bytes, but holds 24`
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
	for path, want := range map[string]string{
		folder:                               "open " + folder + ": is not a regular file",
		os.DevNull:                           "open " + os.DevNull + ": is not a regular file",
		filepath.Join(folder, "missing.npz"): "stat " + folder + "/missing.npz: no such file or directory",
	} {
		if _, err := Open(path); errorText(err) != want {
			t.Errorf("%s: error %v, want %s", path, err, want)
		}
	}
}
