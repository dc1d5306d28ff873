package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
)

// readCase reads the weights, x and t.
func readCase(path string) (*problem, error) {
	m, err := models.Load(path)
	if err != nil {
		return nil, err
	}
	f, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()

	inputs, _, classes := m.Sizes()
	x, shape, err := f.Floats("x")
	if err != nil {
		return nil, err
	}
	if len(shape) != 2 || shape[0] < 1 || shape[1] != inputs {
		return nil, f.Errorf("x has shape %v, want [N %d] as W1 has %d rows", shape, inputs, inputs)
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, f.Errorf("x[%d,%d] is %v, want a finite number", i/inputs, i%inputs, v)
		}
	}
	t, err := readLabels(f, shape[0], classes)
	if err != nil {
		return nil, err
	}
	p := &problem{net: &nn.TwoLayer{Params: m.Params}}
	p.batch.X, p.batch.T = mat.NewDense(shape[0], inputs, x), t
	return p, nil
}

// readLabels reads t: class indices, or one-hot rows.
func readLabels(f *npz.File, rows, classes int) ([]int, error) {
	dtype, shape, err := f.Describe("t")
	if err != nil {
		return nil, err
	}
	var t []int
	if strings.HasPrefix(dtype, "float") {
		var values []float64
		if values, _, err = f.Floats("t"); err == nil {
			t, err = whole(f, values)
		}
	} else {
		t, _, err = f.Ints("t")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case slices.Equal(shape, []int{rows, classes}):
		return indices(f, t, classes)
	case !slices.Equal(shape, []int{rows}):
		return nil, f.Errorf("t has shape %v, want [%d] class indices or [%d %d] one-hot", shape, rows, rows, classes)
	}
	for i, label := range t {
		if label < 0 || label >= classes {
			return nil, f.Errorf("t[%d] is %d, want a class of 0…%d", i, label, classes-1)
		}
	}
	return t, nil
}

// whole turns numbers without a fraction into integers.
func whole(f *npz.File, values []float64) ([]int, error) {
	t := make([]int, len(values))
	for i, v := range values {
		if v != math.Trunc(v) || math.Abs(v) > 1<<31 {
			return nil, f.Errorf("t holds %v, want class indices or one-hot rows", v)
		}
		t[i] = int(v)
	}
	return t, nil
}

// indices returns where the one of each one-hot row is.
func indices(f *npz.File, oneHot []int, classes int) ([]int, error) {
	var t []int
	for i := range len(oneHot) / classes {
		row := oneHot[i*classes:][:classes]
		label := slices.Index(row, 1)
		for k, v := range row {
			if label < 0 || v != 0 && k != label {
				return nil, f.Errorf("row %d of t is %v, want one 1 and zeros", i, row)
			}
		}
		t = append(t, label)
	}
	return t, nil
}

// against reads a gradient for params, and returns those of them that it has,
// with the precision that it was computed in.
func against(path string, params []grad.Param) (has []grad.Param, missing []string, precision float64, err error) {
	f, err := npz.Open(path)
	if err != nil {
		return nil, nil, 0, err
	}
	defer f.Close()
	precision = grad.Float64
	for _, p := range params {
		if !f.Has(p.Name) {
			missing = append(missing, p.Name)
			continue
		}
		dtype, _, err := f.Describe(p.Name)
		if err != nil {
			return nil, nil, 0, err
		}
		if dtype == "float32" {
			precision = grad.Float32
		}
		data, shape, err := f.Floats(p.Name)
		if err != nil {
			return nil, nil, 0, err
		}
		want := p.Shape
		if want == nil {
			want = []int{len(p.X)}
		}
		if !slices.Equal(shape, want) {
			return nil, nil, 0, misfit(f, p.Name, shape, want)
		}
		p.Gradient = data
		has = append(has, p)
	}
	if has == nil {
		return nil, nil, 0, f.Errorf("has none of W1, b1, W2 and b2, only %s", strings.Join(f.Names(), " "))
	}
	return has, missing, precision, nil
}

func misfit(f *npz.File, name string, shape, want []int) error {
	err := fmt.Sprintf("%s has shape %v, want %v as the case's %s", name, shape, want, name)
	if len(shape) == 2 && slices.Equal([]int{shape[1], shape[0]}, want) {
		err += ": save its transpose, .T (PyTorch keeps Linear.weight so)"
	}
	return f.Errorf("%w", errors.New(err))
}
