// Package nn is the net of section 4.5 of "Deep Learning from Scratch", of two
// layers or more: what it answers, how wrong it is, and its gradient by the two
// ways that the book has, numerical (section 4.5.2) and by backpropagation
// (section 5.7.2).
//
// It is the plain version, to be read beside the book's two_layer_net.py. Its
// numerical gradient is the definition of one, and takes as long as the book's.
// Package numgrad/perturb computes the same numbers thousands of times faster,
// and shares no arithmetic with this package.
//
// Rows of a matrix are samples: x is [N×D], labels t are class indices [N].
package nn
