package main

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/gradcheck"
	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/loss"
	"numgrad/nn"
)

// readCase reads the case, and the gradient if one is named.
func (o *options) readCase() (*subject, error) {
	if o.out != "" {
		if err := checkOut(o.out); err != nil {
			return nil, err
		}
	}
	f, err := npz.Open(o.casePath)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &subject{about: input.Quote(o.casePath), precision: o.precision}
	x, err := readArray(f, "x", anySize, anySize)
	if err != nil {
		return nil, err
	}
	samples, inputs := x.shape[0], x.shape[1]
	s.x = mat.NewDense(samples, inputs, x.data)
	weights, err := readWeights(f, inputs)
	if err != nil {
		return nil, err
	}
	s.net = &nn.Net{Params: weights, Activation: o.activation, BookLoss: o.book}
	if s.t, err = readLabels(f, samples, s.net.Classes()); err != nil {
		return nil, err
	}
	return s, s.readGradient(o.against)
}

// readWeights reads the weights of a net with the given number of inputs, of as
// many layers as the file has. How many units a layer has is seen from its
// biases: a matrix may be transposed.
func readWeights(f *npz.File, inputs int) (*nn.Params, error) {
	sizes := []int{inputs}
	var biases []array
	for l := range max(1, f.Largest("W", "b")) {
		if _, _, err := f.Describe(fmt.Sprint("W", l+1)); err != nil { // it is missing
			return nil, err
		}
		b, err := readArray(f, fmt.Sprint("b", l+1), anySize)
		if err != nil {
			return nil, err
		}
		biases = append(biases, b)
		sizes = append(sizes, len(b.data))
	}
	p := nn.NewParams(sizes...)
	known := []string{"x", "t"}
	rest := p.Vector
	for l, b := range biases {
		name := fmt.Sprint("W", l+1)
		w, err := readArray(f, name, sizes[l], sizes[l+1])
		if err != nil {
			return nil, err
		}
		rest = rest[copy(rest, w.data):]
		rest = rest[copy(rest, b.data):]
		known = append(known, name, fmt.Sprint("b", l+1))
	}
	return p, refuseOthers(f, known)
}

// refuseOthers returns an error if the file has an array that would be ignored.
func refuseOthers(f *npz.File, known []string) error {
	for _, name := range f.Names() {
		if !slices.Contains(known, name) {
			return f.Errorf("has the array %.60q, which is not known: want %s", name, strings.Join(known, " "))
		}
	}
	return nil
}

// readLabels reads t, class indices [N] or one-hot rows [N×K].
func readLabels(f *npz.File, samples, classes int) ([]int, error) {
	_, shape, err := f.Describe("t")
	if err != nil {
		return nil, err
	}
	indices, oneHot := []int{samples}, []int{samples, classes}
	if !slices.Equal(shape, indices) && !slices.Equal(shape, oneHot) {
		return nil, f.Errorf("t is %s, want %s, class indices, or %s, one-hot", number.Shape(shape), number.Shape(indices), number.Shape(oneHot))
	}
	a, err := readArray(f, "t", shape...)
	if err != nil {
		return nil, err
	}
	if len(shape) == 2 {
		t, err := loss.Indices(mat.NewDense(samples, classes, a.data))
		if err != nil {
			return nil, f.Errorf("t: %w", err)
		}
		return t, nil
	}
	t := make([]int, samples)
	for i, v := range a.data {
		t[i] = int(v)
		if t[i] < 0 || t[i] >= classes || float64(t[i]) != v {
			return nil, f.Errorf("t[%d] is %v, want a class index in 0…%d", i, v, classes-1)
		}
	}
	return t, nil
}

// readGradient reads the gradient in the file at path, or none if path is "".
func (s *subject) readGradient(path string) error {
	s.gradient = nn.NewParams(s.net.Sizes()...)
	params := paired(s.net.Params, s.gradient)
	if path == "" {
		for _, param := range params {
			s.missing = append(s.missing, param.Name)
		}
		return nil
	}
	f, err := npz.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	precision := gradcheck.Float64
	known := []string{"meta"} // of what -out has written
	for _, param := range params {
		known = append(known, param.Name)
		if !f.Has(param.Name) {
			s.missing = append(s.missing, param.Name)
			continue
		}
		a, err := readNumbers(f, param.Name, shapeOf(param)...)
		if err != nil {
			return err
		}
		copy(param.Gradient, a.data)
		if a.dtype == "float32" {
			precision = gradcheck.Float32
		}
	}
	if len(s.missing) == len(params) {
		return f.Errorf("has no gradient: it has the arrays %.300q, want %s, or some of them", strings.Join(f.Names(), " "), strings.Join(known[1:], ", "))
	}
	if err := refuseOthers(f, known); err != nil {
		return err
	}
	if s.precision == 0 {
		s.precision = precision
	}
	if len(s.missing) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s: has no %s: not checked", input.Quote(path), strings.Join(s.missing, ", ")))
	}
	return nil
}

func shapeOf(p gradcheck.Param) []int {
	if p.Shape == nil {
		return []int{len(p.X)}
	}
	return p.Shape
}
