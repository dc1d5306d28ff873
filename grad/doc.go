// Package grad estimates derivatives of any function from its values alone,
// by finite differences: sections 4.3 and 4.4 of "Deep Learning from Scratch".
//
// A derivative is the limit of (f(x+h) − f(x)) / h, but h cannot go to zero on
// a computer: 10e-50 vanishes beside x, and f(x+h) − f(x) loses its digits
// long before that. A step h of 1e-4 and the central difference
// (f(x+h) − f(x−h)) / 2h, whose error falls with h², are the book's choice
// and the default here.
//
// The functions displace one element of x in place, ask f, and put the saved
// value back. Adding h and taking it away again would not return to the same
// bits.
package grad
