package models

import (
	"fmt"
	"strings"

	"numgrad/internal/npz"
	"numgrad/nn"
)

// readParams reads the weights: W1, b1, W2, b2 and what follows them.
func readParams(f *npz.File) (*nn.Params, error) {
	layers := max(2, f.Largest("W", "b"))
	arrays := make([]array, 0, 2*layers)
	for l := 1; l <= layers; l++ {
		w, err := readArray(f, fmt.Sprintf("W%d", l), 2)
		if err != nil {
			return nil, err
		}
		b, err := readArray(f, fmt.Sprintf("b%d", l), 1)
		if err != nil {
			return nil, err
		}
		for _, a := range []array{w, b} {
			if len(a.data) == 0 {
				return nil, f.Errorf("%v is empty", a)
			}
		}
		arrays = append(arrays, w, b)
	}
	if err := fit(arrays); err != nil {
		return nil, f.Errorf("%w", err)
	}

	sizes := []int{arrays[0].shape[0]}
	for l := range layers {
		sizes = append(sizes, len(arrays[2*l+1].data))
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

// fit returns an error unless each W of W1, b1, W2, b2, … has as many columns
// as its b has elements, and as the next W has rows.
func fit(arrays []array) error {
	for i := 0; i < len(arrays); i += 2 {
		w, b := arrays[i], arrays[i+1]
		rows, columns := w.shape[0], w.shape[1]
		switch {
		case b.shape[0] == columns:
		case b.shape[0] == rows:
			return fmt.Errorf("%v and %v do not fit together: is %s transposed, as Linear.weight of PyTorch is? Save its transpose, %[3]s.T", w, b, w.name)
		default:
			return misfit(w, b)
		}
		if i+2 < len(arrays) && arrays[i+2].shape[0] != columns {
			return misfit(w, arrays[i+2])
		}
	}
	return nil
}

func misfit(a, b array) error { return fmt.Errorf("%v and %v do not fit together", a, b) }
