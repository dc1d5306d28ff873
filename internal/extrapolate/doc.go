// Package extrapolate finds the derivative of a function of one number from
// its values, with an error bar.
package extrapolate
