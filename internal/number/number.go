// Package number writes numbers as people read them.
package number

import (
	"strconv"
	"strings"
)

// Commas returns n with a comma before each three digits: -1,234,567.
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
