package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The numbers are those that a map would give, whatever the table held before.
func TestDistinct(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 7))
	odd := []float64{math.NaN(), math.Float64frombits(0x7ff8_0000_0000_0002), math.Inf(1), math.Inf(-1), 5e-324, -5e-324, 1}
	var d distinct
	for round := range 300 {
		n := 1 + random.IntN(40)
		if round == 200 {
			d.stamp = math.MaxInt32 // as after that many rows
		}
		d.reset(n)
		want := map[uint64]int{}
		var values []float64
		for range n {
			v := float64(1+random.IntN(20)) / 255
			if random.IntN(4) == 0 {
				v = odd[random.IntN(len(odd))]
			}
			bits := math.Float64bits(v)
			if _, ok := want[bits]; !ok {
				want[bits] = len(want)
			}
			if got := d.place(v, &values); got != want[bits] {
				t.Fatalf("round %d: place of %v (%x) is %d, want %d", round, v, bits, got, want[bits])
			}
		}
		if len(values) != len(want) {
			t.Fatalf("round %d: %d values, want %d", round, len(values), len(want))
		}
		for i, v := range values {
			if place := want[math.Float64bits(v)]; place != i {
				t.Errorf("round %d: values[%d] is %v, which has place %d", round, i, v, place)
			}
		}
	}
}
