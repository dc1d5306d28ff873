// Package models keeps trained nets on disk, and holds one that is trained.
//
// A file is an npz of NumPy with the book's names: W1 [D×H], b1 [H], W2 [H×K]
// and b2 [K], in float64. So np.load(file) is the book's params, and
// torch.from_numpy takes each array as it is. Beside them can be meta, a JSON
// object as uint8 [bytes], and loss, float64 [steps].
package models
