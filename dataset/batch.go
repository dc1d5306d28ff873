package dataset

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Batch is the input of a net: N samples. The zero Batch is ready for
// [Set.Gather].
type Batch struct {
	X *mat.Dense // [N×Size], one row for each sample, pixels as value/255: 0 to 1
	T []int      // [N], the labels
}

// Gather fills b with the samples of s at the given indices, in this order. It
// reuses the memory of b, and allocates nothing if b had as many samples before.
//
// Pixels are divided in float64. The book's load_mnist (section 3.6.1) divides
// in float32, which differs by up to 3e-8.
//
// Gather panics if indices is empty, an index is not in 0…Len−1, or an image
// does not have s.Size pixels.
func (s *Set) Gather(b *Batch, indices []int) {
	if len(indices) == 0 {
		panic("dataset: Gather of no samples")
	}
	b.resize(len(indices), s.Size())
	for i, index := range indices {
		if index < 0 || index >= s.Len() {
			panic(fmt.Sprintf("dataset: Gather of sample %d from a set of %d", index, s.Len()))
		}
		x, image := b.X.RawRowView(i), s.Images[index]
		if len(image) != len(x) {
			panic(fmt.Sprintf("dataset: image %d has %d pixels, want %d×%d", index, len(image), s.Rows, s.Cols))
		}
		for j, value := range image {
			x[j] = intensity[value]
		}
		b.T[i] = int(s.Labels[index])
	}
}

// resize makes room for n samples of size pixels.
func (b *Batch) resize(n, size int) {
	if b.X == nil {
		b.X = new(mat.Dense)
	}
	if rows, cols := b.X.Dims(); rows != n || cols != size {
		b.X.Reset()
		b.X.ReuseAs(n, size)
	}
	if cap(b.T) < n {
		b.T = make([]int, n)
	}
	b.T = b.T[:n]
}

// intensity is value/255 for each value of a pixel.
var intensity = func() (table [256]float64) {
	for value := range table {
		table[value] = float64(value) / 255
	}
	return table
}()
