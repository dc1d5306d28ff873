package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

var small = []Array{{"b", []float64{1, -0.5}}, {"meta", []byte("{}")}}

// NumPy encodes the same arrays to the same bytes.
func TestEncode(t *testing.T) {
	for _, test := range []struct {
		path, name string
		data       any
	}{
		{"testdata/shapes.npz", "one", []float64{2.5}},
		{"testdata/shapes.npz", "slice", mat.NewDense(2, 3, []float64{1, 3, 5, 13, 15, 17})},
		{"testdata/types.npz", "float64", mat.NewDense(2, 3, matrix)},
		{"testdata/types.npz", "uint8", []byte{1, 0, 0, 255}},
	} {
		archive, err := zip.OpenReader(test.path)
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		want, err := fs.ReadFile(archive, test.name+".npy")
		if err != nil {
			t.Fatal(err)
		}
		if got := encode(test.data); !bytes.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, want)
		}
	}
}

// The bytes do not change. Python's zipfile and NumPy read testdata/written.npz.
func TestWrittenBytes(t *testing.T) {
	want, err := os.ReadFile("testdata/written.npz")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := write(t, small...); !bytes.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	w := mat.NewDense(2, 3, []float64{0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.MaxFloat64, math.Inf(1), math.NaN()})
	wide := mat.NewDense(4, 5, nil)
	wide.Apply(func(i, j int, _ float64) float64 { return float64(10*i + j) }, wide)
	file := write(t,
		Array{"w", w}, Array{"view", wide.Slice(1, 3, 2, 5)},
		Array{"empty", []float64{}}, Array{"text", []byte("{}\n\x00\xff")}, Array{"none", []byte{}})
	f, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Names(), []string{"w", "view", "empty", "text", "none"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	checkFloats(t, f, "view", []float64{12, 13, 14, 22, 23, 24}, []int{2, 3})
	checkFloats(t, f, "empty", nil, []int{0})
	checkInts(t, f, "text", []int{'{', '}', '\n', 0, 255}, []int{5})
	checkInts(t, f, "none", nil, []int{0})
	data, shape, err := f.Floats("w")
	if err != nil || !slices.Equal(shape, []int{2, 3}) || !sameBits(data, w.RawMatrix().Data) {
		t.Errorf("got %v of shape %v, %v, want %v of 2×3, to the bit", data, shape, err, w.RawMatrix().Data)
	}
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func write(t testing.TB, arrays ...Array) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, arrays...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Each write that the writer makes can fail.
func TestWriteFails(t *testing.T) {
	full := errors.New("no space left on device")
	whole := write(t, small...)
	for room := range len(whole) {
		if err := Write(&limited{room, full}, small...); !errors.Is(err, full) {
			t.Fatalf("with room for %d bytes of %d: error %v, want %v", room, len(whole), err, full)
		}
	}
	if err := Write(&limited{len(whole), full}, small...); err != nil {
		t.Errorf("with room for all: %v", err)
	}
}

// limited has room for so many bytes.
type limited struct {
	room int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(l.room, len(p))
	l.room -= n
	if n < len(p) {
		return n, l.err
	}
	return n, nil
}

// NumPy reads what is written here, and the other way round. NUMGRAD_NUMPY is a
// python3 that has NumPy.
func TestNumPy(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	folder := t.TempDir()
	values := []float64{0, math.Copysign(0, -1), math.Pi, math.MaxFloat64, math.Inf(-1), math.NaN(), math.SmallestNonzeroFloat64, 1. / 3}
	file := write(t, Array{"W", mat.NewDense(2, 4, values)}, Array{"b", values}, Array{"meta", []byte("{\"ß\": 1}")}, Array{"e", []float64{}})
	if err := os.WriteFile(filepath.Join(folder, "go.npz"), file, 0o666); err != nil {
		t.Fatal(err)
	}
	script := `
import numpy as np
p = np.load("go.npz")
for name in p:
    a = p[name]
    print(name, a.dtype, a.shape, a.tobytes().hex())
rng = np.random.default_rng(0)
a = rng.standard_normal((3, 4, 5))
np.savez("c.npz", a=a)
np.savez_compressed("f.npz", a=np.asfortranarray(a), b=np.asfortranarray(a.astype(">f8")))
`
	cmd := exec.Command(python, "-c", script)
	cmd.Dir = folder
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", python, err, got)
	}
	want := fmt.Sprintf("W float64 (2, 4) %[1]x\nb float64 (8,) %[1]x\nmeta uint8 (9,) %[2]x\ne float64 (0,) \n", littleEndian(values), "{\"ß\": 1}")
	if string(got) != want {
		t.Errorf("NumPy reads\n%swant\n%s", got, want)
	}

	c, f := openFile(t, filepath.Join(folder, "c.npz")), openFile(t, filepath.Join(folder, "f.npz"))
	plain, _, err := c.Floats("a")
	if err != nil || len(plain) != 60 {
		t.Fatalf("%d numbers, %v", len(plain), err)
	}
	checkFloats(t, f, "a", plain, []int{3, 4, 5})
	checkFloats(t, f, "b", plain, []int{3, 4, 5})
}

func littleEndian(values []float64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}
