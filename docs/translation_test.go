// Package docs has the tests of the documents that are there in two languages.
package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pairs are documents in English, and in Japanese beside them.
var pairs = []string{"chapter4.md"}

// Both languages have the same sections, each with the same code, numbers, names
// and links.
func TestTranslations(t *testing.T) {
	for _, file := range pairs {
		translation := strings.TrimSuffix(file, ".md") + ".ja.md"
		english, japanese := sections(read(t, file)), sections(read(t, translation))
		if len(english) != len(japanese) {
			t.Errorf("%s has %d sections, %s %d", file, len(english), translation, len(japanese))
			continue
		}
		for i, en := range english {
			ja := japanese[i]
			title, _, _ := strings.Cut(en, "\n")
			for _, part := range parts {
				if a, b := part.of(en), part.of(ja); !slices.Equal(a, b) {
					onlyA, onlyB := differences(a, b)
					t.Errorf("%s, %q: %s alone has the %s %q, %s alone %q", file, title, file, part.name, onlyA, translation, onlyB)
				}
			}
		}
		for name, text := range map[string]string{file: "[日本語](" + filepath.Base(translation) + ")", translation: "[English](" + filepath.Base(file) + ")"} {
			if !strings.Contains(read(t, name), text) {
				t.Errorf("%s has no %s", name, text)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sections returns a document in parts that begin with a heading.
func sections(text string) []string {
	return regexp.MustCompile(`(?m)^#+ `).Split(other.ReplaceAllString(hideComments(text), ""), -1)
}

// hideComments takes the "#" from lines of code that would look like headings.
func hideComments(text string) string {
	return fence.ReplaceAllStringFunc(text, func(code string) string {
		return regexp.MustCompile(`(?m)(^|[ \t]+)(#|//) .*$`).ReplaceAllString(code, "")
	})
}

// parts are what a section has to have in both languages.
var parts = []struct {
	name string
	of   func(section string) []string
}{
	{"code", func(s string) []string { return fence.FindAllString(s, -1) }},
	{"number", numbers},
	{"name", func(s string) []string { return sorted(inline.FindAllString(fence.ReplaceAllString(s, ""), -1)) }},
	{"link", links},
	{"row", func(s string) []string { return []string{strconv.Itoa(strings.Count(s, "\n|"))} }},
}

var (
	fence  = regexp.MustCompile("(?ms)^```.*?^```$")
	inline = regexp.MustCompile("`[^`]+`")
	other  = regexp.MustCompile(`(?m)^(English · \[日本語\]|\[English\])\(.*$`)
	target = regexp.MustCompile(`\]\(([^)]*)\)`)
	number = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?: (?:million|億|万))?|\b(?:ten|eleven|twelve|hundred|thousand|million(?:th)?)\b`)
)

// words are numbers that are written out.
var words = map[string]float64{"ten": 10, "eleven": 11, "twelve": 12, "hundred": 100, "thousand": 1e3, "million": 1e6, "millionth": 1e6, "万": 1e4, "億": 1e8}

// numbers returns the numbers from 10 on, and those with a point or an
// exponent, in their order of size. Smaller ones are written as words in one of
// the languages or the other.
func numbers(section string) []string {
	text := target.ReplaceAllString(inline.ReplaceAllString(fence.ReplaceAllString(section, ""), ""), "")
	var all []float64
	for _, s := range number.FindAllString(text, -1) {
		digits, word, _ := strings.Cut(s, " ")
		if v, ok := words[digits]; ok {
			all = append(all, v)
			continue
		}
		v, err := strconv.ParseFloat(strings.Trim(strings.ReplaceAll(digits, ",", ""), ","), 64)
		if err != nil {
			panic(err)
		}
		if word != "" {
			v *= words[word]
		}
		if v >= 10 || strings.ContainsAny(digits, ".e") {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	var texts []string
	for _, v := range all {
		texts = append(texts, fmt.Sprint(v))
	}
	return texts
}

// links returns where the links and pictures of a section lead to, without the
// language.
func links(section string) []string {
	var all []string
	for _, m := range target.FindAllStringSubmatch(section, -1) {
		all = append(all, strings.Replace(m[1], ".ja.md", ".md", 1))
	}
	return sorted(all)
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// differences returns what is in one list alone.
func differences(a, b []string) (onlyA, onlyB []string) {
	return without(a, b), without(b, a)
}

func without(a, b []string) []string {
	left := slices.Clone(b)
	var only []string
	for _, s := range a {
		if i := slices.Index(left, s); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			only = append(only, s)
		}
	}
	return only
}
