package numbers

import (
	"numgrad/chapter4"
	"numgrad/dataset"
)

// The two answers of section 4.2, and the label, 2.
var (
	right = []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}
	wrong = []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	label = []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
)

func lossRows() []Row {
	return []Row{
		{
			Section: "4.2.1", What: "sum_squared_error, 2 is likely",
			Printed:   "0.097500000000000031",
			Published: published("sum_squared_error, t = one-hot of 2, y peaks at 2"),
			Ours:      []float64{chapter4.SumSquaredError(right, label)},
		}, {
			Section: "4.2.1", What: "sum_squared_error, 7 is likely",
			Printed:   "0.59750000000000003",
			Published: published("sum_squared_error, t = one-hot of 2, y peaks at 7"),
			Ours:      []float64{chapter4.SumSquaredError(wrong, label)},
			Note:      "The terms are added in the order of np.sum; one after the other they give 0.5974999999999999.",
		}, {
			Section: "4.2.2", What: "cross_entropy_error, 2 is likely",
			Printed:   "0.51082545709933802",
			Published: published("cross_entropy_error (with 1e-7), y peaks at 2"),
			Ours:      []float64{chapter4.CrossEntropyError(right, label)},
			Within:    ulpOfLog,
		}, {
			Section: "4.2.2", What: "cross_entropy_error, 7 is likely",
			Printed:   "2.3025840929945458",
			Published: published("cross_entropy_error (with 1e-7), y peaks at 7"),
			Ours:      []float64{chapter4.CrossEntropyError(wrong, label)},
			Within:    ulpOfLog,
			Note:      "The published code ran on NumPy 1.24, whose logarithm is here one unit in the last place from the nearest number.",
		},
	}
}

// ulpOfLog is the unit in the last place of numbers from 2 to 4: no logarithm
// of a library is promised to be closer.
const ulpOfLog = 0x1p-51

// ImageRows returns the shapes of the training images (section 4.2.3).
func ImageRows(images *dataset.Set) []Row {
	n := float64(images.Len())
	return []Row{
		{Section: "4.2.3", What: "x_train.shape", Printed: "(60000, 784)", Ours: []float64{n, float64(images.Size())}},
		{Section: "4.2.3", What: "t_train.shape", Printed: "(60000, 10)", Ours: []float64{n, float64(images.Classes)}},
	}
}
