// Package npz reads and writes arrays of numbers in NumPy's npz format: a zip
// file of npy files, as np.savez, np.savez_compressed and np.load have it
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//
// The reader believes nothing that a file says of itself. An array gets memory
// after all of its bytes have been read once, and been found to be as many as
// its shape says, with the right checksum. So reading an array allocates at
// most 8 bytes for each byte that is there (labels of one byte become ints)
// and 1 MiB. For a compressed array, the bytes that are there are those it
// expands to. Deflate can expand 1032 times, and does so with what is mostly
// zeros: an array beyond 64 MiB that expands more than 100 times is refused.
package npz
