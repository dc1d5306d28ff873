package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// chapterPage holds a document of docs: language, title, content.
const chapterPage = `<!doctype html>
<html lang="%s">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="chapter4.css">
<body>
%s</body>
</html>
`

// addChapter adds the companion to the book's chapter, which the page links to,
// and its figures. Docs is the directory of both.
func addChapter(files map[string][]byte, docs string) error {
	for name, lang := range map[string]string{"chapter4": "en", "chapter4.ja": "ja"} {
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
		files[name+".html"] = fmt.Appendf(nil, chapterPage, lang, title, content.Bytes())
	}
	return nil
}

// relink makes the links of a document those of the page: to its translation,
// and to places in itself. What is not on the page becomes mere text. It returns
// the files of the pictures.
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
			case strings.HasPrefix(to, "chapter4") && path.Ext(to) == ".md":
				n.Destination = []byte(strings.TrimSuffix(to, ".md") + ".html")
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
