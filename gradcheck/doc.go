// Package gradcheck checks the gradient of a backward pass, written anywhere,
// with nothing but values of the loss.
//
// [Check] compares each element of the gradient with a finite difference of
// the loss that has an error bar of its own, and the [Report] says which
// elements are wrong, which agree, and which cannot be told.
// docs/gradcheck.md describes how.
package gradcheck
