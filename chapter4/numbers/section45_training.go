package numbers

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"numgrad/chapter4"
	"numgrad/nn"
)

// spreads are the standard deviations of the accuracies over the seeds 1 to 8,
// for the training or the test images, whichever is larger.
var spreads = []struct {
	epoch     int
	deviation float64
}{{1, 0.008}, {16, 0.0012}}

// TrainingRows returns the accuracies of a training after the first epoch and
// after the 16th, the last that the book's notebook knows. The book's are those
// of one step later.
func TrainingRows(run chapter4.Run) []Row {
	note := fmt.Sprintf("Other random weights and mini-batches: over eight seeds, the accuracies have a standard deviation "+
		"of up to %v after 1 epoch and %v after 16. Two trainings should be within 3√2 times that.",
		spreads[0].deviation, spreads[1].deviation)
	curve := published(publishedCurve)
	var rows []Row
	for _, at := range spreads {
		if len(run.Log) < at.epoch {
			continue
		}
		e := run.Log[at.epoch-1]
		rows = append(rows, Row{
			Section: "4.5.3", What: fmt.Sprintf("train acc, test acc after %d steps, its code after %d steps", 600*at.epoch, 600*at.epoch+1),
			Published: curve[2*at.epoch : 2*at.epoch+2],
			Ours:      []float64{e.TrainAcc, e.TestAcc},
			Within:    3 * math.Sqrt2 * at.deviation,
			Note:      note,
		})
	}
	return rows
}

func shapeRows() []Row {
	net := nn.NewParams(784, 100, 10)
	shape := func(name, printed string, ours ...int) Row {
		row := Row{Section: "4.5.1", What: "net.params['" + name + "'].shape", Printed: printed}
		for _, n := range ours {
			row.Ours = append(row.Ours, float64(n))
		}
		return row
	}
	dims := func(m mat.Matrix) []int {
		r, c := m.Dims()
		return []int{r, c}
	}
	return []Row{
		shape("W1", "(784, 100)", dims(net.Layers[0].W)...),
		shape("b1", "(100,)", len(net.Layers[0].B)),
		shape("W2", "(100, 10)", dims(net.Layers[1].W)...),
		shape("b2", "(10,)", len(net.Layers[1].B)),
	}
}

const publishedCurve = "train acc, test acc at iterations 0, 600, ... 9600 of the published notebook (figure 4-12; its random draws, not ours: compare the curve)"

// NotebookTestAcc returns the accuracies on the test images that the book's
// published notebook shows (figure 4-12). The book's script measures after a
// step: after the first one, and after each of 16 epochs more.
func NotebookTestAcc() []float64 {
	var testAcc []float64
	for pair := range slices.Chunk(published(publishedCurve), 2) {
		testAcc = append(testAcc, pair[1])
	}
	return testAcc
}
