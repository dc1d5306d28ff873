// Package report shows what a net has learned: its answers to a test set, as
// numbers, and all that can be looked at, as one HTML page.
//
// The page is one file that needs nothing else: no network, no script, no
// font. It follows the reader's choice of light or dark, from the width of a
// phone up, and can be printed.
package report
