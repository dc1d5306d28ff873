// Package npz reads and writes arrays of numbers in NumPy's npz format: a zip
// file of npy files, as np.savez, np.savez_compressed and np.load have it
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//
// Package npyio decodes the arrays. It makes room for whatever a header says,
// so this package compares each header with the size of its entry first, and
// with what the file may take: all arrays that are read of a file have together
// at most one number for each byte of the file and 2 Mi more, which is 8 times
// the file and 16 MiB. A compressed array that expands beyond that is refused
// before there is memory for it; np.savez stores it so that it can be read.
package npz
