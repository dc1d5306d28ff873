// Package models keeps trained nets on disk, and holds one that is trained.
//
// A file is an npz of NumPy with the book's names, W1 [D×H], b1 [H], W2 [H×K],
// b2 [K], and W3, b3, … of a deeper net, in float64. So np.load(file) has the
// arrays of the book's params, and torch.from_numpy takes each as it is. Beside
// them can be meta, a JSON object as uint8 [bytes], and loss, float64 [steps].
//
// The hidden units are sigmoids, unless meta has {"settings": {"activation":
// "relu"}} in it.
package models
