// Package chapter4 is the code of chapter 4 of "Deep Learning from Scratch" in
// Go: sections 4.2 to 4.5 under the book's names.
//
// Each section is a short file, section42_loss.go and so on. The packages loss,
// grad, nn and train do the work, and this package gives it the book's form.
// Package numbers, in the folder of that name, puts the numbers beside those of
// the book, and package figures draws. docs/chapter4.md shows it all, section by
// section.
//
// Arithmetic that decides over last digits is written with conversions to
// float64, which keep compilers from fusing a product into a sum: the bits are
// then those of NumPy.
package chapter4
