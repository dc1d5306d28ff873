package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// documents are the companion to the book's chapter and what it leads to, each
// in two languages.
var documents = []string{"chapter4", "gradient", "gradcheck"}

// back leads from a document to the page, by language.
var back = map[string]string{"en": "The net in your browser", "ja": "ブラウザで動かす"}

// chapterPage holds a document of docs: language, title, the way back, content.
const chapterPage = `<!doctype html>
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

// addChapter adds the documents, which the page links to, and their figures. Docs
// is the directory of both.
func addChapter(files map[string][]byte, docs string) error {
	for _, name := range documents {
		if err := addDocument(files, docs, name, "en"); err != nil {
			return err
		}
		if err := addDocument(files, docs, name+".ja", "ja"); err != nil {
			return err
		}
	}
	return nil
}

func addDocument(files map[string][]byte, docs, name, lang string) error {
	source, err := os.ReadFile(filepath.Join(docs, name+".md"))
	if err != nil {
		return err
	}
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(html.WithUnsafe()), // for <br>: the documents are the project's own
	)
	document := markdown.Parser().Parse(text.NewReader(source))
	figures := relink(document)
	for _, figure := range figures {
		if files[figure], err = os.ReadFile(filepath.Join(docs, figure)); err != nil {
			return err
		}
	}
	var content bytes.Buffer
	if err := markdown.Renderer().Render(&content, source, document); err != nil {
		return fmt.Errorf("%s.md: %w", name, err)
	}
	title, _, _ := strings.Cut(strings.TrimPrefix(string(source), "# "), "\n")
	files[name+".html"] = fmt.Appendf(nil, chapterPage, lang, title, back[lang], content.Bytes())
	return nil
}

// relink makes the links of a document those of the page: to the documents, and
// to places in itself. What is not on the page becomes mere text. It returns the
// files of the pictures.
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

// isDocument reports whether a link leads to a document, or to a place in it.
func isDocument(to string) bool {
	file, _, _ := strings.Cut(to, "#")
	name, ok := strings.CutSuffix(file, ".md")
	return ok && slices.Contains(documents, strings.TrimSuffix(name, ".ja"))
}
