package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/nn"
)

// evaluation is the textbook's way through the net for a whole set at once,
// and shares no code with the page's.
type evaluation struct {
	label, answer []int
	y             *mat.Dense // probabilities
	loss          float64
	confusion     [][]int
	wrong         []int // images, the largest loss first
}

func evaluate(net *nn.Net, set *dataset.Set) *evaluation {
	inputs, classes := set.Rows*set.Cols, set.Classes
	n := set.Len()
	x := mat.NewDense(n, inputs, nil)
	for i, pixels := range set.Images {
		row := x.RawRowView(i)
		for j, v := range pixels {
			row[j] = float64(v) / 255
		}
	}
	activation := func(a float64) float64 { return 1 / (1 + math.Exp(-a)) }
	if net.Activation == "relu" {
		activation = func(a float64) float64 { return (a + math.Abs(a)) / 2 }
	}
	y := x
	for l, layer := range net.Layers {
		var a mat.Dense
		a.Mul(y, layer.W)
		a.Apply(func(_, j int, v float64) float64 {
			if v += layer.B[j]; l < len(net.Layers)-1 {
				v = activation(v)
			}
			return v
		}, &a)
		y = &a
	}

	e := &evaluation{y: y, confusion: make([][]int, classes)}
	for t := range e.confusion {
		e.confusion[t] = make([]int, classes)
	}
	for i := range n {
		row := y.RawRowView(i)
		sum := 0.0
		for k, a := range row {
			row[k] = math.Exp(a)
			sum += row[k]
		}
		floats.Scale(1/sum, row)
		t, k := int(set.Labels[i]), floats.MaxIdx(row)
		e.label, e.answer = append(e.label, t), append(e.answer, k)
		e.loss -= math.Log(row[t]) / float64(n)
		e.confusion[t][k]++
		if k != t {
			e.wrong = append(e.wrong, i)
		}
	}
	slices.SortFunc(e.wrong, func(a, b int) int { return cmp.Compare(y.At(a, e.label[a]), y.At(b, e.label[b])) })
	return e
}

// check compares the numbers of the page with those of the evaluation.
func (e *evaluation) check(t *testing.T, page *element) {
	t.Helper()
	e.checkKey(t, page)
	e.checkConfusion(t, page)
	e.checkClasses(t, page)
	e.checkMistakes(t, page)
}

func (e *evaluation) checkKey(t *testing.T, page *element) {
	t.Helper()
	n, wrong := len(e.label), len(e.wrong)
	for id, want := range map[string]string{
		"accuracy": fmt.Sprintf("%.2f %%", 100*float64(n-wrong)/float64(n)),
		"wrong":    strconv.Itoa(wrong),
		"loss":     fmt.Sprintf("%.4f", e.loss),
	} {
		if got := strings.ReplaceAll(page.get(t, id).words(), ",", ""); got != want {
			t.Errorf("%s on the page is %q, want %q", id, got, want)
		}
	}
}

func (e *evaluation) checkConfusion(t *testing.T, page *element) {
	t.Helper()
	if head := page.get(t, "confusion").words(); !strings.HasPrefix(head, "taken for is") && !strings.HasPrefix(head, "taken foris") {
		t.Errorf("the confusion matrix begins with %.30q, want the names of its axes", head)
	}
	table := page.get(t, "confusion").rows()
	if len(table) != len(e.confusion) {
		t.Fatalf("the confusion matrix has %d rows, want %d", len(table), len(e.confusion))
	}
	for label, row := range e.confusion {
		all := 0
		for _, count := range row {
			all += count
		}
		want := []string{strconv.Itoa(label)}
		for _, count := range row {
			cell := strconv.Itoa(count)
			if count > 0 {
				cell += fmt.Sprintf("%.1f", 100*float64(count)/float64(all))
			}
			want = append(want, cell)
		}
		if got := strings.ReplaceAll(fmt.Sprint(table[label]), ",", ""); got != fmt.Sprint(want) {
			t.Errorf("row %d of the confusion matrix is %v, want %v", label, got, want)
		}
	}
}

func (e *evaluation) checkClasses(t *testing.T, page *element) {
	t.Helper()
	for k, row := range page.get(t, "classes").rows() {
		images, answers, right := 0, 0, 0
		for i, label := range e.label {
			if label == k {
				images++
			}
			if e.answer[i] == k {
				answers++
			}
			if label == k && e.answer[i] == k {
				right++
			}
		}
		want := fmt.Sprintf("[%d %d %d %d %.1f %.1f ]", k, images, answers, right,
			100*float64(right)/float64(answers), 100*float64(right)/float64(images))
		if got := strings.ReplaceAll(fmt.Sprint(row), ",", ""); got != want {
			t.Errorf("the class is %s on the page, want %s", got, want)
		}
	}
}

func (e *evaluation) checkMistakes(t *testing.T, page *element) {
	t.Helper()
	items := page.get(t, "mistakes").all("li")
	if want := min(40, len(e.wrong)); len(items) != want {
		t.Fatalf("the page has %d mistakes, want %d", len(items), want)
	}
	percent := func(p float64) string {
		if p < 0.0005 {
			return "<0.1"
		}
		return fmt.Sprintf("%.1f", 100*p)
	}
	for i, item := range items {
		image := e.wrong[i]
		label, answer := e.label[image], e.answer[image]
		want := fmt.Sprintf("said %d %s %%is %d %s %%image %d", answer, percent(e.y.At(image, answer)), label, percent(e.y.At(image, label)), image)
		if got := item.words(); got != want {
			t.Errorf("mistake %d is %q on the page, want %q", i, got, want)
		}
	}
}
