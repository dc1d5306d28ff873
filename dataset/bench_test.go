package dataset

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLoad reads the four files of MNIST.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Load(""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGunzip only decompresses the largest of the four: the least time
// that Load can take.
func BenchmarkGunzip(b *testing.B) {
	dir, err := Locate()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		f, err := os.Open(filepath.Join(dir, "train-images-idx3-ubyte.gz"))
		if err != nil {
			b.Fatal(err)
		}
		content, err := uncompressed(f)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// BenchmarkGather fills the book's batch of 100 images.
func BenchmarkGather(b *testing.B) {
	train, _, err := Load("")
	if err != nil {
		b.Fatal(err)
	}
	order := Epoch(nil, train.Len(), 1, 1)
	var batch Batch
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		train.Gather(&batch, order[i:i+100])
		i = (i + 100) % len(order)
	}
}

// BenchmarkEpoch shuffles 60,000 samples.
func BenchmarkEpoch(b *testing.B) {
	var order []int
	b.ReportAllocs()
	epoch := 0
	for b.Loop() {
		order = Epoch(order, 60000, 1, epoch)
		epoch++
	}
}
