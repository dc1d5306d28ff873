package models

import (
	"fmt"
	"strings"

	"numgrad/internal/npz"
	"numgrad/nn"
)

// readParams reads the four arrays of weights.
func readParams(f *npz.File) (*nn.Params, error) {
	var arrays []array
	for l := 1; l <= 2 || f.Has(fmt.Sprintf("W%d", l)); l++ {
		w, err := readArray(f, fmt.Sprintf("W%d", l), 2)
		if err != nil {
			return nil, err
		}
		b, err := readArray(f, fmt.Sprintf("b%d", l), 1)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, w, b)
	}
	for _, a := range arrays {
		if len(a.data) == 0 {
			return nil, f.Errorf("%v is empty", a)
		}
	}
	sizes := []int{arrays[0].shape[0]}
	for i := 0; i < len(arrays); i += 2 {
		w, b := arrays[i], arrays[i+1]
		if err := fit(w, b); err != nil {
			return nil, f.Errorf("%w", err)
		}
		if i+2 < len(arrays) {
			if err := fit(w, arrays[i+2]); err != nil {
				return nil, f.Errorf("%w", err)
			}
		}
		sizes = append(sizes, len(b.data))
	}

	p := nn.NewParams(sizes...)
	rest := p.Vector
	for _, a := range arrays {
		rest = rest[copy(rest, a.data):]
	}
	return p, nil
}

// array is one array of a file.
type array struct {
	name  string
	data  []float64
	shape []int
}

// String returns the name and shape, such as W1 [784×50].
func (a array) String() string {
	return a.name + " " + strings.ReplaceAll(fmt.Sprint(a.shape), " ", "×")
}

func readArray(f *npz.File, name string, dims int) (array, error) {
	data, shape, err := f.Floats(name)
	if err != nil {
		return array{}, err
	}
	a := array{name, data, shape}
	if len(shape) != dims {
		return a, f.Errorf("%v is not %d-dimensional", a, dims)
	}
	return a, nil
}

// fit returns an error unless weights have as many columns as what comes after
// them has rows.
func fit(weights, next array) error {
	rows, columns := weights.shape[0], weights.shape[1]
	if next.shape[0] == columns {
		return nil
	}
	err := fmt.Errorf("%v and %v do not fit together", weights, next)
	if next.shape[0] == rows && len(next.shape) == 1 {
		err = fmt.Errorf("%w: is %s transposed, as Linear.weight of PyTorch is?", err, weights.name)
	}
	return err
}
