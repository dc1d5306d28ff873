package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/nn"
)

// Evaluation is how a net answers a set of images of K classes.
type Evaluation struct {
	Loss float64 // mean cross entropy, in nats

	// Confusion [K×K] has at [t][k] how many images of class t were taken for
	// one of class k.
	Confusion [][]int

	// Mistakes are the wrong answers. The first is the one with the largest
	// loss: that with the least probability for the right answer.
	Mistakes []Mistake
}

// Mistake is a wrong answer.
type Mistake struct {
	Image         int     // its index in the set
	Label, Answer int     // the class that it is of, and the most probable one
	PLabel        float64 // probability that the net gives to Label
	PAnswer       float64 // and to Answer
}

// smallestNormal is the smallest float64 that has all of its digits.
const smallestNormal = 0x1p-1022

// Evaluate asks net about each image of set. An answer that is not a number,
// as very large weights give it, is an error. Evaluate panics if the images do
// not have the size of the net's input, or a label is none of its classes.
func Evaluate(net *nn.Net, set *dataset.Set) (*Evaluation, error) {
	classes := net.Classes()
	e := &Evaluation{Confusion: make([][]int, classes)}
	for k := range e.Confusion {
		e.Confusion[k] = make([]int, classes)
	}
	all := make([]int, set.Len())
	for i := range all {
		all[i] = i
	}
	var batch dataset.Batch
	for indices := range slices.Chunk(all, 500) {
		set.Gather(&batch, indices)
		y := net.Predict(batch.X)
		for i, index := range indices {
			label, p := batch.T[i], y.RawRowView(i)
			if err := e.add(index, label, p); err != nil {
				return nil, err
			}
			loss := -math.Log(p[label])
			if p[label] < smallestNormal { // and not exact
				loss = net.Loss(batch.X.Slice(i, i+1, 0, set.Size()).(*mat.Dense), batch.T[i:i+1])
			}
			e.Loss += loss / float64(set.Len())
		}
	}
	slices.SortStableFunc(e.Mistakes, func(a, b Mistake) int { return cmp.Compare(a.PLabel, b.PLabel) })
	return e, nil
}

// add counts the answer p to an image, the probability of each class.
func (e *Evaluation) add(image, label int, p []float64) error {
	if floats.HasNaN(p) {
		return fmt.Errorf("the net's answer to test image %d is not a number: its weights are too large", image)
	}
	answer := floats.MaxIdx(p)
	e.Confusion[label][answer]++
	if answer != label {
		e.Mistakes = append(e.Mistakes, Mistake{image, label, answer, p[label], p[answer]})
	}
	return nil
}

// Images returns how many images are of class k.
func (e *Evaluation) Images(k int) int {
	n := 0
	for _, count := range e.Confusion[k] {
		n += count
	}
	return n
}

// Answers returns how many images were taken for one of class k.
func (e *Evaluation) Answers(k int) int {
	n := 0
	for _, row := range e.Confusion {
		n += row[k]
	}
	return n
}

// Total returns the number of images.
func (e *Evaluation) Total() int {
	n := 0
	for k := range e.Confusion {
		n += e.Images(k)
	}
	return n
}

// Accuracy returns the share, 0 to 1, of right answers.
func (e *Evaluation) Accuracy() float64 {
	return share(e.Total()-len(e.Mistakes), e.Total())
}

// Recall returns the share, 0 to 1, of the images of class k that were
// recognized: NaN if there are none.
func (e *Evaluation) Recall(k int) float64 { return share(e.Confusion[k][k], e.Images(k)) }

// Precision returns the share, 0 to 1, of the answers k that were right: NaN
// if there are none.
func (e *Evaluation) Precision(k int) float64 { return share(e.Confusion[k][k], e.Answers(k)) }

// share returns part/whole, and NaN for 0/0.
func share(part, whole int) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return float64(part) / float64(whole)
}
