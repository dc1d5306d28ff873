package numbers_test

import (
	"fmt"
	"os"

	"numgrad/chapter4"
	"numgrad/chapter4/numbers"
)

// Section 4.5, with the training that ships.
func ExampleSaved() {
	numerical, backprop, err := numbers.Saved()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, run := range []chapter4.Run{numerical, backprop} {
		last := run.Log[len(run.Log)-1]
		fmt.Printf("epoch %d: train acc, test acc | %.4f, %.4f\n", last.Epoch, last.TrainAcc, last.TestAcc)
	}
	// Output:
	// epoch 17: train acc, test acc | 0.9485, 0.9463
	// epoch 17: train acc, test acc | 0.9485, 0.9463
}

func ExampleWriteTable() {
	rows := []numbers.Row{{
		Section: "4.3.2", What: "numerical_diff(function_1, 5)",
		Printed: "0.1999999999990898",
		Ours:    []float64{chapter4.NumericalDiff(chapter4.Function1, 5)},
	}, {
		Section: "4.4.1", What: "minimum, nearly", Printed: "[0., 0.]",
		Published: []float64{0, 0}, Ours: []float64{1e-9, 0.5},
		Within: 1e-8, Note: "An example of a wrong number.",
	}}
	if err := numbers.WriteTable(os.Stdout, rows); err != nil {
		fmt.Println(err)
	}
	// Output:
	//                                        the book prints     its code gives  ours                agree
	// 4.3.2  numerical_diff(function_1, 5)  0.1999999999990898                  0.1999999999990898  all digits
	// 4.4.1  minimum, nearly                0.                  0               1e-09               NO [1]
	//                                       0.                  0               0.5
	// [1] An example of a wrong number.
}
