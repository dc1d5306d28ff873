// Package number formats numbers and shapes for messages.
package number

import (
	"strconv"
	"strings"
)

// Count returns n with a noun in singular or plural: 1 epoch, 1,234 epochs.
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return Commas(n) + " " + thing
}

// Commas returns n with thousands separators: -1,234,567.
func Commas(n int) string {
	digits := strconv.Itoa(n)
	digits, negative := strings.CutPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// Shape returns the shape of an array as [784×50]. A negative size prints as any.
func Shape(shape []int) string {
	text := make([]string, len(shape))
	for axis, size := range shape {
		text[axis] = strconv.Itoa(size)
		if size < 0 {
			text[axis] = "any"
		}
	}
	return "[" + strings.Join(text, "×") + "]"
}

// Index returns the indices of element i of an array in row-major order, as
// [312,7].
func Index(i int, shape []int) string {
	at := make([]string, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		at[axis] = strconv.Itoa(i % shape[axis])
		i /= shape[axis]
	}
	return "[" + strings.Join(at, ",") + "]"
}
