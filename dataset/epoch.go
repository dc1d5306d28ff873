package dataset

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// Epoch returns the order in which an epoch shows n samples: each of 0…n−1
// once, shuffled. It depends on seed and epoch alone, so that a training which
// was stopped can go on in the middle of any epoch. The caller cuts it into
// batches, of which the last may be short. (The book's mini-batches, section
// 4.5.2, are drawn anew from all samples at each step.)
//
// The order is put in dst if it has room for n, otherwise in a new slice.
// Epoch panics if n is negative.
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
