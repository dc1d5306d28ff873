// Package chapter4 is chapter 4 of "Deep Learning from Scratch" in Go: the
// code of sections 4.2 to 4.5 under the book's names, every number that they
// print, and every figure.
//
// Each section is a short file, section42_loss.go and so on, and its figures are
// another, figures42_loss.go. The work is done by the packages loss, grad, nn and
// train; what is here gives it the book's form. [Rows] has the numbers, beside
// those of the book and those of its published code, and [Figures] the figures.
// docs/chapter4.md shows it all, section by section.
//
// Arithmetic that decides over last digits is written with conversions to
// float64, which keep compilers from fusing a product into a sum: the bits are
// then those of NumPy.
package chapter4
