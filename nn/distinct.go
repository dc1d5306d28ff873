package nn

import (
	"math"
	"math/bits"
)

// distinct numbers the different values of a row in the order in which they
// come: a hash table with open addressing, emptied in no time by a new stamp.
type distinct struct {
	entries []entry
	shift   int // of a 64-bit hash to an index of entries
	stamp   int32
}

type entry struct {
	bits  uint64
	stamp int32
	place int32
}

// reset empties the table, and makes room for n values.
func (d *distinct) reset(n int) {
	size := 1 << bits.Len(uint(2*n)) // at most half full
	if len(d.entries) < size || d.stamp == math.MaxInt32 {
		d.entries = make([]entry, size)
		d.shift = 64 - bits.TrailingZeros(uint(size))
		d.stamp = 0
	}
	d.stamp++
}

// place returns the place of v in values, to which a new v is appended.
func (d *distinct) place(v float64, values *[]float64) int {
	b := math.Float64bits(v)
	for i := int(b * 0x9E3779B97F4A7C15 >> d.shift); ; i = (i + 1) & (len(d.entries) - 1) {
		e := &d.entries[i]
		if e.stamp != d.stamp {
			*e = entry{b, d.stamp, int32(len(*values))}
			*values = append(*values, v)
			return int(e.place)
		}
		if e.bits == b {
			return int(e.place)
		}
	}
}
