package nn

import (
	"math/rand/v2"
	"testing"
)

// Initial weights come from the same numbers as rand.NormFloat64.
func TestNormalFloat64(t *testing.T) {
	got, want := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(1, 2))
	for i := range 2_000_000 {
		if g, w := normalFloat64(got), want.NormFloat64(); g != w {
			t.Fatalf("number %d is %v, want %v", i, g, w)
		}
	}
}
