package models

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"numgrad/internal/npz"
)

// arrayNames are those of a file of a model, in the order of FuzzLoad.
var arrayNames = []string{"W1", "b1", "W2", "b2", "meta", "loss"}

// FuzzLoad reads any bytes as the arrays of a model, each in npy's format. What
// is accepted is a whole net of finite weights, which comes back the same when
// it is written and read. The zip file around them has a fuzz target of its
// own in package npz.
func FuzzLoad(f *testing.F) {
	for _, path := range []string{"testdata/numpy.npz", "testdata/torch.npz", "testdata/transposed.npz"} {
		r, err := zip.OpenReader(path)
		if err != nil {
			f.Fatal(err)
		}
		defer r.Close()
		addArrays(f, &r.Reader)
	}
	file := encode(f, &Model{small(), []byte(`{"epochs": 17}`), []float64{2.3, 0.1}})
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		f.Fatal(err)
	}
	addArrays(f, r)

	f.Fuzz(func(t *testing.T, w1, b1, w2, b2, meta, loss []byte) {
		file := zipOf(t, w1, b1, w2, b2, meta, loss)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := parse(file)
		runtime.ReadMemStats(&after)
		if allocated := int(after.TotalAlloc - before.TotalAlloc); allocated > 10*len(file)+1<<20 {
			t.Fatalf("allocated %d bytes for a file of %d", allocated, len(file))
		}
		if err == nil {
			checkModel(t, m)
		} else if strings.Contains(err.Error(), "\n") {
			t.Fatalf("more than one line: %v", err)
		}
	})
}

func checkModel(t *testing.T, m *Model) {
	sizes, weights := m.Sizes(), 0
	for l, units := range sizes[1:] {
		weights += (sizes[l] + 1) * units
	}
	if slices.Min(sizes) < 1 || len(m.Vector) != weights {
		t.Fatalf("%d weights of a net of sizes %v", len(m.Vector), sizes)
	}
	for i, w := range m.Vector {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			t.Fatalf("weight %d is %v", i, w)
		}
	}
	again, err := parse(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, "written and read", again, m)
}

// addArrays adds the arrays of a file as a seed.
func addArrays(f *testing.F, r *zip.Reader) {
	f.Helper()
	contents := make([]any, len(arrayNames))
	for i, name := range arrayNames {
		contents[i] = []byte{}
		entry, err := r.Open(name + ".npy")
		if err != nil {
			continue // meta and loss may be missing
		}
		if contents[i], err = io.ReadAll(entry); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(contents...)
}

// zipOf makes a file of arrays, without those that are empty.
func zipOf(t *testing.T, contents ...[]byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, content := range contents {
		if len(content) == 0 {
			continue
		}
		entry, err := w.CreateHeader(&zip.FileHeader{Name: arrayNames[i] + ".npy", Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		entry.Write(content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encode(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npz.Write(&b, m.arrays()...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
