package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"numgrad/chapter4"
)

var update = flag.Bool("update", false, "write the code and the tables in docs/chapter4.md and docs/chapter4.ja.md")

// document is the companion of the chapter in one language.
type document struct {
	file      string
	bookHead  string   // head of a table of the book's numbers and ours
	addedHead string   // head of a table of other numbers
	stepsHead string   // head of the table of the best steps
	words     []string // translations in tables: English, translated, English, …
}

var documents = []document{
	{
		file:      "../../docs/chapter4.md",
		bookHead:  "| | the book prints | ours | |\n|---|---|---|---|\n",
		addedHead: "| | expected | ours | |\n|---|---|---|---|\n",
		stepsHead: "| | | best h | error there | error at h = 1e-4 |\n|---|---|---|---|---|\n",
	}, {
		file:      "../../docs/chapter4.ja.md",
		bookHead:  "| | 本の表示 | このプロジェクト | 一致 |\n|---|---|---|---|\n",
		addedHead: "| | 期待値 | このプロジェクト | 一致 |\n|---|---|---|---|\n",
		stepsHead: "| | | 最良の h | そのときの誤差 | h = 1e-4 での誤差 |\n|---|---|---|---|---|\n",
		words: []string{
			"same bits", "ビット単位で一致",
			"all digits", "全桁一致",
			"within ", "差 ≤ ",
			" (its code)", "（公開コード）",
			"… and 38 more", "… ほか 38個",
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
			" steps", "回の更新後",
			" from (", "、始点 (",
			", ascent", "、勾配上昇法",
			"gradient at the end of the first", "1行目の終点での勾配",
			"loss, accuracy", "損失、認識精度",
			"the same, w11", "同じく w11",
			"cross_entropy_error of two answers", "2つの出力の cross_entropy_error",
			"forward", "前方差分",
			"central", "中心差分",
		},
	},
}

// block is code or a table, after a comment that names its source:
//
//	<!-- go: NAME… -->              a program with declarations of package chapter4,
//	                                and an example as main
//	<!-- excerpt: FILE NAME… -->    declarations of another package
//	<!-- python: FILE -->           a script of cmd/train
//	<!-- output: FILE -->           the output of a command
//	<!-- rows: SECTION -->          the book's numbers and ours
//	<!-- added: SECTION -->         numbers that are not in the book
//	<!-- steps: sigmoid -->         the best steps of the differences
//
// Python code without a comment stands only in the documents; see TestNumPy.
var block = regexp.MustCompile("(?m)^(<!-- (go|excerpt|python|output|rows|added|steps): (.*) -->\n)(?:```(?:go|python|text)\n(?:.*\n)*?```\n|(?:\\|.*\n)*)")

// The documents have the code of the packages and the numbers of the command.
func TestDocument(t *testing.T) {
	if race || !amd64 {
		t.Skip("once is enough; elsewhere the last digits of logarithms may differ")
	}
	for _, d := range documents {
		text := read(t, d.file)
		want := block.ReplaceAllStringFunc(text, func(old string) string {
			m := block.FindStringSubmatch(old)
			comment, names := m[1], strings.Fields(m[3])
			switch m[2] {
			case "go":
				return comment + "```go\n" + program(t, names) + "```\n"
			case "excerpt":
				return comment + "```go\n" + excerpt(t, names[0], names[1:]) + "```\n"
			case "python":
				return comment + "```python\n" + script(t, names[0]) + "```\n"
			case "output":
				return comment + "```text\n" + read(t, names[0]) + "```\n"
			case "rows":
				return comment + d.bookHead + d.translated(rowLines(t, names[0], false))
			case "added":
				return comment + d.addedHead + d.translated(rowLines(t, names[0], true))
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

// Each Go program of the document compiles as a file of its own. The examples
// of package chapter4 check the output.
func TestPrograms(t *testing.T) {
	if race {
		t.Skip("once is enough")
	}
	goBlock := regexp.MustCompile("(?s)```go\n(package main\n.*?)```")
	all := goBlock.FindAllStringSubmatch(read(t, documents[0].file), -1)
	if len(all) < 15 {
		t.Errorf("%d programs, want 15 or more", len(all))
	}
	for i, m := range all {
		file := filepath.Join(t.TempDir(), fmt.Sprintf("program%d.go", i))
		if err := os.WriteFile(file, []byte(m[1]), 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, out, m[1])
		}
	}
}

// The Python code of the documents, pasted in order into an interactive Python
// in an empty folder, prints the lines below "# Output:". NUMGRAD_NUMPY is a
// python3 that has NumPy.
func TestNumPy(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set to a python3 that has NumPy")
	}
	for _, d := range documents {
		var pasted, want strings.Builder
		for _, m := range regexp.MustCompile("(?s)```python\n(.*?)```").FindAllStringSubmatch(read(t, d.file), -1) {
			code, output, _ := strings.Cut(m[1], "# Output:\n")
			pasted.WriteString(code + "\n")
			for line := range strings.Lines(output) {
				want.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
			}
		}
		command := exec.Command(python, "-i", "-q")
		command.Dir = t.TempDir()
		command.Stdin = strings.NewReader(pasted.String())
		var stdout, stderr strings.Builder
		command.Stdout, command.Stderr = &stdout, &stderr
		if err := command.Run(); err != nil || stdout.String() != want.String() || strings.Contains(stderr.String(), "Traceback") {
			t.Errorf("%s: error %v; Python says\n%s%s\nwant\n%s", d.file, err, stdout.String(), stderr.String(), want.String())
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

// source returns the declarations of the names in files, without doc comments
// and with the imports that they need.
func source(t *testing.T, files []string, names []string) string {
	t.Helper()
	set := token.NewFileSet()
	imports, code := map[string]string{}, map[string]string{}
	for _, file := range files {
		text := read(t, file)
		parsed, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		paths := map[string]string{}
		for _, spec := range parsed.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			paths[strings.TrimSuffix(path[strings.LastIndex(path, "/")+1:], "v2")] = path
		}
		paths["rand"] = "math/rand/v2"
		for _, d := range parsed.Decls {
			name := nameOf(d)
			if !slices.Contains(names, name) {
				continue
			}
			code[name] = text[set.Position(d.Pos()).Offset:set.Position(d.End()).Offset] + "\n"
			ast.Inspect(d, func(n ast.Node) bool {
				if selector, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := selector.X.(*ast.Ident); ok && paths[x.Name] != "" {
						imports[paths[x.Name]] = x.Name
					}
				}
				return true
			})
		}
	}
	var out strings.Builder
	groups := [3][]string{} // the standard library, other modules, this one
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		kind := 0
		if strings.HasPrefix(path, "numgrad/") {
			kind = 2
		} else if strings.Contains(path, ".") {
			kind = 1
		}
		groups[kind] = append(groups[kind], "\t\""+path+"\"\n")
	}
	var blocks []string
	for _, g := range groups {
		if g != nil {
			blocks = append(blocks, strings.Join(g, ""))
		}
	}
	switch {
	case len(imports) == 1:
		out.WriteString("import " + strings.TrimSpace(blocks[0]) + "\n\n")
	case len(imports) > 1:
		out.WriteString("import (\n" + strings.Join(blocks, "\n") + ")\n\n")
	}
	for i, name := range names {
		if code[name] == "" {
			t.Fatalf("%q does not declare %s", files, name)
		}
		if i > 0 {
			out.WriteString("\n")
		}
		out.WriteString(code[name])
	}
	return out.String()
}

// program returns a program with declarations of package chapter4. The last
// name is an example, which becomes main.
func program(t *testing.T, names []string) string {
	t.Helper()
	files, err := filepath.Glob("../../chapter4/*.go")
	if err != nil {
		t.Fatal(err)
	}
	example := "func " + names[len(names)-1] + "()"
	return "package main\n\n" + strings.Replace(source(t, files, names), example, "func main()", 1)
}

// excerpt returns declarations of a file with its package clause.
func excerpt(t *testing.T, file string, names []string) string {
	t.Helper()
	folder := filepath.Base(filepath.Dir(file))
	return fmt.Sprintf("package %s // %s/%s\n\n%s", folder, folder, filepath.Base(file), source(t, []string{file}, names))
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
func rowLines(t *testing.T, section string, added bool) string {
	t.Helper()
	var lines strings.Builder
	for _, s := range chapter(builtIn(t)) {
		for _, n := range s.numbers {
			if s.number != section || n.added != added {
				continue
			}
			reference := cell(digits(n.expected))
			if n.printed != "" {
				reference = cell(n.printedNumbers())
			} else if !added {
				reference += " (its code)"
			}
			fmt.Fprintf(&lines, "| %s | %s | %s | %s |\n", n.what, reference, cell(digits(n.ours)), n.verdict())
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
		short(math.Pow(10, best.X)), short(math.Pow(10, best.Y)), short(slopeError(difference, T(1e-4))))
}
