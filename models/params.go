package models

import (
	"fmt"
	"strings"

	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/nn"
)

// readParams reads the weights: W1, b1, W2, b2 and what follows them.
func readParams(f *npz.File) (*nn.Params, error) {
	if err := checkNames(f); err != nil {
		return nil, err
	}
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

// checkNames returns an error that says what to do with the arrays of a PyTorch
// net, such as fc1.weight, which have other names and are transposed.
func checkNames(f *npz.File) error {
	for _, name := range f.Names() {
		if layer, ok := strings.CutSuffix(name, ".weight"); ok && !f.Has("W1") {
			layer = input.Quote(layer)
			return f.Errorf("has no array \"W1\", but %s.weight, as PyTorch names it: save the weights as W1 = %[1]s.weight.T, b1 = %[1]s.bias and so on", layer)
		}
	}
	return nil
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
			return transposed(w, b, w)
		default:
			return misfit(w, b)
		}
		if i+2 == len(arrays) || arrays[i+2].shape[0] == columns {
			continue
		}
		if next := arrays[i+2]; next.shape[1] == columns {
			return transposed(w, next, next)
		}
		return misfit(w, arrays[i+2])
	}
	return nil
}

func transposed(a, b, w array) error {
	return fmt.Errorf("%w: is %s transposed, as Linear.weight of PyTorch is? Save its transpose, %[2]s.T", misfit(a, b), w.name)
}

func misfit(a, b array) error { return fmt.Errorf("%v and %v do not fit together", a, b) }
