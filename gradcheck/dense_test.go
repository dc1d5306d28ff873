package gradcheck_test

import (
	"fmt"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/gradcheck"
)

// The weights of a layer, in the columns 1 and 2 of a larger matrix.
func ExampleDense() {
	all := mat.NewDense(2, 4, []float64{
		0, 1, 2, 0,
		0, 3, 4, 0,
	})
	w := all.Slice(0, 2, 1, 3).(*mat.Dense)
	loss := func() float64 { return w.At(0, 0)*w.At(1, 1) + w.At(0, 1)*w.At(1, 0) }
	dw := mat.NewDense(2, 2, []float64{4, 3, 2, -1})

	fmt.Println(gradcheck.Check(loss, []gradcheck.Param{gradcheck.Dense("w", w, dw)}, nil).Err())
	// Output: gradcheck: wrong: w: w[1,1] alone
}

// Strides do not change the verdict, and all bits of the larger matrix are as
// before.
func TestDense(t *testing.T) {
	whole := mat.NewDense(5, 7, nil)
	for i := range whole.RawMatrix().Data {
		whole.RawMatrix().Data[i] = float64(i) / 10
	}
	saved := slices.Clone(whole.RawMatrix().Data)
	gradients := mat.NewDense(5, 7, nil)
	for _, at := range [][4]int{{0, 5, 0, 7}, {1, 4, 2, 6}, {0, 5, 6, 7}, {4, 5, 0, 3}} {
		x := whole.Slice(at[0], at[1], at[2], at[3]).(*mat.Dense)
		g := gradients.Slice(at[0], at[1], at[2], at[3]).(*mat.Dense)
		g.Apply(func(i, j int, v float64) float64 { return float64(1+i+10*j) * v * v }, x)
		loss := func() float64 {
			sum := 0.0
			rows, cols := x.Dims()
			for i := range rows {
				for j := range cols {
					v := x.At(i, j)
					sum += float64(1+i+10*j) * v * v * v / 3
				}
			}
			return sum
		}
		check := func() *gradcheck.Report {
			return gradcheck.Check(loss, []gradcheck.Param{gradcheck.Dense("x", x, g)}, nil)
		}
		if r := check(); r.Err() != nil {
			t.Errorf("%v: %v", at, r)
		}
		g.Set(0, 0, g.At(0, 0)+1)
		if r := check(); r.Err() == nil || r.Params[0].Wrong != 1 || r.Params[0].ElementName(r.Params[0].Worst(1)[0]) != "x[0,0]" {
			t.Errorf("%v, with x[0,0] wrong: %v", at, r)
		}
		if !slices.Equal(whole.RawMatrix().Data, saved) {
			t.Fatalf("%v: the matrix has changed", at)
		}
	}
	defer func() {
		if recover() != mat.ErrShape {
			t.Error("no panic for two shapes")
		}
	}()
	gradcheck.Dense("x", whole, mat.NewDense(7, 5, nil))
}
