package gradcheck_test

import (
	"fmt"

	"numgrad/gradcheck"
)

// Three lines in a test: the loss, the parameters with the gradient of their
// backward pass, and the error of the report.
func ExampleCheck() {
	w := []float64{0.5, -1, 2}
	b := []float64{0.25}
	// The loss of one sample x = (1, 2, 3) with the target 1, and its gradient.
	loss := func() float64 {
		y := w[0] + 2*w[1] + 3*w[2] + b[0]
		return (y - 1) * (y - 1) / 2
	}
	residual := w[0] + 2*w[1] + 3*w[2] + b[0] - 1
	dw := []float64{residual, 2 * residual, 3 * residual}
	db := []float64{0} // forgotten

	report := gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: w, Gradient: dw}, {Name: "b", X: b, Gradient: db}}, nil)
	if err := report.Err(); err != nil {
		fmt.Println(err)
	}
	// Output: gradcheck: wrong: b: zero
}

// A report shows the worst elements by name, with their errors.
func ExampleReport() {
	w := []float64{1, 2, 3, 4, 5, 6} // [2×3]
	loss := func() float64 {
		sum := 0.0
		for _, v := range w {
			sum += v * v / 2
		}
		return sum
	}
	dw := []float64{1, 2, -3, 4, 5, -6}
	fmt.Print(gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: w, Gradient: dw, Shape: []int{2, 3}}}, nil))
	// Output:
	// wrong: w: w[0,2], w[1,2] alone: the sign is turned
	//
	//            checked  wrong  cannot tell  max diff  max rel  visible  verdict
	//   w [2×3]        6      2            0   1.2e+01  2.0e+00  2.3e-13    wrong
	// diff: |backprop − differences|; visible: the share of the gradient that may be wrong unseen; cannot tell: the bar is too wide
	//
	// w: w[0,2], w[1,2] alone: the sign is turned
	//   w[1,2]  backprop -6  differences 6  ± 0.0e+00 truncation  ± 1.3e-13 round-off  h = 1
	//   w[0,2]  backprop -3  differences 3  ± 0.0e+00 truncation  ± 2.5e-13 round-off  h = 0.5
}

// Of a large parameter a sample is checked, and directions over all of it.
func ExampleCheck_sample() {
	w := make([]float64, 1000)
	for i := range w {
		w[i] = float64(i%7) - 3
	}
	loss := func() float64 {
		sum := 0.0
		for _, v := range w {
			sum += v * v / 2
		}
		return sum
	}
	dw := append([]float64(nil), w...)
	dw[654] += 0.1

	report := gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: w, Gradient: dw}}, &gradcheck.Settings{Losses: 300})
	fmt.Println(report.Err())
	// Output: gradcheck: wrong: w: w[654] alone
}

// An objective that knows the losses of all displaced weights at once.
func ExampleSettings_changes() {
	w := []float64{1, 2, 3}
	loss := func() float64 { return (w[0]*w[0] + w[1]*w[1] + w[2]*w[2]) / 2 }
	changes := func(dst []float64, h float64) {
		for i, v := range w {
			dst[i] = h * (v + h/2) // ((v+h)² − v²) / 2
		}
	}
	report := gradcheck.Check(loss, []gradcheck.Param{{Name: "w", X: w, Gradient: []float64{1, 2, 3}}},
		&gradcheck.Settings{Changes: changes})
	fmt.Println(report.Err())
	// Output: <nil>
}
