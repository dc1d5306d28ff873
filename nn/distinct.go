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
	bits   uint64
	stamp  int32
	number int32
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

// number returns the number of v, counted from 1. A new v is appended to
// values.
func (d *distinct) number(v float64, values *[]float64) int32 {
	b := math.Float64bits(v)
	for i := int(b * 0x9E3779B97F4A7C15 >> d.shift); ; i = (i + 1) & (len(d.entries) - 1) {
		e := &d.entries[i]
		if e.stamp != d.stamp {
			*values = append(*values, v)
			*e = entry{b, d.stamp, int32(len(*values))}
			return e.number
		}
		if e.bits == b {
			return e.number
		}
	}
}
