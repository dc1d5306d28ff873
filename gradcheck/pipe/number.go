package pipe

import (
	"bytes"
	"math"
	"strconv"
)

// number is a float64 that may be NaN or infinite in JSON, as quoteNonFinite
// leaves it.
type number float64

// UnmarshalJSON reads a JSON number, or one of the words of quoteNonFinite.
func (n *number) UnmarshalJSON(text []byte) error {
	word := string(bytes.ToLower(bytes.Trim(text, `"`)))
	if word == "-nan" { // which C prints
		word = "nan"
	}
	v, err := strconv.ParseFloat(word, 64)
	if math.IsInf(v, 0) {
		err = nil // 1e999 is infinite, as it is for other readers
	}
	*n = number(v)
	return err
}

// quoteNonFinite puts the words NaN, Infinity and inf, with a sign or without,
// into quotes: JSON has no numbers that are not finite, and Python's json
// writes them as the first two, C's printf as nan and inf. The line is
// returned as it is where there are none.
func quoteNonFinite(line []byte) []byte {
	var out []byte
	copied := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			i = endOfString(line, i)
		case 'n', 'N', 'i', 'I':
			word := nonFinite(line[i:])
			if word == 0 {
				continue
			}
			start := i
			if i > copied && line[i-1] == '-' {
				start--
			}
			out = append(out, line[copied:start]...)
			out = append(out, '"')
			out = append(out, line[start:i+word]...)
			out = append(out, '"')
			copied = i + word
			i = copied - 1
		}
	}
	if out == nil {
		return line
	}
	return append(out, line[copied:]...)
}

// endOfString returns the index of the quote that ends the string that begins
// at line[start].
func endOfString(line []byte, start int) int {
	for i := start + 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(line)
}

// nonFinite returns the length of the word for a number that is not finite at
// the beginning of text, or 0.
func nonFinite(text []byte) int {
	for _, word := range []string{"infinity", "inf", "nan"} {
		if len(text) >= len(word) && bytes.EqualFold(text[:len(word)], []byte(word)) {
			return len(word)
		}
	}
	return 0
}
