// Package perturb computes the finite differences of a net's loss for all of
// its weights at once. The numbers are those of [nn.Net.NumericalGradient],
// which displaces one weight after the other. For the book's net and two workers
// the time is about half of that of backpropagation; docs/gradient.md has how it
// grows.
//
// Take a sample and a unit of any layer, with the pre-activation a = x·w + b.
// The loss of the sample, seen from the unit, is a function of one number: let
// Λ(s) be its change when a alone moves by s. A displacement of the weight of
// input i by h moves a by h·x[i], and so changes the loss by Λ(h·x[i]), exactly.
// All weights into the unit look at one smooth function, at points of the tiny
// interval |s| ≤ S = h·max|x|. So the values of Λ at a few nodes of the interval
// tell all others: each is a weighted sum of them.
//
//   - plain.go has the idea on one page, for one hidden layer.
//   - rung.go has the nodes and how many of them suffice, difference.go the
//     weights of the sums.
//   - flow.go computes Λ: a change flows forward through the layers behind the
//     unit, and each step keeps it right relative to its own size.
//   - sums.go adds up what the samples say of each weight.
//   - own.go is the way without nodes, one displacement for each input, where a
//     ReLU has its kink in the interval.
//
// Only losses at displaced weights enter, and the polynomial through them. No
// derivative does, so that a gradient by backpropagation can be checked against
// the result. docs/gradient.md has the error bounds and the history, too.
package perturb
