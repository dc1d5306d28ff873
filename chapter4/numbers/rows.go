// Package numbers has every number that chapter 4 of "Deep Learning from
// Scratch" prints, beside what the book's published code gives and what this
// project computes.
package numbers

import "slices"

// Rows computes the numbers that the book prints in sections 4.2 to 4.5.1, and
// some more that its published code gives, in the book's order. Those of
// section 4.2.3 are [ImageRows], those of the training [TrainingRows].
func Rows() []Row {
	return slices.Concat(lossRows(), diffRows(), gradientRows(), descentRows(), simpleNetRows(), shapeRows())
}
