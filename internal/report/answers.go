package report

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"numgrad/dataset"
)

// maxTable is the most classes whose confusion matrix is a table of numbers;
// that of more is a picture, beside a list of the most frequent confusions.
const maxTable = 20

// confusion is the matrix: rows are what images are, columns what they were
// taken for.
type confusion struct {
	Table   [][]cell // nil if there are too many classes
	Picture picture  // instead of it
	Common  []confused
}

type cell struct {
	Count   int
	Rate    float64 // share of the images of the row's class
	Right   bool
	Opacity string // of the cell's colour, 0 to 1
}

// Most is the list of the most frequent confusions.
func (c confusion) Most() []confused { return c.Common[:min(30, len(c.Common))] }

// confused says how often images of one class were taken for another.
type confused struct {
	Label, Answer, Count int
	Rate                 float64 // share of the images of class Label
}

func newConfusion(e *Evaluation) confusion {
	c := confusion{Common: commonConfusions(e)}
	classes := len(e.Confusion)
	// Errors are rare, so their colours have a scale of their own.
	worst := 0.0
	for _, pair := range c.Common {
		worst = math.Max(worst, pair.Rate)
	}
	if classes > maxTable {
		c.Picture = confusionPicture(e, worst)
		return c
	}
	for t, row := range e.Confusion {
		cells := make([]cell, classes)
		for k, n := range row {
			rate := share(n, e.Images(t))
			opacity := 0.0
			switch {
			case k == t && n > 0:
				opacity = 0.08 + 0.3*rate
			case n > 0:
				opacity = 0.05 + 0.55*rate/worst
			}
			cells[k] = cell{n, rate, k == t, fmt.Sprintf("%.2f", opacity)}
		}
		c.Table = append(c.Table, cells)
	}
	return c
}

// commonConfusions returns the pairs of classes that were confused, the most
// frequent first.
func commonConfusions(e *Evaluation) []confused {
	var pairs []confused
	for t, row := range e.Confusion {
		for k, n := range row {
			if k != t && n > 0 {
				pairs = append(pairs, confused{t, k, n, share(n, e.Images(t))})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b confused) int { return cmp.Compare(b.Count, a.Count) })
	return pairs
}

// confusionPicture paints the rates: right answers in blue, up to all, and
// wrong ones in red, up to the worst.
func confusionPicture(e *Evaluation, worst float64) picture {
	classes := len(e.Confusion)
	img := image.NewPaletted(image.Rect(0, 0, classes, classes), palette)
	for t, row := range e.Confusion {
		images := e.Images(t)
		for k, n := range row {
			v := 0.0
			switch {
			case n == 0:
			case k == t:
				v = -share(n, images)
			default:
				v = share(n, images) / worst
			}
			img.SetColorIndex(k, t, scale{1}.index(v))
		}
	}
	return newPicture(img, max(1, 768/classes), "confusion matrix of %d classes: a row for what images are, a column for what they were taken for", classes)
}

// classes is precision and recall of each class. In the page both are dots on
// a strip that goes from From percent to 100.
type classes struct {
	From int
	Rows []class
	Many bool // too many to be shown unasked
}

type class struct {
	Class, Images, Answers, Right int
	Precision, Recall             float64
	PrecisionAt, RecallAt         float64 // on the strip, 0 to 1000
}

func newClasses(e *Evaluation) classes {
	lowest := 0.95
	for k := range e.Confusion {
		for _, v := range []float64{e.Precision(k), e.Recall(k)} {
			if v < lowest { // not NaN
				lowest = v
			}
		}
	}
	c := classes{From: 5 * int(20*lowest), Many: len(e.Confusion) > maxTable}
	at := func(v float64) float64 { return math.Round(1000 * (100*v - float64(c.From)) / (100 - float64(c.From))) }
	for k := range e.Confusion {
		precision, recall := e.Precision(k), e.Recall(k)
		c.Rows = append(c.Rows, class{k, e.Images(k), e.Answers(k), e.Confusion[k][k], precision, recall, at(precision), at(recall)})
	}
	return c
}

// mistake is a test image with the answer to it.
type mistake struct {
	Mistake
	picture
}

// worstMistakes returns the first 40 mistakes of e.
func worstMistakes(e *Evaluation, set *dataset.Set) []mistake {
	worst := make([]mistake, min(40, len(e.Mistakes)))
	for i := range worst {
		m := e.Mistakes[i]
		worst[i] = mistake{m, newPicture(ink(set, m.Image), maxZoom(set), "test image %d, a %d", m.Image, m.Label)}
	}
	return worst
}
