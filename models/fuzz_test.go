package models

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"numgrad/internal/npz"
)

// FuzzLoad reads any bytes as the arrays of a model, each in npy's format. A file
// that is accepted has a complete net of finite weights, and is the same after it
// is written and read. Package npz has a fuzz target of its own.
func FuzzLoad(f *testing.F) {
	names := []string{"W1", "b1", "W2", "b2", "meta", "loss"}
	for _, m := range []*Model{{Params: small()}, {small(), []byte(`{"epochs": 17}`), []float64{2.3, 0.1}}} {
		file := encode(f, m)
		r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			f.Fatal(err)
		}
		var seed [6][]byte // meta and loss may be missing
		for i, entry := range r.File {
			content, err := entry.Open()
			if err != nil {
				f.Fatal(err)
			}
			seed[i], _ = io.ReadAll(content)
		}
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	f.Fuzz(func(t *testing.T, w1, b1, w2, b2, meta, loss []byte) {
		var file bytes.Buffer
		w := zip.NewWriter(&file)
		for i, content := range [][]byte{w1, b1, w2, b2, meta, loss} {
			if len(content) == 0 {
				continue // an array that is missing
			}
			entry, err := w.Create(names[i] + ".npy")
			if err != nil {
				t.Fatal(err)
			}
			entry.Write(content)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		m, err := parse(file.Bytes())
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("more than one line: %v", err)
			}
			return
		}
		if slices.Min(m.Sizes()) < 1 || slices.ContainsFunc(m.Vector, func(w float64) bool { return math.IsNaN(w) || math.IsInf(w, 0) }) {
			t.Fatalf("a net of %v with weights %v", m.Sizes(), m.Vector)
		}
		again, err := parse(encode(t, m))
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, "written and read", again, m)
	})
}

func encode(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npz.Write(&b, m.arrays()...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
