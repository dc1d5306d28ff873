// Package nn is the two-layer net of chapter 4.5 of "Deep Learning from
// Scratch", with two gradients of its loss: by backpropagation, and by
// numerical differentiation at about the same price.
//
// For a batch x [N×D] of samples by rows, with labels t [N] of K classes,
//
//	a1 = x·W1 + b1    [N×H]
//	z1 = sigmoid(a1)  [N×H]
//	a2 = z1·W2 + b2   [N×K]
//	y  = softmax(a2)  [N×K]
//	L  = mean over n of −log y[n][t[n]]
//
// A method panics if x is not [N×D], t does not have N entries, or a label is
// not in 0…K−1.
package nn
