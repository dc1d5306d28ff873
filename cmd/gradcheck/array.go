package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"numgrad/internal/npz"
	"numgrad/internal/number"
)

// array is an array of a file, in row-major order.
type array struct {
	dtype string
	data  []float64
	shape []int
}

// anySize stands for any size from one on where a shape is wanted.
const anySize = -1

// readArray reads an array as readNumbers does. A number that is not finite is
// an error.
func readArray(f *npz.File, name string, shape ...int) (array, error) {
	a, err := readNumbers(f, name, shape...)
	if err != nil {
		return a, err
	}
	for i, v := range a.data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return a, f.Errorf("%s%v is %v, want a finite number", name, number.Index(i, a.shape), v)
		}
	}
	return a, nil
}

// readNumbers reads an array of the given shape, of floats or integers.
func readNumbers(f *npz.File, name string, shape ...int) (a array, err error) {
	if a.dtype, a.shape, err = f.Describe(name); err != nil {
		return a, err
	}
	if !fits(a.shape, shape) {
		err := f.Errorf("%s is %s, want %s", name, number.Shape(a.shape), number.Shape(shape))
		if len(a.shape) == 2 && fits([]int{a.shape[1], a.shape[0]}, shape) {
			err = fmt.Errorf("%w: is it transposed, as Linear.weight of PyTorch is?", err)
		}
		return a, err
	}
	if strings.Contains(a.dtype, "int") || a.dtype == "bool" {
		integers, _, err := f.Ints(name)
		a.data = make([]float64, len(integers))
		for i, v := range integers {
			a.data[i] = float64(v)
		}
		return a, err
	}
	a.data, _, err = f.Floats(name)
	return a, err
}

func fits(got, want []int) bool {
	return slices.EqualFunc(got, want, func(g, w int) bool { return g == w || w == anySize && g > 0 })
}
