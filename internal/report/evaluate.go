package report

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/nn"
)

// evaluation holds the answers of a net to the test images.
type evaluation struct {
	Loss      float64   // mean cross entropy, in nats
	Total     int       // number of images
	Confusion [][]int   // [K×K]: the number of images of each class (row) with each answer (column)
	Mistakes  []mistake // sorted by loss, the largest first
}

// mistake is a wrong answer.
type mistake struct {
	Image           int     // index in the test set
	Label, Answer   int     // the right class, and the most probable one
	PLabel, PAnswer float64 // probabilities of both
}

// Accuracy returns the share of right answers, 0 to 1.
func (e *evaluation) Accuracy() float64 { return share(e.Total-len(e.Mistakes), e.Total) }

// share returns part/whole, and NaN for 0/0.
func share(part, whole int) float64 { return float64(part) / float64(whole) }

// evaluate returns the net's result on set. An answer that is NaN is an error.
func evaluate(net *nn.Net, set *dataset.Set) (*evaluation, error) {
	classes := net.Classes()
	e := &evaluation{Total: set.Len(), Confusion: make([][]int, classes)}
	for k := range e.Confusion {
		e.Confusion[k] = make([]int, classes)
	}
	var batch dataset.Batch
	for indices := range slices.Chunk(firstIndices(set.Len()), 500) {
		set.Gather(&batch, indices)
		y := net.Predict(batch.X)
		for i, index := range indices {
			label, p := batch.T[i], y.RawRowView(i)
			if floats.HasNaN(p) {
				return nil, fmt.Errorf("the net's answer to test image %d is not a number: its weights are too large", index)
			}
			answer := floats.MaxIdx(p)
			e.Confusion[label][answer]++
			if answer != label {
				e.Mistakes = append(e.Mistakes, mistake{index, label, answer, p[label], p[answer]})
			}
			loss := -math.Log(p[label])
			if p[label] < 0x1p-1022 { // a subnormal number has lost digits
				loss = net.Loss(batch.X.Slice(i, i+1, 0, set.Size()).(*mat.Dense), batch.T[i:i+1])
			}
			e.Loss += loss / float64(set.Len())
		}
	}
	slices.SortStableFunc(e.Mistakes, func(a, b mistake) int { return cmp.Compare(a.PLabel, b.PLabel) })
	return e, nil
}

// firstIndices returns 0…n−1.
func firstIndices(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// classes holds precision and recall of each class.
type classes struct {
	From int // lower end of the chart, in percent
	Rows []class
	Many bool // the page shows the table on request
}

type class struct {
	Images, Answers, Right int
	Precision, Recall      float64 // NaN without answers or images
}

func newClasses(e *evaluation) classes {
	c := classes{Rows: make([]class, len(e.Confusion)), Many: len(e.Confusion) > maxTable}
	for t, row := range e.Confusion {
		for k, n := range row {
			c.Rows[t].Images += n
			c.Rows[k].Answers += n
		}
		c.Rows[t].Right = row[t]
	}
	lowest := 0.95
	for k := range c.Rows {
		r := &c.Rows[k]
		r.Precision, r.Recall = share(r.Right, r.Answers), share(r.Right, r.Images)
		for _, v := range []float64{r.Precision, r.Recall} {
			if v < lowest { // false for NaN
				lowest = v
			}
		}
	}
	c.From = 5 * int(20*lowest)
	return c
}

// At returns the place of v on the chart, in percent of its width.
func (c classes) At(v float64) float64 {
	return math.Round(1000*(100*v-float64(c.From))/(100-float64(c.From))) / 10
}

// maxTable is the largest number of classes with a table as confusion matrix.
// More classes get a picture and a list.
const maxTable = 20

// confusion is the confusion matrix for the page.
type confusion struct {
	Table   [][]cell // nil if there are too many classes
	Picture picture  // without Table
	Common  []confused
}

type cell struct {
	Count   int
	Rate    float64 // share of the images of the row's class
	Right   bool
	Opacity string // of the cell's colour, 0 to 1
}

// confused counts the images of one class with one wrong answer.
type confused struct {
	Label, Answer, Count int
	Rate                 float64 // share of the images of class Label
}

func newConfusion(e *evaluation) confusion {
	var c confusion
	classes, total := len(e.Confusion), make([]int, len(e.Confusion)) // total images of each class
	worst := 0.0                                                      // colours of errors have their own scale, because errors are rare
	for t, row := range e.Confusion {
		for _, n := range row {
			total[t] += n
		}
		for k, n := range row {
			if k != t && n > 0 {
				pair := confused{t, k, n, share(n, total[t])}
				c.Common = append(c.Common, pair)
				worst = max(worst, pair.Rate)
			}
		}
	}
	slices.SortStableFunc(c.Common, func(a, b confused) int { return cmp.Compare(b.Count, a.Count) })
	c.Common = c.Common[:min(30, len(c.Common))]

	img := image.NewPaletted(image.Rect(0, 0, classes, classes), palette)
	for t, row := range e.Confusion {
		cells := make([]cell, classes)
		for k, n := range row {
			rate, opacity, paint := share(n, total[t]), 0.0, 0.0
			switch {
			case n == 0:
			case k == t:
				opacity, paint = 0.08+0.3*rate, -rate
			default:
				opacity, paint = 0.05+0.55*rate/worst, rate/worst
			}
			cells[k] = cell{n, rate, k == t, fmt.Sprintf("%.2f", opacity)}
			img.SetColorIndex(k, t, scale{1}.index(paint))
		}
		c.Table = append(c.Table, cells)
	}
	if classes > maxTable {
		c.Table = nil
		c.Picture = newPicture(img, max(1, 768/classes), "confusion matrix of %d classes: a row for each class, a column for each answer", classes)
	}
	return c
}
