package chapter4_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"numgrad/chapter4"
	"numgrad/chapter4/figures"
	"numgrad/chapter4/numbers"
	"numgrad/nn"
)

var update = flag.Bool("update", false, "write the code and the tables in docs/chapter4.md and docs/chapter4.ja.md")

// document is the companion of the chapter, in one language.
type document struct {
	file      string
	rowsHead  string   // of a table of the book's numbers and ours
	stepsHead string   // of a table of differences and their best steps
	costsHead string   // of a table of ways to a gradient
	words     []string // in the tables: an English phrase, what it is here, the next phrase, …
}

var documents = []document{
	{
		file:      "../docs/chapter4.md",
		rowsHead:  "| | | the book prints | ours | |\n|---|---|---|---|---|\n",
		stepsHead: "| | | best h | error there | error at h = 1e-4 |\n|---|---|---|---|---|\n",
		costsHead: "| | one loss | one gradient | 10,000 steps |\n|---|---|---|---|\n",
	}, {
		file:      "../docs/chapter4.ja.md",
		rowsHead:  "| 節 | | 本の表示 | このプロジェクト | 一致 |\n|---|---|---|---|---|\n",
		stepsHead: "| | | 最良の h | そのときの誤差 | h = 1e-4 での誤差 |\n|---|---|---|---|---|\n",
		costsHead: "| | 損失1回 | 勾配1回 | 10,000 回の更新 |\n|---|---|---|---|\n",
		words: []string{
			"same bits", "ビットまで一致",
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
			"the loop in NumPy", "NumPy でのループ",
			"the loop in Go", "Go でのループ",
			"package perturb", "perturb パッケージ",
			" days", " 日",
			" ms", " ミリ秒",
			" s |", " 秒 |",
			"forward", "前方差分",
			"central", "中心差分",
		},
	},
}

// block is Go code or a table, with the comment before it that says of what:
//
//	<!-- code: FILE DECLARATION… -->   a path from this folder; without doc comments
//	<!-- python: FILE -->                 a script that a TestNumPy runs
//	<!-- output: FILE -->                 what a command says
//	<!-- rows: SECTION… -->            the book's numbers and ours
//	<!-- steps: DIFFERENCE… -->        the differences' best steps
//	<!-- costs: FILE -->                  of testdata: what a gradient costs
var block = regexp.MustCompile("(?m)^(<!-- (code|python|output|rows|steps|costs): (.*) -->\n)(?:```(?:go|python|text)\n(?:.*\n)*?```\n|(?:\\|.*\n)*)")

// The code is that of the package, and the numbers those that the command
// shows, byte for byte.
func TestDocument(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("elsewhere the last digits of logarithms may be others")
	}
	for _, d := range documents {
		text := d.read(t)
		want := block.ReplaceAllStringFunc(text, func(old string) string {
			m := block.FindStringSubmatch(old)
			comment, kind, names := m[1], m[2], strings.Fields(m[3])
			switch kind {
			case "code":
				return comment + "```go\n" + source(t, names[0], names[1:]) + "```\n"
			case "python":
				return comment + "```python\n" + script(t, names[0]) + "```\n"
			case "output":
				return comment + "```text\n" + output(t, names[0]) + "```\n"
			case "rows":
				return comment + d.rowsHead + d.translated(rowLines(t, names))
			case "costs":
				return comment + d.costsHead + d.translated(costLines(t, names[0]))
			}
			return comment + d.stepsHead + d.translated(stepLines(t, names))
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

// No code and no table is without a comment that keeps it current.
func TestDocumentUnmarked(t *testing.T) {
	loose := regexp.MustCompile("(?m)^ *(```(?:go|python|text)|~~~|\\|).*$|<(img|pre|table).*")
	for _, d := range documents {
		for _, line := range loose.FindAllString(block.ReplaceAllString(d.read(t), ""), -1) {
			t.Errorf("%s: nothing keeps this current: %s", d.file, line)
		}
	}
}

// All figures are shown, in their order, and no other pictures.
func TestDocumentFigures(t *testing.T) {
	var want []string
	for _, f := range figures.All(chapter4.Run{}, chapter4.Run{}) {
		want = append(want, "chapter4/"+f.Name+".png")
	}
	image := regexp.MustCompile(`!\[[^\]]+\]\(([^)]*)\)`)
	for _, d := range documents {
		var got []string
		for _, m := range image.FindAllStringSubmatch(d.read(t), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s shows\n%q\nwant\n%q", d.file, got, want)
		}
	}
}

// Both languages have the same sections, code, tables and figures, in one order.
func TestDocumentLanguages(t *testing.T) {
	part := regexp.MustCompile(`(?m)^#+ [\d.]*|^<!-- .* -->$|!\[[^\]]*\](\([^)]*\))`)
	var outlines [][]string
	for _, d := range documents {
		var outline []string
		for _, m := range part.FindAllStringSubmatch(d.read(t), -1) {
			if m[1] != "" { // a picture, whose description is translated
				m[0] = m[1]
			}
			outline = append(outline, m[0])
		}
		outlines = append(outlines, outline)
	}
	if !slices.Equal(outlines[0], outlines[1]) {
		t.Errorf("the outlines differ:\n%q\n%q", outlines[0], outlines[1])
	}
}

// Each phrase that is translated is in a table.
func TestDocumentWords(t *testing.T) {
	tables := strings.Join(regexp.MustCompile(`(?m)^\|.*$`).FindAllString(documents[0].read(t), -1), "\n")
	for pair := range slices.Chunk(documents[1].words, 2) {
		if !strings.Contains(tables, pair[0]) {
			t.Errorf("no table of %s has %q", documents[0].file, pair[0])
		}
	}
}

func (d document) read(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(d.file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (d document) translated(lines string) string {
	return strings.NewReplacer(d.words...).Replace(lines)
}

// script returns a Python script, or those of its lines that stand between one
// that says "#: TITLE" and one that says "#:".
func script(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?m)^( *)#: (.+)\n((?:.*\n)*?) *#:\n`)
	var parts []string
	for _, m := range part.FindAllStringSubmatch(string(text), -1) {
		lines := strings.ReplaceAll("\n"+m[3], "\n"+m[1], "\n")
		parts = append(parts, "# "+m[2]+lines)
	}
	if parts == nil {
		return string(text)
	}
	return strings.Join(parts, "")
}

func output(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// source returns the source of declarations of a file, methods as Type.Method,
// with an empty line between them.
func source(t *testing.T, file string, names []string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
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
		found = append(found, string(text[from.Offset:to.Offset])+"\n")
	}
	return strings.Join(found, "\n")
}

// nameOf returns the name of a function, a method or a type, "" of others.
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

// rowLines returns the lines of a table with the rows of the sections.
func rowLines(t *testing.T, sections []string) string {
	t.Helper()
	run, _, err := numbers.Saved()
	if err != nil {
		t.Fatal(err)
	}
	all := append(numbers.Rows(), numbers.TrainingRows(run)...)
	var lines strings.Builder
	for _, section := range sections {
		if !slices.ContainsFunc(all, func(r numbers.Row) bool { return r.Section == section }) {
			t.Fatalf("no rows of section %s", section)
		}
		for _, r := range all {
			if r.Section != section {
				continue
			}
			book := cell(r.PrintedNumbers())
			if r.Printed == "" {
				book = cell(numbers.Format(r.Published)) + " (its code)"
			}
			fmt.Fprintf(&lines, "| %s | %s | %s | %s | %s |\n", r.Section, r.What, book, cell(numbers.Format(r.Ours)), r.Verdict())
		}
	}
	return lines.String()
}

// cell returns numbers one below the other, of a path its start alone.
func cell(numbers []string) string {
	const start, most = 2, 6
	more := ""
	if len(numbers) > most {
		more = fmt.Sprintf("<br>… and %d more", len(numbers)-start)
		numbers = numbers[:start]
	}
	return "`" + strings.Join(numbers, "`<br>`") + "`" + more
}

// stepLines returns the lines of a table with what the figure step-size shows
// of the differences.
func stepLines(t *testing.T, differences []string) string {
	t.Helper()
	var lines strings.Builder
	for _, name := range differences {
		switch name {
		case "forward":
			stepLine(&lines, "float32, forward", "ulp^(1/2)", math.Sqrt(0x1p-23), chapter4.ForwardDiff[float32])
			stepLine(&lines, "float64, forward", "ulp^(1/2)", math.Sqrt(0x1p-52), chapter4.ForwardDiff[float64])
		case "central":
			stepLine(&lines, "float32, central", "ulp^(1/3)", math.Cbrt(0x1p-23), chapter4.CentralDiff[float32])
			stepLine(&lines, "float64, central", "ulp^(1/3)", math.Cbrt(0x1p-52), chapter4.CentralDiff[float64])
		default:
			t.Fatalf("no difference is named %s", name)
		}
	}
	return lines.String()
}

func stepLine[T float32 | float64](lines *strings.Builder, name, rule string, power float64, difference func(f func(T) T, x, h T) T) {
	best := chapter4.BestStep(chapter4.StepErrors(difference))
	short := func(v float64) string { return strings.Replace(fmt.Sprintf("%.1e", v), "e-0", "e-", 1) }
	fmt.Fprintf(lines, "| %s | %s = %s | %s | %s | %s |\n", name, rule, short(power),
		short(best.H), short(best.Error), short(chapter4.SlopeError(difference, T(1e-4))))
}

// costLines returns the lines of a table with what a gradient of the book's net
// costs, by the times that a file has in milliseconds.
func costLines(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var ways []struct {
		Way            string
		Loss, Gradient float64 // one of the two
	}
	if err := json.Unmarshal(text, &ways); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	losses := 2 * len(nn.NewParams(784, 50, 10).Vector)
	var lines strings.Builder
	for _, w := range ways {
		loss := ""
		if w.Loss > 0 {
			loss = duration(w.Loss)
			w.Gradient = float64(losses) * w.Loss
		}
		fmt.Fprintf(&lines, "| %s | %s | %s | %s |\n", w.Way, loss, duration(w.Gradient), duration(1e4*w.Gradient))
	}
	return lines.String()
}

// duration returns milliseconds in the unit that suits them.
func duration(ms float64) string {
	switch {
	case ms < 1e3:
		return fmt.Sprintf("%.2g ms", ms)
	case ms < 864e5:
		return fmt.Sprintf("%.2g s", ms/1e3)
	}
	return fmt.Sprintf("%.2g days", ms/864e5)
}
