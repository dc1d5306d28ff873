package npz

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// The files in testdata are NumPy's: make.py there writes them.

func openFile(t *testing.T, name string) *File {
	t.Helper()
	return openPath(t, "testdata/"+name)
}

func openPath(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// matrix is FLOATS of make.py.
var matrix = []float64{0, -1.5, 1e-3, math.Pi, -1e30, 6}

func TestTypes(t *testing.T) {
	for _, name := range []string{"types.npz", "compressed.npz"} {
		f := openFile(t, name)
		for dtype, ends := range map[string][2]int{
			"bool":   {0, 1},
			"int8":   {math.MinInt8, math.MaxInt8},
			"int16":  {math.MinInt16, math.MaxInt16},
			"int32":  {math.MinInt32, math.MaxInt32},
			"int64":  {math.MinInt64, math.MaxInt64},
			"uint8":  {0, math.MaxUint8},
			"uint16": {0, math.MaxUint16},
			"uint32": {0, math.MaxUint32},
			"uint64": {0, 1},
		} {
			for _, suffix := range []string{"", "_big"} {
				checkInts(t, f, dtype+suffix, []int{1, 0, ends[0], ends[1]}, []int{4})
				checkType(t, f, dtype+suffix, dtype, []int{4})
			}
		}
		single := make([]float64, len(matrix))
		for i, v := range matrix {
			single[i] = float64(float32(v))
		}
		for _, suffix := range []string{"", "_big", "_fortran"} {
			checkFloats(t, f, "float64"+suffix, matrix, []int{2, 3})
			checkFloats(t, f, "float32"+suffix, single, []int{2, 3})
			checkType(t, f, "float32"+suffix, "float32", []int{2, 3})
		}
		data, _, err := f.Bytes("uint8")
		if err != nil || string(data) != "\x01\x00\x00\xff" {
			t.Errorf("%s: uint8 as bytes is % x, %v", name, data, err)
		}
	}
}

func TestShapes(t *testing.T) {
	f := openFile(t, "shapes.npz")
	upTo24 := make([]float64, 24)
	for i := range upTo24 {
		upTo24[i] = float64(i)
	}
	checkFloats(t, f, "scalar", []float64{2.5}, nil)
	checkFloats(t, f, "one", []float64{2.5}, []int{1})
	checkFloats(t, f, "empty", nil, []int{0, 3})
	checkFloats(t, f, "cube", upTo24, []int{2, 3, 4})
	checkFloats(t, f, "cube_fortran", upTo24, []int{2, 3, 4})
	checkFloats(t, f, "slice", []float64{1, 3, 5, 13, 15, 17}, []int{2, 3})
	checkInts(t, f, "labels_fortran", []int{0, 1, 2, 3, 4, 5}, []int{2, 3})
}

func TestVersions(t *testing.T) {
	f := openFile(t, "versions.npz")
	for _, name := range []string{"v1", "v2"} {
		checkFloats(t, f, name, matrix, []int{2, 3})
	}
	_, _, err := f.Floats("v3")
	want := `testdata/versions.npz: array "v3" has no header that is read here: npy: invalid major version number (3)`
	if errorText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNames(t *testing.T) {
	f := openFile(t, "names.npz")
	want := []string{"ß", "重み", "a/b", "with space"}
	if got := f.Names(); !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	for i, name := range want {
		checkFloats(t, f, name, slices.Repeat([]float64{1}, i+1), []int{i + 1})
	}
	if f.Has("nobody") || !f.Has("ß") {
		t.Error("Has is wrong")
	}
	if names := openFile(t, "nothing.npz").Names(); len(names) != 0 {
		t.Errorf("an empty file has the names %q", names)
	}
}

// Zeros compress 700 times and more. They are no bomb.
func TestZeros(t *testing.T) {
	f := openFile(t, "zeros.npz")
	checkFloats(t, f, "W1", make([]float64, 784*50), []int{784, 50})
	checkInts(t, f, "t", make([]int, 100_000), []int{100_000})
}

// The types that are not read, by the name of the array.
func TestRefusedTypes(t *testing.T) {
	f := openFile(t, "refused.npz")
	for _, test := range []struct{ array, floats, ints string }{
		{"objects", "holds object, want float32 or float64",
			"holds object, want integers or bool"},
		{"text", "holds the type \"<U3\", want float32 or float64", "holds the type \"<U3\", want integers or bool"},
		{"bytes", "holds the type \"|S3\", want float32 or float64", "holds the type \"|S3\", want integers or bool"},
		{"half", "holds float16, want float32 or float64", "holds float16, want integers or bool"},
		{"complex", "holds the type \"<c16\", want float32 or float64", "holds the type \"<c16\", want integers or bool"},
		{"dates", "holds the type \"<M8[D]\", want float32 or float64", "holds the type \"<M8[D]\", want integers or bool"},
		{"record", "holds the type \"[('a', '<i4'), ('b', '<f8')]\", want float32 or float64",
			"holds the type \"[('a', '<i4'), ('b', '<f8')]\", want integers or bool"},
		{"large", "holds uint64, want float32 or float64",
			"holds 9223372036854775808, more than an int can hold"},
		{"float64", "", "holds float64, want integers or bool"},
		{"int64", "holds int64, want float32 or float64", ""},
	} {
		_, _, err := f.Floats(test.array)
		checkRefused(t, test.array+" as floats", err, test.array, test.floats)
		_, _, err = f.Ints(test.array)
		checkRefused(t, test.array+" as integers", err, test.array, test.ints)
		_, _, err = f.Bytes(test.array)
		if err == nil {
			t.Errorf("%s as bytes: no error", test.array)
		}
	}
	_, _, err := f.Floats("W1")
	want := `testdata/refused.npz: has no array "W1", only "objects text bytes half complex dates record large float64 int64"`
	if err == nil || err.Error() != want {
		t.Errorf("a missing array:\ngot  %v\nwant %v", err, want)
	}
}

func checkRefused(t *testing.T, what string, err error, array, want string) {
	t.Helper()
	if want != "" {
		want = fmt.Sprintf("testdata/refused.npz: array %q %s", array, want)
	}
	if got := errorText(err); got != want {
		t.Errorf("%s:\ngot  %s\nwant %s", what, got, want)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func checkFloats(t *testing.T, f *File, name string, want []float64, wantShape []int) {
	t.Helper()
	got, shape, err := f.Floats(name)
	if err != nil {
		t.Error(err)
	} else if !slices.Equal(got, want) || !slices.Equal(shape, wantShape) {
		t.Errorf("%s: got %v of shape %v, want %v of %v", name, got, shape, want, wantShape)
	}
}

func checkInts(t *testing.T, f *File, name string, want, wantShape []int) {
	t.Helper()
	got, shape, err := f.Ints(name)
	if err != nil {
		t.Error(err)
	} else if !slices.Equal(got, want) || !slices.Equal(shape, wantShape) {
		t.Errorf("%s: got %v of shape %v, want %v of %v", name, got, shape, want, wantShape)
	}
}

func checkType(t *testing.T, f *File, name, want string, wantShape []int) {
	t.Helper()
	got, shape, err := f.Describe(name)
	if err != nil {
		t.Error(err)
	} else if got != want || !slices.Equal(shape, wantShape) {
		t.Errorf("%s: described as %s %v, want %s %v", name, got, shape, want, wantShape)
	}
}
