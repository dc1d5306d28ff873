package models

import (
	"fmt"
	"strings"

	"numgrad/internal/npz"
	"numgrad/nn"
)

// readParams reads the four arrays of weights.
func readParams(f *npz.File) (*nn.Params, error) {
	w1, err := readArray(f, "W1", 2)
	if err != nil {
		return nil, err
	}
	b1, err := readArray(f, "b1", 1)
	if err != nil {
		return nil, err
	}
	w2, err := readArray(f, "W2", 2)
	if err != nil {
		return nil, err
	}
	b2, err := readArray(f, "b2", 1)
	if err != nil {
		return nil, err
	}
	for _, a := range []array{w1, b1, w2, b2} {
		if len(a.data) == 0 {
			return nil, f.Errorf("%v is empty", a)
		}
	}
	for _, pair := range [][2]array{{w1, b1}, {w2, b2}, {w1, w2}} {
		if err := fit(pair[0], pair[1]); err != nil {
			return nil, f.Errorf("%w", err)
		}
	}

	p := nn.NewParams(w1.shape[0], w2.shape[0], w2.shape[1])
	rest := p.Vector
	for _, a := range []array{w1, b1, w2, b2} {
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
