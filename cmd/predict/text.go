package main

import (
	"fmt"
	"image"
	"io"
	"math"
	"strconv"
	"strings"

	"numgrad/internal/input"
)

// writeLine writes the answer on one line.
func writeLine(w io.Writer, a *answer) error {
	doubt := ""
	if !a.Sure {
		doubt = ", not sure"
	}
	_, err := fmt.Fprintf(w, "%s: %d (%.1f %%%s)\n", input.Quote(a.File), a.Digit, 100*a.Probabilities[a.Digit], doubt)
	return err
}

// writePicture writes the answer, then the input of the net on the left and a bar
// for each class on the right.
func writePicture(w io.Writer, a *answer) error {
	if err := writeLine(w, a); err != nil {
		return err
	}
	left, right := preview(a.seen), bars(a.Probabilities)
	blank := strings.Repeat(" ", a.seen.Rect.Dx())
	first := max(0, len(left)-len(right)) / 2 // line of the first bar
	for i := range max(len(left), len(right)) {
		line := blank
		if i < len(left) {
			line = left[i]
		}
		if k := i - first; k >= 0 && k < len(right) {
			line += "  " + right[k]
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// glyphs lists characters with the ink, 0 to 1, of their upper and lower halves.
var glyphs = []struct {
	upper, lower float64
	char         rune
}{
	{0, 0, ' '}, {0.25, 0.25, '░'}, {0.5, 0.5, '▒'}, {0.75, 0.75, '▓'}, {1, 1, '█'}, {1, 0, '▀'}, {0, 1, '▄'},
}

// preview returns an image as text: one character, twice as high as wide, for
// two pixels one above the other.
func preview(img *image.Gray) []string {
	var lines []string
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y += 2 {
		var line strings.Builder
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			line.WriteRune(glyph(float64(img.GrayAt(x, y).Y)/255, float64(img.GrayAt(x, y+1).Y)/255))
		}
		lines = append(lines, line.String())
	}
	return lines
}

// glyph returns the character closest to two pixels.
func glyph(upper, lower float64) rune {
	best, least := ' ', math.Inf(1)
	for _, g := range glyphs {
		if d := math.Hypot(upper-g.upper, lower-g.lower); d < least {
			best, least = g.char, d
		}
	}
	return best
}

// bars returns a line for each class, with its probability as a bar.
func bars(p []float64) []string {
	const width = 30 // characters for a probability of 1
	digits := len(strconv.Itoa(len(p) - 1))
	lines := make([]string, len(p))
	for k, v := range p {
		bar := strings.Repeat("█", int(math.Round(width*v)))
		lines[k] = fmt.Sprintf("%*d %-*s %5.1f %%", digits, k, width, bar, 100*v)
	}
	return lines
}
