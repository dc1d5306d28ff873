package loss

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// OneHot returns the labels t as rows with a one at the label and zeros
// elsewhere, [len(t)×classes]. It panics if t is empty or a label is not in
// 0…classes−1.
func OneHot(t []int, classes int) *mat.Dense {
	rows := mat.NewDense(len(t), classes, nil)
	checkLabels("OneHot", rows, t)
	for i, label := range t {
		rows.Set(i, label, 1)
	}
	return rows
}

// Indices returns the class index of each row of oneHot [N×K]. It returns an error
// if a row is not one 1 among zeros.
func Indices(oneHot *mat.Dense) ([]int, error) {
	n, _ := oneHot.Dims()
	t := make([]int, n)
	for i := range t {
		label := -1
		for k, v := range oneHot.RawRowView(i) {
			switch {
			case v == 0:
			case v == 1 && label < 0:
				label = k
			default:
				return nil, fmt.Errorf("loss: row %d is not one-hot: element %d is %v", i, k, v)
			}
		}
		if label < 0 {
			return nil, fmt.Errorf("loss: row %d is not one-hot: it has no 1", i)
		}
		t[i] = label
	}
	return t, nil
}
