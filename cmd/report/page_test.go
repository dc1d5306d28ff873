package main

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
)

// element is a part of a page.
type element struct {
	Name     string
	Attr     map[string]string
	Children []*element
	Text     string // of the element and all in it
}

// parsePage returns the page in a file, which must be nested properly.
func parsePage(t *testing.T, file []byte) *element {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(file))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	open := []*element{{}}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the page is not nested properly: %v", err)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{Name: token.Name.Local, Attr: map[string]string{}}
			for _, a := range token.Attr {
				e.Attr[a.Name.Local] = a.Value
			}
			top.Children = append(top.Children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.Text += string(token)
			}
		}
	}
	if len(open) != 1 {
		t.Fatalf("the page does not close %q", open[len(open)-1].Name)
	}
	return open[0]
}

// all returns the elements of that name inside e, in their order.
func (e *element) all(name string) []*element {
	var found []*element
	for _, child := range e.Children {
		if child.Name == name {
			found = append(found, child)
		}
		found = append(found, child.all(name)...)
	}
	return found
}

// find returns the element with that id, nil if there is none.
func (e *element) find(id string) *element {
	if e.Attr["id"] == id {
		return e
	}
	for _, child := range e.Children {
		if found := child.find(id); found != nil {
			return found
		}
	}
	return nil
}

// get is find where the element must be.
func (e *element) get(t *testing.T, id string) *element {
	t.Helper()
	found := e.find(id)
	if found == nil {
		t.Fatalf("the page has no element %q", id)
	}
	return found
}

// rows returns the texts of the cells of a table's body, with one space
// between the words.
func (e *element) rows() [][]string {
	var rows [][]string
	for _, body := range e.all("tbody") {
		for _, tr := range body.all("tr") {
			var row []string
			for _, cell := range tr.Children {
				row = append(row, cell.words())
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// words is the text with single spaces.
func (e *element) words() string { return strings.Join(strings.Fields(e.Text), " ") }

// decode returns the picture in an img, which must not be blank.
func (e *element) decode(t *testing.T) image.Image {
	t.Helper()
	data, ok := strings.CutPrefix(e.Attr["src"], "data:image/png;base64,")
	if !ok {
		t.Fatalf("a picture is at %.40q, want it in the page", e.Attr["src"])
	}
	file, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if e.Attr["alt"] == "" {
		t.Error("a picture has no text in its place")
	}
	if blank(img) {
		t.Errorf("the picture %q is blank", e.Attr["alt"])
	}
	return img
}

// blank reports whether a picture has a single colour.
func blank(img image.Image) bool {
	first := img.At(0, 0)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if img.At(x, y) != first {
				return false
			}
		}
	}
	return true
}
