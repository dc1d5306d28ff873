package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"numgrad/chapter4"
)

var update = flag.Bool("update", false, "write the code and the tables in docs/chapter4.md and docs/chapter4.ja.md")

// document is the companion of the chapter in one language.
type document struct {
	file      string
	bookHead  string   // head of a table of the book's numbers and ours
	stepsHead string   // head of the table of the best steps
	words     []string // translations in tables: English, translated, English, …
}

var documents = []document{
	{
		file:      "../../docs/chapter4.md",
		bookHead:  "| | the book prints | ours | |\n|---|---|---|---|\n",
		stepsHead: "| | | best h | error there | error at h = 1e-4 |\n|---|---|---|---|---|\n",
	}, {
		file:      "../../docs/chapter4.ja.md",
		bookHead:  "| | 本の表示 | このプロジェクト | 一致 |\n|---|---|---|---|\n",
		stepsHead: "| | | 最良の h | そのときの誤差 | h = 1e-4 での誤差 |\n|---|---|---|---|---|\n",
		words: []string{
			"same bits", "ビット単位で一致",
			"all digits", "全桁一致",
			"within ", "差 ≤ ",
			" (its code)", "（公開コード）",
			"… and 38 more", "… ほか 38 個",
			", 2 is likely", "（2 の確率が最大）",
			", 7 is likely", "（7 の確率が最大）",
			" of x0² + x1² at (3, 4)", "（f = x0² + x1²、点 (3, 4)）",
			"numerical_gradient at ", "numerical_gradient、点 ",
			"its path, 20 points", "その経路、20 点",
			" (given; the book's is random)", "（与えた値。本では乱数）",
			", first edition", "、初版",
			", published code", "、公開コード",
			", its code after ", "、公開コードは ",
			" after ", "、",
			" steps", " 回の更新後",
			"forward", "前方差分",
			"central", "中心差分",
		},
	},
}

// block is code or a table, after a comment that names its source:
//
//	<!-- code: FILE DECLARATION… -->   declarations, without doc comments
//	<!-- python: FILE -->              a script that a TestNumPy runs
//	<!-- output: FILE -->              the output of a command
//	<!-- rows: SECTION -->             the book's numbers and ours
//	<!-- steps: sigmoid -->            the best steps of the differences
var block = regexp.MustCompile("(?m)^(<!-- (code|python|output|rows|steps): (.*) -->\n)(?:```(?:go|python|text)\n(?:.*\n)*?```\n|(?:\\|.*\n)*)")

// The documents have the code of the package and the numbers of the command.
func TestDocument(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("elsewhere the last digits of logarithms may differ")
	}
	for _, d := range documents {
		text := read(t, d.file)
		want := block.ReplaceAllStringFunc(text, func(old string) string {
			m := block.FindStringSubmatch(old)
			comment, kind, names := m[1], m[2], strings.Fields(m[3])
			switch kind {
			case "code":
				return comment + "```go\n" + source(t, names[0], names[1:]) + "```\n"
			case "python":
				return comment + "```python\n" + script(t, names[0]) + "```\n"
			case "output":
				return comment + "```text\n" + read(t, names[0]) + "```\n"
			case "rows":
				return comment + d.bookHead + d.translated(rowLines(t, names[0]))
			}
			return comment + d.stepsHead + d.translated(stepLines())
		})
		if *update {
			if err := os.WriteFile(d.file, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		old, current := strings.Split(text, "\n"), strings.Split(want, "\n")
		for i := range min(len(old), len(current)) {
			if old[i] != current[i] {
				t.Errorf("%s:%d: it has\n%s\nwant, as make figures writes it,\n%s", d.file, i+1, old[i], current[i])
				break
			}
		}
		if len(old) != len(current) {
			t.Errorf("%s has %d lines, want %d: run make figures", d.file, len(old), len(current))
		}
	}
}

func (d document) translated(lines string) string {
	return strings.NewReplacer(d.words...).Replace(lines)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// script returns a Python script, or only its lines between "#: TITLE" and "#:".
func script(t *testing.T, file string) string {
	t.Helper()
	text := read(t, file)
	part := regexp.MustCompile(`(?m)^( *)#: (.+)\n((?:.*\n)*?) *#:\n`)
	var parts []string
	for _, m := range part.FindAllStringSubmatch(text, -1) {
		lines := strings.ReplaceAll("\n"+m[3], "\n"+m[1], "\n")
		parts = append(parts, "# "+m[2]+lines)
	}
	if parts == nil {
		return text
	}
	return strings.Join(parts, "")
}

// source returns declarations of a file, methods as Type.Method, with an empty
// line between them.
func source(t *testing.T, file string, names []string) string {
	t.Helper()
	text := read(t, file)
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		i := slices.IndexFunc(parsed.Decls, func(d ast.Decl) bool { return nameOf(d) == name })
		if i < 0 {
			t.Fatalf("%s does not declare %s", file, name)
		}
		from, to := files.Position(parsed.Decls[i].Pos()), files.Position(parsed.Decls[i].End())
		found = append(found, text[from.Offset:to.Offset]+"\n")
	}
	return strings.Join(found, "\n")
}

// nameOf returns the name of a function, a method or a type, or "".
func nameOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.GenDecl:
		if spec, ok := d.Specs[0].(*ast.TypeSpec); ok {
			return spec.Name.Name
		}
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name
		}
		receiver := d.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		return receiver.(*ast.Ident).Name + "." + d.Name.Name
	}
	return ""
}

// rowLines returns the lines of a table with the numbers of a section.
func rowLines(t *testing.T, section string) string {
	t.Helper()
	var lines strings.Builder
	for _, s := range chapter(builtIn(t)) {
		if s.number != section {
			continue
		}
		for _, n := range s.numbers {
			printed := cell(n.printedNumbers())
			if n.printed == "" {
				printed = cell(digits(n.published)) + " (its code)"
			}
			fmt.Fprintf(&lines, "| %s | %s | %s | %s |\n", n.what, printed, cell(digits(n.ours)), n.verdict())
		}
	}
	return lines.String()
}

// cell returns numbers one below the other; of a path, only the start.
func cell(numbers []string) string {
	const start, most = 2, 6
	more := ""
	if len(numbers) > most {
		more = fmt.Sprintf("<br>… and %d more", len(numbers)-start)
		numbers = numbers[:start]
	}
	return "`" + strings.Join(numbers, "`<br>`") + "`" + more
}

// stepLines returns the lines of the table with the best steps of the figure
// step-size.
func stepLines() string {
	ulp32, ulp64 := 0x1p-23, 0x1p-52
	return stepLine("float32, forward", "ulp^(1/2)", math.Sqrt(ulp32), chapter4.ForwardDiff[float32]) +
		stepLine("float64, forward", "ulp^(1/2)", math.Sqrt(ulp64), chapter4.ForwardDiff[float64]) +
		stepLine("float32, central", "ulp^(1/3)", math.Cbrt(ulp32), chapter4.CentralDiff[float32]) +
		stepLine("float64, central", "ulp^(1/3)", math.Cbrt(ulp64), chapter4.CentralDiff[float64])
}

func stepLine[T float32 | float64](name, rule string, power float64, difference func(f func(T) T, x, h T) T) string {
	_, best := stepErrors(difference)
	short := func(v float64) string { return strings.Replace(fmt.Sprintf("%.1e", v), "e-0", "e-", 1) }
	return fmt.Sprintf("| %s | %s = %s | %s | %s | %s |\n", name, rule, short(power),
		short(best.X), short(best.Y), short(slopeError(difference, T(1e-4))))
}

// The document has what the compiler says to integers (section 4.4).
func TestIntegers(t *testing.T) {
	call := "func(f func([]float64) float64, x []float64) {}(nil, []int{3, 4})"
	_, err := types.Eval(token.NewFileSet(), nil, token.NoPos, call)
	const want = "cannot use []int{…} (value of type []int) as []float64 value in argument"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	for _, d := range documents {
		if !strings.Contains(read(t, d.file), want) {
			t.Errorf("%s does not have %q", d.file, want)
		}
	}
}
