// Package figure is the one look of all pictures of the project: plots of
// gonum/plot with the same font, line widths, colours and ticks, and their
// way to a PNG or an SVG.
//
// The colours are those of Okabe and Ito ("Color Universal Design", 2008),
// which stay apart for colour-blind readers. Lines that could still be taken
// for each other in a black and white print differ in their dashes too.
//
// The same data gives the same bytes on the same kind of machine: nothing
// that is written depends on the time, or on the fonts that are installed.
package figure
