// Package docs has the tests of the documents that are there in two languages.
package docs

import (
	"flag"
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
var pairs = []string{"../README.md", "gradcheck.md", "gradient.md", "chapter4.md"}

var update = flag.Bool("update", false, "write the tables of the translations")

// tables are the parts of a document that a test writes in English. Its
// translation has the same, with these phrases in Japanese.
var tables = regexp.MustCompile(`(?ms)^<!-- ([a-z ]+) -->$.*?^<!-- end ([a-z ]+) -->$`)

var phrases = []string{
	"| planted bug | wrong | `gradcheck.Check` says |", "| わざと入れた誤り | wrong | `gradcheck.Check` の報告 |",
	"| planted bug |", "| わざと入れた誤り |",
	"| PyTorch, fast |", "| PyTorch（高速） |",
	"| *none* |", "| なし |",
	"| W1's sign turned |", "| W1 の符号が逆 |",
	"| W1 zero |", "| W1 が 0 |",
	"| b1 zero |", "| b1 が 0 |",
	"| b2 zero |", "| b2 が 0 |",
	"| one element of W1 zero |", "| W1 の要素ひとつが 0 |",
	"| one element of W1 off by 1e-5 |", "| W1 の要素ひとつが 1e-5 ずれる |",
	"| W1 off by 1 % |", "| W1 が 1 % ずれる |",
	"| W1 off by 1e-3 |", "| W1 が 1e-3 ずれる |",
	"| W1 off by 1e-4 |", "| W1 が 1e-4 ずれる |",
	"| W1 off by 1e-5 |", "| W1 が 1e-5 ずれる |",
	"| W2 off by 1e-3 |", "| W2 が 1e-3 ずれる |",
	"| W2 off by 1e-4 |", "| W2 が 1e-4 ずれる |",
	"| W2 off by 1e-5 |", "| W2 が 1e-5 ずれる |",
	"| 1/N missing |", "| 1/N がない |",
	"| 1/N twice for b1 |", "| b1 に 1/N を2回掛ける |",
	"| gradients not set to zero before |", "| 勾配を先に 0 にしない |",
	"| W2 not transposed |", "| W2 を転置しない |",
	"| σ′ of z1 in place of a1 |", "| a1 ではなく z1 の σ′ |",
	"| a1(1 − a1) for σ′ |", "| σ′ の代わりに a1(1 − a1) |",
	"| σ′ left out |", "| σ′ を忘れる |",
	"| b2 not summed over the batch |", "| b2 をバッチで合計しない |",
	"| labels off by one |", "| ラベルがひとつずれる |",
	"| the derivative of softmax twice |", "| ソフトマックスの微分が2回 |",
	"| last class left out |", "| 最後のクラスを忘れる |",
	"| last class left out in W2 |", "| W2 で最後のクラスを忘れる |",
	"| last sample left out |", "| 最後のサンプルを忘れる |",
	"| z1 from before the last step |", "| z1 が1回前の更新の値 |",
	"| W2 updated before W1's turn |", "| W1 より先に W2 を更新する |",
	"| x shifted by a pixel |", "| x が1画素ずれる |",
	"| two hidden units swapped in W1 |", "| W1 で隠れユニット2つが入れ替わる |",
	"| W1 stored as its transpose |", "| W1 を転置して格納する |",
	"| one hidden unit left out of W2 |", "| W2 で隠れユニットをひとつ忘れる |",
	"| weight decay of 1e-4 that the loss lacks |", "| 損失にない 1e-4 の荷重減衰 |",
	"| momentum of 0.1 of a gradient of W1 from one step before |", "| W1 に1回前の勾配の 0.1 倍のモーメンタム |",
	"| function | variables |", "| 関数 | 変数 |",
	"| within the bar |", "| 誤差範囲に収まった数 |",
}

// The tables that tests write are those of the English document.
func TestTables(t *testing.T) {
	used := ""
	for _, file := range pairs {
		translation := strings.TrimSuffix(file, ".md") + ".ja.md"
		english := map[string]string{}
		for _, m := range tables.FindAllStringSubmatch(read(t, file), -1) {
			english[m[1]] = translated(m[0])
			used += m[0]
		}
		text := read(t, translation)
		want := tables.ReplaceAllStringFunc(text, func(old string) string {
			return english[tables.FindStringSubmatch(old)[1]]
		})
		if *update {
			if err := os.WriteFile(translation, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want != text {
			t.Errorf("a table of %s is not that of %s: run make figures", translation, file)
		}
	}
	for phrase := range slices.Chunk(phrases, 2) {
		if !strings.Contains(used, phrase[0]) {
			t.Errorf("no table has %q", phrase[0])
		}
	}
}

// translated returns a table in Japanese. What a command says stays English.
func translated(table string) string {
	lines := strings.Split(table, "\n")
	for i, line := range lines {
		line = regexp.MustCompile(`(\d) of (\d)`).ReplaceAllString(line, "$1 / $2")
		lines[i] = strings.NewReplacer(phrases...).Replace(line)
	}
	return strings.Join(lines, "\n")
}

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

// Each link to a file leads to one.
func TestLinks(t *testing.T) {
	for _, english := range pairs {
		for _, file := range []string{english, strings.TrimSuffix(english, ".md") + ".ja.md"} {
			for _, m := range target.FindAllStringSubmatch(fence.ReplaceAllString(read(t, file), ""), -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
					t.Errorf("%s: %v", file, err)
				}
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
	target = regexp.MustCompile(`\]\(([^)#][^)]*)\)`) // anchors are TestContents'
	number = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?: (?:million|億|万))?|\b(?:ten|eleven|twelve|thirty|half (?:a )?minute|hundred|thousand|million(?:th)?)\b`)
)

// words are numbers that are written out.
var words = map[string]float64{"ten": 10, "eleven": 11, "twelve": 12, "thirty": 30, "half minute": 30, "half a minute": 30, "hundred": 100, "thousand": 1e3, "million": 1e6, "millionth": 1e6, "万": 1e4, "億": 1e8}

// numbers returns the numbers from 10 on, and those with a point or an
// exponent, in their order of size. Smaller ones are written as words in one of
// the languages or the other.
func numbers(section string) []string {
	text := target.ReplaceAllString(inline.ReplaceAllString(fence.ReplaceAllString(section, ""), ""), "")
	var all []float64
	for _, s := range number.FindAllString(text, -1) {
		if v, ok := words[s]; ok {
			all = append(all, v)
			continue
		}
		digits, word, _ := strings.Cut(s, " ")
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
