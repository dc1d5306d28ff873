package models

import (
	"fmt"
	"strings"

	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/nn"
)

// ReadParams reads the weights W1, b1, W2, b2, … of a net of one layer or more.
// It returns an error that names the arrays if one is missing or empty, or if
// two do not fit together. Arrays with other names are ignored.
func ReadParams(f *npz.File) (*nn.Params, error) {
	if err := checkNames(f); err != nil {
		return nil, err
	}
	layers := max(1, f.Largest("W", "b"))
	arrays := make([]nn.Array, 2*layers) // W1, b1, W2, b2, …
	for i := range arrays {
		a := nn.Array{Name: fmt.Sprintf("%c%d", "Wb"[i%2], 1+i/2)}
		var err error
		if a.Data, a.Shape, err = f.Floats(a.Name); err != nil {
			return nil, err
		}
		if dims := 2 - i%2; len(a.Shape) != dims {
			return nil, f.Errorf("%s is not %d-dimensional", describe(a), dims)
		}
		if len(a.Data) == 0 {
			return nil, f.Errorf("%s is empty", describe(a))
		}
		arrays[i] = a
	}
	if err := checkShapes(arrays); err != nil {
		return nil, f.Errorf("%w", err)
	}

	sizes := []int{arrays[0].Shape[0]}
	for l := range layers {
		sizes = append(sizes, len(arrays[2*l+1].Data))
	}
	p := nn.NewParams(sizes...)
	for i, a := range p.Arrays() {
		copy(a.Data, arrays[i].Data)
	}
	return p, nil
}

// checkNames returns an error with advice if the arrays have PyTorch's names,
// such as fc1.weight: those matrices are also transposed.
func checkNames(f *npz.File) error {
	for _, name := range f.Names() {
		if layer, ok := strings.CutSuffix(name, ".weight"); ok && !f.Has("W1") {
			layer = input.Quote(layer)
			return f.Errorf("has no array \"W1\", but %s.weight, as PyTorch names it: save the weights as W1 = %[1]s.weight.T, b1 = %[1]s.bias and so on", layer)
		}
	}
	return nil
}

// checkShapes returns an error unless each W has as many columns as its b has
// elements and as the next W has rows.
func checkShapes(arrays []nn.Array) error {
	for i := 0; i < len(arrays); i += 2 {
		w, b := arrays[i], arrays[i+1]
		rows, columns := w.Shape[0], w.Shape[1]
		if b.Shape[0] != columns {
			return misfit(w, b, w, b.Shape[0] == rows)
		}
		if i+2 == len(arrays) {
			return nil
		}
		if next := arrays[i+2]; next.Shape[0] != columns {
			return misfit(w, next, next, next.Shape[1] == columns)
		}
	}
	return nil
}

func misfit(a, b, w nn.Array, transposed bool) error {
	err := fmt.Errorf("%s and %s do not fit together", describe(a), describe(b))
	if transposed {
		return fmt.Errorf("%w: is %s transposed, as Linear.weight of PyTorch is? Save its transpose, %[2]s.T", err, w.Name)
	}
	return err
}

// describe returns the name and shape, such as W1 [784×50].
func describe(a nn.Array) string { return a.Name + " " + number.Shape(a.Shape) }
