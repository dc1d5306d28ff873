package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// documents are the pages of docs that the page links to, each in English and
// Japanese.
var documents = []string{"chapter4", "gradient", "gradcheck"}

// back is the text of the link from a document to the page, by language.
var back = map[string]string{"en": "The net in your browser", "ja": "ブラウザで動かす"}

// documentPage is the HTML around a document: language, title, link back, content.
const documentPage = `<!doctype html>
<html lang="%s">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="chapter4.css">
<body>
<p><a href="index.html">%s</a></p>
%s</body>
</html>
`

// addDocuments adds the documents in the folder docs, and their figures.
func addDocuments(files map[string][]byte, docs string) error {
	for _, name := range documents {
		for lang, file := range map[string]string{"en": name, "ja": name + ".ja"} {
			source, err := os.ReadFile(filepath.Join(docs, file+".md"))
			if err != nil {
				return err
			}
			page, figures, err := documentHTML(source, lang)
			if err != nil {
				return fmt.Errorf("%s.md: %w", file, err)
			}
			files[file+".html"] = page
			for _, figure := range figures {
				if files[figure], err = os.ReadFile(filepath.Join(docs, figure)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// documentHTML returns a document as HTML, and the names of its figures.
func documentHTML(source []byte, lang string) (page []byte, figures []string, err error) {
	math := new(mathParser)
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithInlineParsers(util.Prioritized(math, 0))),
		goldmark.WithRendererOptions(html.WithUnsafe()), // for <br> and <details> in the project's own documents
	)
	document := markdown.Parser().Parse(text.NewReader(source))
	if math.err != nil {
		return nil, nil, math.err
	}
	figures = relink(document)
	var content bytes.Buffer
	if err := markdown.Renderer().Render(&content, source, document); err != nil {
		return nil, nil, err
	}
	title, _, _ := strings.Cut(strings.TrimPrefix(string(source), "# "), "\n")
	return fmt.Appendf(nil, documentPage, lang, title, back[lang], content.Bytes()), figures, nil
}

// relink points a document's links to the HTML pages of the other documents. A
// link to a file that is not on the page becomes plain text. Relink returns the
// names of the figures.
func relink(document ast.Node) (figures []string) {
	var dead []ast.Node
	ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Image:
			if entering {
				figures = append(figures, string(n.Destination))
			}
		case *ast.Link:
			to := string(n.Destination)
			switch {
			case !entering || strings.HasPrefix(to, "#") || strings.Contains(to, "://"):
			case isDocument(to):
				n.Destination = []byte(strings.Replace(to, ".md", ".html", 1))
			default:
				dead = append(dead, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, link := range dead {
		for link.FirstChild() != nil {
			link.Parent().InsertBefore(link.Parent(), link, link.FirstChild())
		}
		link.Parent().RemoveChild(link.Parent(), link)
	}
	return figures
}

// isDocument reports whether a link leads to one of the documents.
func isDocument(to string) bool {
	file, _, _ := strings.Cut(to, "#")
	name, ok := strings.CutSuffix(file, ".md")
	return ok && slices.Contains(documents, strings.TrimSuffix(name, ".ja"))
}

// mathParser replaces LaTeX formulas, $…$ and $$…$$, by HTML. It keeps the
// first error.
type mathParser struct{ err error }

// formula matches a formula at the start of a text. As on GitHub, no space
// follows the first dollar of $…$ and none precedes the last.
var formula = regexp.MustCompile(`^(\$\$)([^$]+)\$\$|^\$([^\s$]|[^\s$][^$\n]*[^\s$])\$`)

// Trigger returns the first byte of a formula.
func (m *mathParser) Trigger() []byte { return []byte{'$'} }

// Parse returns the formula at the reader's position, or nil.
func (m *mathParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	var rest []byte
	line, segment := block.Position()
	for text, _ := block.PeekLine(); text != nil; text, _ = block.PeekLine() {
		rest = append(rest, text...)
		block.AdvanceLine()
	}
	block.SetPosition(line, segment)
	match := formula.FindSubmatch(rest)
	if match == nil {
		return nil
	}
	for range bytes.Count(match[0], []byte{'\n'}) {
		block.AdvanceLine()
	}
	block.Advance(len(match[0]) - bytes.LastIndexByte(match[0], '\n') - 1)
	html, err := mathHTML(string(match[2])+string(match[3]), match[1] != nil)
	if m.err == nil {
		m.err = err
	}
	node := ast.NewString([]byte(html))
	node.SetCode(true) // the renderer writes it unchanged
	return node
}

// texWords translates commands without arguments; letters become italic.
var texWords = map[string]string{
	"partial": "∂", "nabla": "∇", "eta": "η", "delta": "δ", "Delta": "Δ", "varepsilon": "ε", "theta": "θ", "sigma": "σ", "lambda": "λ", "Lambda": "Λ", "infty": "∞",
	"log": "log", "exp": "exp", "max": "max", "sum": "∑", "lim": "lim", "to": " → ", "leftarrow": " ← ", "cdot": " · ", "times": " × ", "pm": " ± ", "approx": " ≈ ",
	"neq": " ≠ ", "le": " ≤ ", "ge": " ≥ ", "ll": " ≪ ", "in": " ∈ ", "ldots": "…", "dots": "…", "cdots": "⋯", "vdots": "⋮", "quad": "\u2003", "qquad": "\u2003\u2003", "left": "", "right": "",
}

// texRules translate commands with arguments, the innermost first.
var texRules = []struct {
	latex *regexp.Regexp
	html  string
}{
	{regexp.MustCompile(`\\frac\{([^{}]*)\}\{([^{}]*)\}`), `<span class="fraction"><span>$1</span><span>$2</span></span>`},
	{regexp.MustCompile(`\\sqrt\{([^{}]*)\}`), "√($1)"},
	{regexp.MustCompile(`_(?:\{([^{}]*)\}|(<i>.</i>|[^{}<\s]))`), "<sub>$1$2</sub>"},
	{regexp.MustCompile(`\^(?:\{([^{}]*)\}|(<i>.</i>|[^{}<\s]))`), "<sup>$1$2</sup>"},
	{regexp.MustCompile(`\\begin\{pmatrix\}([^{}]*)\\end\{pmatrix\}`), `<span class="matrix"><span>$1</span></span>`},
}

var (
	texWord  = regexp.MustCompile(`\\(?:text|mathrm)\{[^{}]*\}|\\(?:begin|end)\{[a-z]*\}|\\[A-Za-z]+|[A-Za-z]`)
	texSigns = strings.NewReplacer("-", "−", "<", "&lt;", ">", "&gt;", "&", "\u2003")
	texSpace = strings.NewReplacer(`\\`, "</span><span>", `\,`, "\u2009")
)

// mathHTML translates the LaTeX of a formula, on a line of its own or not. An
// unknown command is an error.
func mathHTML(latex string, own bool) (string, error) {
	s := texWord.ReplaceAllStringFunc(texSigns.Replace(latex), func(word string) string {
		name, argument, ok := strings.Cut(strings.TrimPrefix(word, `\`), "{")
		switch text, known := texWords[name]; {
		case ok && (name == "text" || name == "mathrm"):
			return strings.TrimSuffix(argument, "}")
		case word == name:
			return "<i>" + word + "</i>"
		case known:
			return text
		}
		return word
	})
	s = texSpace.Replace(s)
	for before := ""; s != before; {
		before = s
		for _, rule := range texRules {
			s = rule.latex.ReplaceAllString(s, rule.html)
		}
	}
	if strings.ContainsAny(s, `\{}`) {
		return "", fmt.Errorf("the formula %q is not translated beyond %q", latex, s)
	}
	if own {
		return `<span class="math own">` + s + "</span>", nil
	}
	return `<span class="math">` + s + "</span>", nil
}
