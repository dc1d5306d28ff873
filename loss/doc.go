// Package loss measures how far a net's answers are from the labels.
//
// The functions are those of chapter 4.2 of "Deep Learning from Scratch". A
// row is one sample with a value for each of the K classes: logits a, before
// the softmax, or probabilities y after it. Labels t are class indices in
// 0…K−1; [Indices] and [OneHot] change to and from one-hot rows.
//
// The net trains on [CrossEntropy], which is exact. The book's
// [CrossEntropyError] adds 1e-7 inside the logarithm, so that log 0 cannot
// happen; that alone moves a gradient by up to 5e-7, whatever the step of the
// difference, which is too much for a gradient that others are checked against.
package loss
